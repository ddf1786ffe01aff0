'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { makeSessions } = require('../../../tools/benchmark/sessions');
const { WireLimit } = require('../../../tools/benchmark/wire');
const { hostOf } = require('../../support/relay');
const { mongoUri, testClient, uniqueName } = require('../../support/server');

const ROOT = path.join(__dirname, '..', '..', '..');
const SIDS = 40;

/** The unoptimized program, which the Rust tests have built anyway. */
function program() {
  const args = ['build', '--locked', '--example', 'wire', '--message-format=json'];
  const output = execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });
  const artifacts = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return artifacts.find(({ target, executable }) => target?.name === 'wire' && executable).executable;
}

describe('the wire limit', function() {
  this.timeout(300_000);
  const place = { database: uniqueName('wire'), collection: 'sessions' };
  const plan = { warmupMs: 5, measureMs: 300 };
  let client;
  let limit;

  before(async () => {
    client = await testClient();
    const { host, port } = hostOf(await mongoUri());
    limit = new WireLimit(program(), `${host}:${port}`, place, makeSessions(300, SIDS));
    await limit.fill(client);
  });

  after(async () => {
    limit?.stop();
    await client.db(place.database).dropDatabase();
  });

  for (const operation of ['get', 'set', 'touch', 'mix80']) {
    for (const batched of [false, true]) {
      it(`counts what the server did: ${operation}, ${batched ? 'batched' : 'one operation in a message'}`, async () => {
        const { operations, opsPerSecond } = await limit.measure({ operation, concurrency: 8, batched, seed: 1 }, plan);
        assert.ok(operations > 0 && opsPerSecond > 0, JSON.stringify({ operations, opsPerSecond }));
        assert.equal(await client.db(place.database).collection('sessions').countDocuments(), SIDS);
      });
    }
  }

  it('writes what stores write', async () => {
    await limit.measure({ operation: 'set', concurrency: 4, batched: true, seed: 1 }, plan);
    for (const { _id, session, expires, ...rest } of await client.db(place.database).collection('sessions').find().toArray()) {
      assert.equal(session.visitor, limit.made.sids.indexOf(_id));
      assert.deepEqual(session.cookie.expires, expires);
      assert.deepEqual(rest, {});
    }
  });

  it('does not count what the server refused', async () => {
    const elsewhere = new WireLimit(limit.program, limit.address, { ...place, collection: 'none' }, limit.made);
    try {
      await assert.rejects(elsewhere.measure({ operation: 'get', concurrency: 1, batched: false, seed: 1 }, plan), /0 of 1 operations were done/);
    } finally {
      elsewhere.stop();
    }
  });
});
