'use strict';

const assert = require('node:assert/strict');
const { runScript } = require('../support/child');
const { useStores } = require('../support/stores');

/** None of these may be seen by who reads logs. */
const PASSPHRASE = 'correct horse battery staple';
const KEY = Buffer.alloc(32, 'k');
const CONTENT = 'the-content-of-a-session';
const ID = 'the-id-of-a-session';
const PASSWORD = 'hunter2';

/** Prints all that logs can have of a store: lines of `DEBUG`, diagnostics, inspection. A process reads `DEBUG` at its start. */
const TELL = `
  const { inspect } = require('node:util');
  const { channel } = require('node:diagnostics_channel');
  const session = require('express-session');
  const Store = require('.')(session);
  const told = [];
  const all = { depth: 30, showHidden: true, getters: false, maxStringLength: null, maxArrayLength: null };
  for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) {
    channel('tracing:connect-mongodb-session:operation:' + event).subscribe(({ error, ...message }) => {
      told.push(inspect(message, all), error ? error.name + ' ' + error.message : '');
    });
  }
  channel('connect-mongodb-session:command').subscribe((message) => told.push(inspect(message, all)));
  (async () => {
    const store = new Store(OPTIONS);
    store.on('error', () => {});
    await store.initialConnectionPromise.catch(() => {});
    await store.set(ID, { cookie: {}, content: CONTENT, n: 1 }).catch(() => {});
    const read = await store.get(ID).catch(() => {});
    await store.touch(ID, { cookie: {}, content: CONTENT }).catch(() => {});
    if (read) await store.set(ID, Object.assign(read, { n: 2, content: CONTENT + '!' }));
    if (OTHER) {
      const other = new Store({ ...OPTIONS, ...OTHER });
      other.on('error', () => {});
      await other.get(ID).then(() => process.exit(7), (error) => told.push(error.cause.name + ' ' + error.cause.message, JSON.stringify(error.cause)));
      told.push(inspect(other, all));
      await other.close();
    }
    told.push(inspect(store, all), inspect(store), inspect(store.client, all), inspect(store.stats(), all), JSON.stringify(store.stats()));
    told.push(JSON.stringify(store.options.crypto) ?? '', inspect(store.options, all), String(store), inspect(require('./lib/store/internals').internalsOf(store), all));
    await store.close().catch(() => {});
    process.stdout.write(told.join('\\n'));
  })();`;

describe('who reads logs', () => {
  const stores = useStores();

  /** @returns {Promise<string>} everything that was printed */
  async function toldOf(options, other = 'null') {
    const source = `const ID = ${JSON.stringify(ID)}, CONTENT = ${JSON.stringify(CONTENT)}, OTHER = ${other};
      const OPTIONS = { uri: ${JSON.stringify(stores.uri)}, collection: 'logs', ...${options} };${TELL}`;
    const { code, stdout, stderr } = await runScript(source, { env: { DEBUG: 'connect-mongodb-session' }, timeoutMS: 60_000 });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /connect-mongodb-session set /, 'DEBUG was asked for');
    assert.match(stdout, /operation: 'set'/, 'channels were listened to');
    assert.match(stdout, /pending: 0/, 'stats were asked for');
    return stdout + stderr;
  }

  const secrets = {
    'sessions and ids': ['{}'],
    'sessions and ids, with partial updates': ['{ partialUpdates: true, preventResurrection: true }'],
    'passphrases': [`{ crypto: { secret: ${JSON.stringify(PASSPHRASE)} }, hashIds: true }`],
    'keys, also where they are not the right ones': [
      `{ crypto: { secret: [Buffer.alloc(32, 'k')] } }`, `{ crypto: { secret: [Buffer.alloc(32, 'o'), Buffer.alloc(40, 'p')] } }`
    ],
    'passwords of a server that refuses them': [
      `{ uri: 'mongodb://ada:${PASSWORD}@127.0.0.1:1/?serverSelectionTimeoutMS=300', connectionOptions: { auth: { username: 'ada', password: '${PASSWORD}' } } }`
    ]
  };
  for (const [title, [options, other]] of Object.entries(secrets)) {
    it(`sees no ${title}`, async function() {
      this.timeout(60_000);
      const told = await toldOf(options, other);
      const hidden = [PASSPHRASE, PASSWORD, CONTENT, ID];
      for (const key of [KEY, Buffer.alloc(32, 'o'), Buffer.alloc(40, 'p')]) {
        hidden.push(key.toString(), key.toString('hex'), key.toString('base64'), key.subarray(0, 16).toString('hex').replace(/(..)(?!$)/g, '$1 '));
      }
      for (const secret of hidden) assert.ok(!told.includes(secret), `${secret} in …${told.slice(Math.max(0, told.indexOf(secret) - 300), told.indexOf(secret) + 60)}`);
    });
  }
});
