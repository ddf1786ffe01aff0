'use strict';

/** Runs every code block of the README. */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { OUTPUT, quickStart, runnable } = require('../../../scripts/test-package/quick-start');
const { Page, ROOT } = require('../../support/markdown');
const { useWitness } = require('../../support/witness');

const manifest = require('../../../package.json');

const page = new Page('README.md');
const block = (text) => page.block(text);

/** Runs code in a module of its own, in this package, and returns what it prints. */
function run(code, env = {}) {
  const directory = fs.mkdtempSync(path.join(ROOT, 'node_modules', '.readme-'));
  try {
    const file = path.join(directory, 'example.js');
    fs.writeFileSync(file, code.replaceAll("require('connect-mongodb-session')", `require(${JSON.stringify(ROOT)})`));
    return execFileSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 30_000 });
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

describe('README', () => {
  const witness = useWitness('readme');

  const open = () => `
    const session = require('express-session');
    const MongoDBStore = require('connect-mongodb-session')(session);
    const store = new MongoDBStore({ uri: ${JSON.stringify(witness.uri)} });
  `;

  it('quick start: the application counts views and the session is in MongoDB', async () => {
    assert.equal(block('app.listen(3000)'), quickStart());
    assert.equal(run(runnable(witness.uri)).trim(), OUTPUT);
    const stored = await witness.db.collection('sessions').findOne({});
    assert.equal(stored.session.views, 2);
  });

  it('methods: the collection logs a user out and lists users', () => {
    const code = block('deleteMany').replace('await store.client.close();', 'console.log(users); $&');
    const output = run(`${open()}
      (async () => {
        await store.set('a', { cookie: {}, user: 'ada' });
        await store.set('b', { cookie: {}, user: 'bob' });
        ${code}
      })();`);
    assert.equal(output.trim(), "[ 'bob' ]");
  });

  it('events: the error listener tells that MongoDB is away', () => {
    const output = run(`
      const session = require('express-session');
      const MongoDBStore = require('connect-mongodb-session')(session);
      console.error = console.log;
      const store = new MongoDBStore({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100' }, () => {});
      ${block('error.cause?.name')}`);
    assert.equal(output.trim(), 'MongoDB is away: Error connecting to db: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('Cosmos: the store is constructed with those options', () => {
    const code = block("expiresKey: '_ts'").replace('documents.azure', 'example').replace('maxIdleTimeMS=120000', '$&&serverSelectionTimeoutMS=50');
    const output = run(`
      const session = require('express-session');
      const MongoDBStore = require('connect-mongodb-session')(session);
      process.on('unhandledRejection', () => {});
      ${code}
      const { replicaSet, retryWrites, tls, maxIdleTimeMS, appName } = store.client.options;
      console.log(JSON.stringify({ replicaSet, retryWrites, tls, maxIdleTimeMS, appName, key: store.options.expiresKey }));`);
    assert.deepEqual(JSON.parse(output), {
      replicaSet: 'globaldb',
      retryWrites: false,
      tls: true,
      maxIdleTimeMS: 120000,
      appName: '@cosmosdb-name@',
      key: '_ts'
    });
  });

  it('TypeScript: the example compiles', () => {
    const code = block("import session from 'express-session'");
    // Inside the package, so that its development dependencies are found.
    const directory = fs.mkdtempSync(path.join(ROOT, 'node_modules', '.readme-'));
    try {
      fs.writeFileSync(path.join(directory, 'example.ts'), code);
      const compilerOptions = {
        noEmit: true,
        strict: true,
        esModuleInterop: true,
        module: 'commonjs',
        moduleResolution: 'node10',
        target: 'es2022',
        types: ['node'],
        paths: { 'connect-mongodb-session': [path.join(ROOT, 'index.d.ts')] }
      };
      fs.writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
      execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', directory], { encoding: 'utf8' });
    } catch (error) {
      assert.fail(error.stdout || error);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });

  it('install: under the name that is published, or another', () => {
    const { name, version, peerDependencies } = manifest;
    assert.deepEqual(page.commands('install connect'), [`npm install ${name}@alpha express-session`]);
    assert.deepEqual(page.commands('@npm:'), [`npm install native-sessions@npm:${name}@alpha`]);
    assert.match(version, /-alpha\.\d+$/);
    assert.ok(!('express-session' in peerDependencies), 'installing one does not bring the other');
  });

  it('swap: from the original\'s version to this one', () => {
    const [, before] = /^-\s+"connect-mongodb-session": "\^(.*)"$/m.exec(block('^5.'));
    const [, after] = /^\+\s+"connect-mongodb-session": "\^(.*)"$/m.exec(block('^5.'));
    assert.equal(before, require('connect-mongodb-session-original/package.json').version);
    assert.equal(after, manifest.version);
  });

  it('development: the commands are what the gate and the test of the example run', () => {
    assert.deepEqual(page.commands('npm test'), ['npm install && npm start', 'npm install && npm test']);
    assert.equal(manifest.scripts.start, 'node examples/express');
    assert.match(fs.readFileSync(path.join(ROOT, '.ci', 'run'), 'utf8'), /^npm install && npm test$/m);
  });
});
