'use strict';

/** No password, token or key is in what an error, a store or a log shows, whatever fails. */

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { inspect } = require('node:util');
const expressSession = require('express-session');
const mongodb = require('mongodb');
const { difference } = require('../parity/differences');
const { useCertificates } = require('../support/certificates');
const { runScript } = require('../support/child');
const { useServer } = require('../support/connections');
const impl = require('../support/impl');
const { SocksProxy } = require('../support/socks');

const MARK = `marked${randomBytes(9).toString('hex')}`;
/** A secret whose percent-encoded form differs; both have the mark. */
const SECRET = `p@${MARK}/:`;
const ENCODED = encodeURIComponent(SECRET);
const SHORT = { serverSelectionTimeoutMS: 300 };
const PEM = `-----BEGIN PRIVATE KEY-----\n${MARK}\n-----END PRIVATE KEY-----`;
const LOGS = {
  NODE_DEBUG: 'net,tls,dns,http,stream,child_process', DEBUG: '*', MONGODB_LOG_ALL: 'trace', RUST_LOG: 'trace', RUST_BACKTRACE: 'full'
};

/** Runs in a process of its own: opens a store, uses it, and prints everything that can be seen of it. */
const SCRIPT = `
  const { inspect } = require('node:util');
  const Store = require('./index')(require('express-session'));
  const seen = [];
  const errors = [];
  const json = (value) => { try { return JSON.stringify(value); } catch (error) { return error.message; } };
  const see = (what, value) => seen.push([what, inspect(value, { depth: Infinity, showHidden: true }), inspect(value), json(value), String(value)].join('\\n'));
  const seeError = (what, error) => {
    errors.push(error?.message);
    for (let one = error, depth = 0; one && depth < 10; one = one.cause, depth++) {
      see(what + ' '.repeat(depth), one);
      seen.push(String(one.message), String(one.stack), json(one), json(Object.getOwnPropertyNames(one).map((name) => String(one[name]))));
    }
  };
  process.on('unhandledRejection', (error) => seeError('rejection', error));
  process.on('warning', (warning) => seeError('warning', warning));
  const call = (work) => new Promise((resolve) => work((error) => { if (error) seeError('operation', error); resolve(); }));
  (async () => {
    let store;
    try {
      await call((done) => {
        store = new Store(options, done);
        store.on('error', (error) => seeError('listener', error));
      });
    } catch (error) {
      seeError('thrown', error);
    }
    if (store) {
      store.initialConnectionPromise.catch(() => {});
      const session = { cookie: {}, self: null };
      session.self = session;
      await call((done) => store.set('circular', session, done));
      await call((done) => store.get('a', done));
      await call((done) => store.get({ $ne: null }, done));
      await call((done) => store.all(done));
      await store.db.command({ noSuchCommand: 1 }).catch((error) => seeError('command', error));
      const { options: given, ...rest } = store;
      see('rest', rest);
      for (const name of ['client', 'db', 'collection', 'native']) see(name, store[name]);
      // The options hold what the application gave; only their JSON says it.
      for (const value of [store, given, given.connectionOptions]) seen.push(inspect(value, { depth: Infinity, showHidden: true }), inspect(value));
      console.log(store);
      console.error(given);
      await store.client.close();
      await call((done) => store.get('a', done));
    }
    process.stdout.write('\\n\\u0001' + JSON.stringify({ seen, errors }));
  })();
`;

