'use strict';

/** MONGODB-AWS, beside the Node driver. A proxy logs in for a real server, as `support/aws-login.js` says. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { inspect } = require('node:util');
const expressSession = require('express-session');
const fc = require('fast-check');
const mongodb = require('mongodb');
const sinon = require('sinon');
const { parse } = require('../../../lib/connection');
const { regionOf, sign } = require('../../../lib/connection/aws');
const { AwsLogins, authorization } = require('../../support/aws-login');
const { useCertificates } = require('../../support/certificates');
const { runScript } = require('../../support/child');
const { roundTrip, useConnections, useServer } = require('../../support/connections');
const impl = require('../../support/impl');
const { SocksProxy } = require('../../support/socks');
const { openTlsRelay } = require('../../support/tls-relay');

const AWS = { authMechanism: 'MONGODB-AWS' };
const ADA = { id: 'AKIAADA', secret: 'marked/secret+of=Ada' };
/** Temporary. */
const BOB = { id: 'ASIABOB', secret: 'marked-secret-of-Bob', token: 'marked-token/of+Bob==' };
const auth = ({ id, secret }) => ({ username: id, password: secret });
const given = ({ id, secret, token }) => ({ accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) });
const inEnvironment = ({ id, secret, token }) => ({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...(token && { AWS_SESSION_TOKEN: token }) });
const withProvider = (AWS_CREDENTIAL_PROVIDER, more) => ({ ...AWS, ...more, authMechanismProperties: { AWS_CREDENTIAL_PROVIDER } });
/** Of the machine that tests run on, which may have an account. */
const NO_ACCOUNT = {
  AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined, AWS_PROFILE: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined, AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  AWS_CONFIG_FILE: os.devNull, AWS_SHARED_CREDENTIALS_FILE: os.devNull, AWS_EC2_METADATA_DISABLED: 'true'
};

describe('MONGODB-AWS', () => {
  const server = useServer();
  const connections = useConnections();
  let proxy;
  let environment;

  before('open a proxy', async () => {
    proxy = await new AwsLogins(server.port).open();
  });
  after(() => proxy.close());

  beforeEach(() => {
    proxy.honest();
    proxy.accounts = [ADA, BOB];
    environment = { ...process.env };
    set(NO_ACCOUNT);
  });
  afterEach('nobody was sent what may not be sent', () => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    assert.deepEqual(proxy.faults, []);
  });

  function set(variables) {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  const uri = (query = '', { id, secret } = {}) => {
    return `mongodb://${id ? `${encodeURIComponent(id)}:${encodeURIComponent(secret)}@` : ''}127.0.0.1:${proxy.port}/?directConnection=true${query}`;
  };
  const inUri = (account, query = '') => {
    const token = account.token ? `&authMechanismProperties=AWS_SESSION_TOKEN:${encodeURIComponent(account.token)}` : '';
    return uri(`&authMechanism=MONGODB-AWS${token}${query}`, account);
  };

  /** A store and the Node driver both log in as this account, and are let in. */
  async function bothLogIn(account, address, options) {
    const store = await connections.works(address, options);
    assert.deepEqual([...new Set(proxy.logins)], [account.id]);
    proxy.logins = [];
    await (await connections.node(address, options)).db('x').command({ count: 'x' });
    assert.deepEqual([...new Set(proxy.logins)], [account.id]);
    return store;
  }

  /** A store and the Node driver are both refused, with the same error; which is returned. */
  async function bothRefused(address, options) {
    const [ours, theirs] = [await connections.refused(address, options), await connections.nodeRefused(address, options)];
    const told = ({ name, message, code, codeName }) => ({ name, message, code, codeName });
    assert.deepEqual(told(ours), told(theirs));
    assert.doesNotMatch(`${ours.stack} ${inspect(ours, { depth: 9, showHidden: true })}`, /marked/);
    assert.deepEqual(proxy.logins, []);
    return ours;
  }

  describe('logs in as', () => {
    it('the account of the URI, of one that has a session token, and of auth', async () => {
      await bothLogIn(ADA, inUri(ADA));
      proxy.logins = [];
      await bothLogIn(BOB, inUri(BOB));
      proxy.logins = [];
      await bothLogIn(BOB, uri('&appName=auth'), { ...AWS, auth: auth(BOB), authMechanismProperties: { AWS_SESSION_TOKEN: BOB.token } });
    });

    it('the account of the environment', async () => {
      set(inEnvironment(BOB));
      await bothLogIn(BOB, uri(), AWS);
    });

    it('the account that AWS_CREDENTIAL_PROVIDER gives, temporary or not', async () => {
      await bothLogIn(ADA, uri(), withProvider(async () => given(ADA)));
      proxy.logins = [];
      await bothLogIn(BOB, uri(), withProvider(() => Promise.resolve(given(BOB))));
    });

    it('the account that the application\'s @aws-sdk/credential-providers finds: here, in a file', async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'aws-'));
      const file = path.join(folder, 'credentials');
      fs.writeFileSync(file, `[work]\naws_access_key_id=${BOB.id}\naws_secret_access_key=${BOB.secret}\naws_session_token=${BOB.token}\n`);
      const env = { ...process.env, AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'work' };
      const script = (Package) => `
        ${Package}
        open().then(() => console.log('in'), (error) => console.log(error.message));
      `;
      const store = script(`
        const Store = require('./index')(require('express-session'));
        const open = () => new Store({ uri: ${JSON.stringify(uri())}, collection: 'processes', connectionOptions: ${JSON.stringify(AWS)} }).initialConnectionPromise;
      `);
      const node = script(`
        const { MongoClient } = require('mongodb');
        const client = new MongoClient(${JSON.stringify(uri())}, ${JSON.stringify(AWS)});
        const open = () => client.connect().then(() => client.close());
      `);
      try {
        for (const source of [store, node]) {
          proxy.logins = [];
          const { stdout, stderr } = await runScript(source, { env });
          assert.equal(stdout, 'in\n', stderr);
          assert.deepEqual([...new Set(proxy.logins)], [BOB.id]);
        }
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });

    it('the account of the application\'s own client', async () => {
      for (const options of [{ ...AWS, auth: auth(ADA) }, withProvider(async () => given(ADA))]) {
        proxy.logins = [];
        const client = new mongodb.MongoClient(uri(), options);
        const store = new (impl.factory(expressSession))({ client, databaseName: 'aws', collection: 'sessions' });
        await store.initialConnectionPromise;
        await store.close();
        assert.deepEqual([...new Set(proxy.logins)], [ADA.id]);
      }
    });

    it('what was given before the environment: of the URI, then of the provider, which the Node driver asks last', async () => {
      set(inEnvironment(BOB));
      await connections.works(inUri(ADA), withProvider(async () => assert.fail('asked')));
      assert.deepEqual([...new Set(proxy.logins)], [ADA.id]);
      proxy.logins = [];
      await connections.works(uri(), withProvider(async () => given(ADA)));
      assert.deepEqual([...new Set(proxy.logins)], [ADA.id]);
    });
  });

  describe('logs in', () => {
    it('for the region of the host that the server names', async () => {
      for (const host of ['sts.eu-west-1.amazonaws.com', 'localhost', 'sts.moon']) {
        proxy.host = host;
        proxy.logins = [];
        await bothLogIn(BOB, inUri(BOB, `&appName=${host}`));
      }
    });

    it('on every new connection, and asks the provider for each', async () => {
      let asked = 0;
      const store = await connections.works(uri('&maxPoolSize=1'), withProvider(async () => given([ADA, BOB][asked++])));
      assert.deepEqual([...proxy.logins], [ADA.id]);
      for (const { client } of proxy.connections) client.destroy();
      await roundTrip(store, 'again');
      assert.deepEqual(proxy.logins, [ADA.id, BOB.id]);
    });

    it('over TLS, by the relay alone', async () => {
      const relay = await openTlsRelay(proxy.port, { cert: certificates.read('server.crt'), key: certificates.read('server.key') });
      try {
        const address = inUri(BOB).replace(`127.0.0.1:${proxy.port}`, `localhost:${relay.port}`);
        await bothLogIn(BOB, address, { tls: true, tlsCAFile: certificates.file('ca.crt') });
        const untrusted = await connections.refused(address, { tls: true, serverSelectionTimeoutMS: 1500 });
        assert.equal(untrusted.name, 'MongoServerSelectionError');
      } finally {
        await connections.closeAll();
        relay.close();
      }
    });

    it('through a SOCKS5 proxy, with the stable API and with compression', async () => {
      const socks = new SocksProxy();
      await socks.open();
      try {
        await bothLogIn(BOB, inUri(BOB), { proxyHost: '127.0.0.1', proxyPort: socks.port, serverApi: '1', compressors: ['zlib'] });
        assert.ok(socks.asked.length > 0);
      } finally {
        await connections.closeAll();
        socks.close();
      }
    });

    it('at the true time, where a test has stopped JavaScript\'s', async () => {
      const clock = sinon.useFakeTimers({ now: 0, toFake: ['Date'] });
      try {
        await connections.store(inUri(ADA));
      } finally {
        clock.restore();
      }
      assert.deepEqual([...new Set(proxy.logins)], [ADA.id]);
    });

    it('in worker threads, and keeps no process that has nothing to do', async () => {
      const { code, stdout, stderr } = await runScript(`
        const { Worker, isMainThread } = require('node:worker_threads');
        const [id, secret] = isMainThread ? ${JSON.stringify([ADA.id, ADA.secret])} : ${JSON.stringify([BOB.id, BOB.secret])};
        const store = new (require(${JSON.stringify(impl.modules.factory)})(require('express-session')))({
          uri: ${JSON.stringify(uri())}, collection: 'processes',
          connectionOptions: { authMechanism: 'MONGODB-AWS', authMechanismProperties: { AWS_CREDENTIAL_PROVIDER: async () => ({
            accessKeyId: id, secretAccessKey: secret, sessionToken: isMainThread ? undefined : ${JSON.stringify(BOB.token)}
          }) } }
        });
        store.on('connected', () => console.log('connected'));
        if (isMainThread) new Worker(process._eval, { eval: true });
      `);
      assert.deepEqual([code, stdout], [0, 'connected\nconnected\n'], stderr);
      assert.deepEqual([...new Set(proxy.logins)].sort(), [ADA.id, BOB.id]);
    });
  });

  describe('is refused as by the Node driver', () => {
    it('with a wrong secret, a wrong token, and as somebody whom the server does not know', async () => {
      for (const account of [{ ...ADA, secret: 'marked-wrong' }, { ...BOB, token: 'marked-wrong' }, { ...BOB, token: undefined }, { id: 'AKIAEVE', secret: 'marked' }]) {
        const error = await bothRefused(inUri(account));
        assert.deepEqual([error.name, error.code, error.codeName], ['MongoServerError', 18, 'AuthenticationFailed']);
      }
    });

    it('by a server that does not have it, in the server\'s words', async () => {
      proxy.treat = () => undefined;
      const error = await bothRefused(inUri(ADA));
      assert.match(error.message, /MONGODB-AWS/);
    });

    it('by what a server may not ask', async () => {
      for (const wrong of [
        ({ s, h }) => ({ s: s.subarray(0, 63), h }),
        ({ s, h }) => ({ s: Buffer.concat([s.subarray(32), s.subarray(32)]), h }),
        ({ s }) => ({ s, h: '' }),
        ({ s }) => ({ s, h: 'sts..amazonaws.com' }),
        ({ s }) => ({ s, h: 'a'.repeat(256) })
      ]) {
        proxy.challenge = wrong;
        const error = await bothRefused(inUri(ADA));
        await connections.closeAll();
        assert.equal(error.name, 'MongoRuntimeError');
        assert.ok(!proxy.seen.some(({ name }) => name === 'saslContinue'));
      }
      // What is no name of a host would be signed as something else.
      for (const host of ['sts.amazonaws.com\nx-amz-date:1', '.com', 'com.', 'a b', 'h:80', 'h/']) {
        proxy.challenge = ({ s }) => ({ s, h: host });
        const error = await connections.refused(inUri(ADA));
        await connections.closeAll();
        assert.equal(error.message, `Server returned an invalid host: ${JSON.stringify(host)}`);
      }
      assert.ok(!proxy.seen.some(({ name }) => name === 'saslContinue'));
    });

    it('where the provider gives nothing, and where it fails', async () => {
      for (const provider of [async () => ({}), async () => ({ accessKeyId: ADA.id }), async () => ({ secretAccessKey: ADA.secret })]) {
        const error = await bothRefused(uri(), withProvider(provider));
        assert.equal(error.name, 'MongoMissingCredentialsError');
      }
      const error = await bothRefused(uri(), withProvider(async () => { throw new Error('the role is away'); }));
      assert.deepEqual([error.name, error.message], ['MongoAWSError', 'the role is away']);
      // Where the Node driver fails by accident.
      assert.equal((await connections.refused(uri(), withProvider(() => undefined))).name, 'MongoMissingCredentialsError');
      assert.equal((await connections.refused(uri(), withProvider(() => { throw new Error('at once'); }))).message, 'at once');
    });

    it('where nobody has an account: in the SDK\'s words', async () => {
      const error = await bothRefused(uri('&appName=nobody'), AWS);
      assert.deepEqual([error.name, error.message], ['MongoAWSError', 'Could not load credentials from any providers']);
    });

    it('by half an account, and by another authSource', () => {
      const outcome = (make) => {
        try {
          make();
          return undefined;
        } catch ({ name, message }) {
          return { name, message };
        }
      };
      for (const [address, options] of [
        ['mongodb://h/?authMechanism=MONGODB-AWS&authSource=db'],
        ['mongodb://id@h/?authMechanism=MONGODB-AWS'],
        ['mongodb://h/', { ...AWS, auth: { username: 'id', password: '' } }]
      ]) {
        const theirs = outcome(() => new mongodb.MongoClient(address, options));
        assert.ok(theirs, address);
        assert.deepEqual(outcome(() => parse(address, options)), theirs);
      }
      // The driver takes the environment's secret for it.
      set({ AWS_SECRET_ACCESS_KEY: 'of another account' });
      assert.equal(outcome(() => parse('mongodb://id@h/?authMechanism=MONGODB-AWS')).name, 'MongoMissingCredentialsError');
      set({ AWS_SECRET_ACCESS_KEY: undefined, AWS_ACCESS_KEY_ID: 'id' });
      const theirs = outcome(() => new mongodb.MongoClient('mongodb://h/', AWS));
      assert.deepEqual(outcome(() => parse('mongodb://h/', AWS)), theirs);
      assert.ok(theirs);
    });
  });

  it('a login that is not answered ends in its time', async () => {
    proxy.treat = (request) => (request.name === 'saslStart' ? true : undefined);
    const silent = await connections.refused(inUri(ADA), { connectTimeoutMS: 1000, serverSelectionTimeoutMS: 3000 });
    assert.match(silent.message, /timed out/);
    proxy.honest();
    const waiting = await connections.refused(uri('&connectTimeoutMS=1000&serverSelectionTimeoutMS=10000'), withProvider(() => new Promise(() => {})));
    assert.deepEqual([waiting.name, waiting.message], ['MongoAWSError', 'no credentials of AWS within 1000 ms']);
  });

  it('takes a provider that is a function, and servers with a host', () => {
    assert.throws(() => parse('mongodb://h/', withProvider('function')), {
      name: 'MongoInvalidArgumentError', message: 'AWS_CREDENTIAL_PROVIDER must be a function; got a value of type string'
    });
    assert.throws(() => parse('mongodb://%2Ftmp%2Fx.sock/', { ...AWS, auth: auth(ADA) }), {
      name: 'MongoCompatibilityError', message: /needs a server with a host/
    });
  });

  it('tells the background thread who logs in, and no secret; the same account shares connections', () => {
    const credential = (account, token = account.token) => {
      return parse(uri(), { ...AWS, auth: auth(account), authMechanismProperties: { AWS_SESSION_TOKEN: token } }).credential;
    };
    assert.doesNotMatch(JSON.stringify(credential(BOB)) + inspect(credential(BOB), { depth: 9, showHidden: true }), /marked/);
    const idOf = (...account) => credential(...account).signatures.id;
    assert.equal(idOf(BOB), idOf(BOB));
    assert.equal(new Set([idOf(BOB), idOf(BOB, 'other'), idOf({ ...BOB, secret: 'other' }), idOf(ADA)]).size, 4);
    const [one, other] = [async () => {}, async () => {}];
    const ofProvider = (provider) => parse(uri(), withProvider(provider)).credential.signatures.id;
    assert.equal(ofProvider(one), ofProvider(one));
    assert.notEqual(ofProvider(one), ofProvider(other));
  });

  it('costs nobody else anything: neither its modules are loaded, nor is anything listened on', async () => {
    const { code, stdout, stderr } = await runScript(`
      const Store = require(${JSON.stringify(impl.modules.factory)})(require('express-session'));
      const store = new Store({ uri: ${JSON.stringify(server.uri)}, collection: 'processes' });
      store.on('connected', () => {
        console.log(Object.keys(require.cache).filter((file) => /connection.aws|login-questions|http-request/.test(file)).join());
        const listening = process.platform === 'linux' ? require('fs').readFileSync('/proc/net/tcp', 'utf8') : '';
        const own = process.platform === 'linux' ? require('fs').readdirSync('/proc/self/fd').map((fd) => {
          try { return require('fs').readlinkSync('/proc/self/fd/' + fd); } catch { return ''; }
        }) : [];
        console.log(listening.split('\\n').filter((line) => / 0A /.test(line) && own.includes('socket:[' + line.trim().split(/ +/)[9] + ']')).length);
      });
    `);
    assert.deepEqual([code, stdout], [0, '\n0\n'], stderr);
  });

  it('is signed as by another implementation, whatever the account and the challenge', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ABCxyz019/+='), minLength: 1, maxLength: 60 });
    const hosts = fc.constantFrom('sts.amazonaws.com', 'sts.us-gov-east-1.amazonaws.com', 'first', 'first.second', 'first.second.third', 'sts.cn-north-1.amazonaws.com.cn');
    const moments = fc.date({ min: new Date('2015-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(fc.property(text, text, fc.option(text, { nil: undefined }), hosts, fc.uint8Array({ minLength: 64, maxLength: 64 }), moments, (id, secret, token, host, bytes, moment) => {
      const nonce = Buffer.from(bytes).toString('base64');
      const account = { id, secret, token };
      const signed = sign(given(account), { host, nonce, now: moment.getTime() });
      assert.equal(signed.date, `${moment.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`);
      assert.equal(signed.authorization, authorization({ host, region: regionOf(host), nonce, date: signed.date, account }));
      assert.equal(signed.token, token);
    }));
    const regions = { 'sts.amazonaws.com': 'us-east-1', 'sts.us-west-2.amazonaws.com': 'us-west-2', 'sts.us-west-2.amazonaws.com.ch': 'us-west-2', 'example.com': 'com', localhost: 'us-east-1', 'sts..com': '' };
    for (const [host, region] of Object.entries(regions)) assert.equal(regionOf(host), region);
  });

  const certificates = useCertificates((made) => {
    made.authority('ca');
    made.issue('server', { authority: 'ca', names: ['DNS:localhost'] });
  });
});