describe('secrets', () => {
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.authority('stranger');
    make.issue('server', { authority: 'ca', names: ['DNS:localhost', 'IP:127.0.0.1'] });
    make.issue('client', { authority: 'ca' });
    make.encrypt('client', SECRET);
  });
  const locked = useServer(() => ({
    args: [
      '--auth', '--tlsMode', 'preferTLS', '--tlsCertificateKeyFile', certificates.file('server.pem'),
      '--tlsCAFile', certificates.file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates'
    ]
  }));
  const open = useServer();
  const proxy = new SocksProxy({ username: 'traveller', password: 'the right one' });
  before('open a proxy', () => proxy.open());
  after(() => proxy.close());

  const at = (server, query = '', user = '') => `mongodb://${user}localhost:${server.port}/${query}`;
  const who = `someone:${ENCODED}@`;
  const tls = (more) => ({ ...SHORT, tls: true, tlsCAFile: certificates.file('ca.crt'), ...more });
  const auth = { username: 'someone', password: SECRET };
  const throughProxy = (more) => ({ ...SHORT, proxyHost: '127.0.0.1', proxyPort: proxy.port, proxyUsername: 'traveller', ...more });

  /** By title: a store's `uri` and `connectionOptions`, with the secret; all but those that say `works` fail. */
  const CASES = {
    'a password before a second @': () => [`mongodb://u:p@${MARK}@h/`],
    'a password with a slash': () => [`mongodb://u:${MARK}/x@h/`],
    'a password without a host': () => [`mongodb://u:${MARK}/`],
    'a password without a host, with a port': () => [`mongodb://u:${MARK}@:27017/`],
    'a password with a stray percent sign': () => [`mongodb://u:${MARK}%@h/`],
    'a password before a bad port': () => [`mongodb://${who}h:99999/`],
    'a password beside an unknown option': () => [`mongodb://${who}h/?foo=${MARK}`],
    'a password beside a mechanism there is not': () => [`mongodb://${who}h/?authMechanism=FOO`],
    'a password in the place of the user': () => [`mongodb://${MARK}/:p@h/`],
    'a password in a second line': () => [`mongodb://h/\n${MARK}`],
    'another scheme': () => [`postgres://u:${MARK}@h/`],
    'no scheme': () => [`u:${MARK}@h`],
    'a URI that is an object': () => [{ uri: `mongodb://u:${MARK}@h` }],
    'a URI for connectionOptions': () => ['mongodb://h', `mongodb://u:${MARK}@h`],
    'connectionOptions in an array': () => ['mongodb://h', [{ auth }]],
    'a wrong password in the URI': () => [at(locked, '', who), SHORT],
    'a wrong password in auth': () => [at(locked), { ...SHORT, auth }],
    'a wrong password with SCRAM-SHA-1': () => [at(locked, '?authMechanism=SCRAM-SHA-1', who), SHORT],
    'a wrong password with PLAIN': () => [at(locked, '?authMechanism=PLAIN', who), SHORT],
    'an auth without a user': () => ['mongodb://h', { auth: { username: SECRET } }],
    'an auth that is a text': () => ['mongodb://h', { auth: SECRET }],
    'a password for X.509': () => [at(locked, '?authMechanism=MONGODB-X509', who), tls()],
    'a password where nobody is asked for one, which works': () => [at(open), { ...SHORT, passphrase: SECRET }],
    'a password and an unreachable host': () => [`mongodb://${who}127.0.0.1:1/`, SHORT],
    'a password and an unknown host': () => [`mongodb://${who}no-such-host.invalid/`, SHORT],
    'a password and a wrong CA': () => [at(locked, '', who), tls({ tlsCAFile: certificates.file('stranger.crt') })],
    'a wrong passphrase': () => [at(locked), tls({ tlsCertificateKeyFile: certificates.file('client.encrypted.pem'), tlsCertificateKeyFilePassword: `${SECRET}x` })],
    'a wrong passphrase in the URI': () => [
      at(locked, `?tlsCertificateKeyFilePassword=${ENCODED}x&tlsCertificateKeyFile=${encodeURIComponent(certificates.file('client.encrypted.pem'))}`), tls()
    ],
    'a passphrase for a file that is not there': () => [at(locked), tls({ tlsCertificateKeyFile: '/missing.pem', tlsCertificateKeyFilePassword: SECRET })],
    'a key that is none': () => [at(locked), tls({ cert: certificates.read('client.crt'), key: PEM })],
    'a key that is none, in a Buffer': () => [at(locked), tls({ cert: certificates.read('client.crt'), key: Buffer.from(PEM) })],
    'a key that is no PEM': () => [at(locked), tls({ cert: certificates.read('client.crt'), key: SECRET })],
    'a key without a certificate': () => [at(locked), tls({ key: PEM })],
    'a pfx': () => [at(locked), tls({ pfx: Buffer.from(SECRET), passphrase: SECRET })],
    'a wrong password of the proxy': () => [at(open), throughProxy({ proxyPassword: SECRET })],
    'a wrong password of the proxy in the URI': () => [at(open, `?proxyPassword=${ENCODED}`), throughProxy()],
    'a password of a proxy without its user': () => [at(open), { ...SHORT, proxyHost: '127.0.0.1', proxyPassword: SECRET }],
    'a password of no proxy': () => [at(open), { ...SHORT, proxyPassword: SECRET }],
    'a secret of AWS': () => [at(open, '?authMechanism=MONGODB-AWS', `key:${ENCODED}@`), SHORT],
    'a session token of AWS': () => [
      at(open, `?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:${ENCODED}`, 'key:secret@'), SHORT
    ],
    'a session token of AWS in connectionOptions': () => [
      at(open, '', 'key:secret@'), { ...SHORT, authMechanism: 'MONGODB-AWS', authMechanismProperties: { AWS_SESSION_TOKEN: SECRET } }
    ],
    'a refused option with a secret': () => [at(open), { autoEncryption: { kmsProviders: { local: { key: SECRET } } } }],
    'an unknown option with a secret': () => [at(open), { password: SECRET }],
    'a right password is never told either': () => [at(open, '', ''), { ...SHORT, tlsCertificateKeyFilePassword: SECRET, passphrase: SECRET }]
  };

  for (const [title, arrange] of Object.entries(CASES)) {
    it(`are not shown: ${title}`, async function show() {
      this.timeout(90_000);
      const [uri, connectionOptions] = arrange();
      assert.ok(inspect([uri, connectionOptions], { depth: 9 }).includes(MARK) || connectionOptions?.key || connectionOptions?.pfx, 'the case has no secret');
      const script = `${sourceOf(uri, connectionOptions)}${SCRIPT}`;
      const { code, stdout, stderr } = await runScript(script, { env: LOGS, timeoutMS: 80_000 });
      assert.equal(code, 0, stderr.replaceAll(MARK, '[the secret]'));
      const mark = stdout.lastIndexOf('\u0001');
      const { seen, errors } = JSON.parse(stdout.slice(mark + 1));
      if (!title.includes('works') && !title.includes('right')) assert.ok(errors.length > 0, 'nothing failed');
      const told = [...seen, stdout.slice(0, mark), stderr];
      const leaks = told.filter((text) => text.includes(MARK) || text.includes(Buffer.from(MARK).toString('base64').slice(0, 20)));
      assert.deepEqual(leaks.map((text) => text.slice(0, 600)), []);
    });
  }

  /** The options as source text; Buffers stay Buffers. */
  function sourceOf(uri, connectionOptions) {
    const text = JSON.stringify({ uri, connectionOptions });
    return `const options = JSON.parse(${JSON.stringify(text)}, (key, value) => (value?.type === 'Buffer' ? Buffer.from(value.data) : value));`;
  }

  describe('in a right connection string', () => {
    const constructed = () => {
      const Store = impl.factory(expressSession);
      const uri = `mongodb://someone:${ENCODED}@127.0.0.1:${open.port}/?authSource=x&appName=shop&proxyHost=127.0.0.1&proxyPort=1&proxyUsername=u&PROXYpassword=${ENCODED}`;
      const store = new Store({ uri: impl.isOriginal ? uri.replace(/&proxy.*/, '') : uri, connectionOptions: SHORT }, () => {});
      store.on('error', () => {});
      return { store, uri };
    };
    const closed = async (work) => {
      const { store, uri } = constructed();
      await store.initialConnectionPromise.catch(() => {});
      try {
        work(store, uri);
      } finally {
        await store.client.close();
      }
    };

    difference('options-without-secrets', {
      original: () => closed((store) => assert.ok(inspect(store, { depth: 5 }).includes(MARK))),
      ours: () => closed((store, uri) => {
        for (const shown of [inspect(store, { depth: 9, showHidden: true }), inspect(store.options)]) {
          assert.ok(!shown.includes(MARK), 'the password is shown');
          assert.match(shown, /mongodb:\/\/someone:…@127\.0\.0\.1:\d+\/\?authSource=x&appName=shop&proxyHost=127\.0\.0\.1&proxyPort=1&proxyUsername=u&PROXYpassword=…/);
        }
        // The options themselves are what was given.
        assert.equal(store.options.uri, uri);
      })
    });

    it('are dots in what is shown of connectionOptions, whatever the case of the name', async () => {
      const Store = impl.factory(expressSession);
      const connectionOptions = { ...SHORT, AUTH: { username: 'u', password: SECRET }, tls: true, appName: 'shop' };
      const store = new Store({ uri: at(open), connectionOptions }, () => {});
      store.on('error', () => {});
      await store.initialConnectionPromise.catch(() => {});
      assert.equal(inspect(store.options.connectionOptions, { breakLength: Infinity }), "{ serverSelectionTimeoutMS: 300, AUTH: '…', tls: true, appName: 'shop' }");
      assert.deepEqual(store.options.connectionOptions, connectionOptions);
      await store.client.close();
    });
  });

  it('would be found: the Node driver quotes a password', () => {
    assert.throws(() => new mongodb.MongoClient(`mongodb://u:${MARK}/`), (error) => inspect(error).includes(MARK));
  });
});
