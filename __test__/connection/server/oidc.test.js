'use strict';

/**
 * MONGODB-OIDC. MongoDB has it in its commercial edition only: a proxy answers the login in the server's place, and passes
 * everything else on.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { inspect } = require('node:util');
const expressSession = require('express-session');
const mongodb = require('mongodb');
const { parse } = require('../../../lib/connection');
const { runScript } = require('../../support/child');
const { useConnections, useServer } = require('../../support/connections');
const impl = require('../../support/impl');
const { withMetadata } = require('../../support/metadata');
const { WireProxy } = require('../../support/wire-proxy');

const OIDC = { authMechanism: 'MONGODB-OIDC' };

describe('MONGODB-OIDC', () => {
  const server = useServer();
  const connections = useConnections();
  let proxy;
  /** The answer to a login that has this token. */
  let login;
  /** Tokens that were sent. */
  let sent;

  before('open a proxy', async () => {
    proxy = await new WireProxy(server.port).open();
  });

  beforeEach(() => {
    sent = [];
    login = () => ({ ok: 1, conversationId: 1, done: true, payload: new mongodb.Binary(Buffer.alloc(0)) });
    proxy.honest();
    proxy.treat = (request) => {
      if (request.name !== 'saslStart') return undefined;
      assert.equal(request.command.mechanism, 'MONGODB-OIDC');
      const { jwt } = mongodb.BSON.deserialize(request.command.payload.buffer);
      sent.push(jwt);
      request.answer(login(jwt));
      return true;
    };
  });

  after(() => proxy.close());

  const uri = (query = '') => `mongodb://127.0.0.1:${proxy.port}/?directConnection=true${query}`;
  const withCallback = (OIDC_CALLBACK, more) => ({ ...OIDC, authMechanismProperties: { OIDC_CALLBACK, ...more } });
  const refused = (code, codeName, errmsg) => () => ({ ok: 0, code, codeName, errmsg });

  /** A file with a token, while `use` runs with the environment variable that names it. */
  async function withFile(variable, token, use) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'oidc-'));
    const file = path.join(folder, 'token');
    fs.writeFileSync(file, token);
    process.env[variable] = file;
    try {
      await use(file);
    } finally {
      delete process.env[variable];
      fs.rmSync(folder, { recursive: true });
    }
  }

  describe('the callback', () => {
    it('is called on this thread with what the Node driver gives it, and its token is sent', async () => {
      const called = [];
      const store = await connections.works(uri(), {
        ...withCallback(async (params) => {
          called.push(params);
          return { accessToken: 'the token', expiresInSeconds: 3600 };
        }),
        auth: { username: 'ada', password: '' }
      });
      const [{ timeoutContext, ...params }] = called;
      assert.deepEqual(params, { version: 1, username: 'ada' });
      assert.ok(timeoutContext instanceof AbortSignal && !timeoutContext.aborted);
      assert.deepEqual([...new Set(sent)], ['the token']);
      // Every connection after the first one has the same token.
      await Promise.all(Array.from({ length: 20 }, (_, n) => store.set(`s${n}`, { cookie: {} })));
      assert.equal(called.length, 1);
    });

    it('is asked again when the server takes its token no more', async () => {
      let count = 0;
      login = (jwt) => (jwt === 'token 1' && sent.length > 1 ? refused(18, 'AuthenticationFailed', 'expired')() : {
        ok: 1, conversationId: 1, done: true, payload: new mongodb.Binary(Buffer.alloc(0))
      });
      const store = await connections.works(uri('&maxPoolSize=1'), withCallback(async () => ({ accessToken: `token ${++count}` })));
      for (const { client } of proxy.connections) client.destroy();
      await store.set('again', { cookie: {} });
      assert.equal(count, 2);
      assert.equal(sent.at(-1), 'token 2');
    });

    it('that fails, or gives no token, fails the connection with what it said', async () => {
      const invalid = /User provided OIDC callbacks must return a valid object with an accessToken\./;
      for (const [callback, message] of [
        [async () => { throw new Error('the identity provider is away'); }, /the identity provider is away/],
        [() => { throw new TypeError('at once'); }, /at once/],
        [async () => undefined, invalid],
        [async () => ({ token: 'wrong-name' }), invalid],
        [async () => ({ accessToken: 'marked', more: 1 }), invalid]
      ]) {
        const error = await connections.refused(uri('&serverSelectionTimeoutMS=10000'), withCallback(callback));
        assert.match(error.message, message);
        assert.equal(error.name, 'MongoOIDCError');
        assert.doesNotMatch(inspect(error, { depth: 9 }), /wrong-name|marked/);
      }
      assert.deepEqual(sent, []);
    });

    it('whose token is refused gives the server\'s error', async () => {
      login = refused(18, 'AuthenticationFailed', 'Authentication failed.');
      const error = await connections.refused(uri(), withCallback(async () => ({ accessToken: 'marked-token' })));
      assert.deepEqual([error.name, error.code, error.codeName, error.message], ['MongoServerError', 18, 'AuthenticationFailed', 'Authentication failed.']);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /marked-token/);
    });

    it('is that of the application\'s own client', async () => {
      const client = new mongodb.MongoClient(uri(), withCallback(async () => ({ accessToken: 'of the client' })));
      const store = new (impl.factory(expressSession))({ client, databaseName: 'oidc', collection: 'sessions' });
      await store.initialConnectionPromise;
      await store.close();
      assert.deepEqual([...new Set(sent)], ['of the client']);
    });

    it('keeps no process that has nothing to do, and is called in worker threads', async () => {
      const { code, stdout, stderr } = await runScript(`
        const { Worker, isMainThread } = require('node:worker_threads');
        const store = new (require(${JSON.stringify(impl.modules.factory)})(require('express-session')))({
          uri: ${JSON.stringify(uri())}, collection: 'processes',
          connectionOptions: {
            authMechanism: 'MONGODB-OIDC',
            authMechanismProperties: { OIDC_CALLBACK: async () => ({ accessToken: isMainThread ? 'main' : 'worker' }) }
          }
        });
        store.on('connected', () => console.log('connected'));
        if (isMainThread) new Worker(process._eval, { eval: true });
      `);
      assert.deepEqual([code, stdout], [0, 'connected\nconnected\n'], stderr);
      assert.deepEqual([...new Set(sent)].sort(), ['main', 'worker']);
    });
  });

  it('the callback for people is told of the identity provider, and asked where the host is allowed', async () => {
    const called = [];
    const info = { issuer: 'https://identity.example.com', clientId: 'client', requestScopes: ['one'] };
    proxy.treat = (request) => {
      const { command } = request;
      if (request.name !== 'saslStart' && request.name !== 'saslContinue') return undefined;
      const { jwt, n } = mongodb.BSON.deserialize(command.payload.buffer);
      sent.push(jwt ?? n);
      const payload = new mongodb.Binary(jwt ? Buffer.alloc(0) : mongodb.BSON.serialize(info));
      request.answer({ ok: 1, conversationId: 1, done: Boolean(jwt), payload });
      return true;
    };
    const OIDC_HUMAN_CALLBACK = async (params) => {
      assert.ok(params.timeoutContext instanceof AbortSignal);
      called.push({ ...params, timeoutContext: undefined });
      return { accessToken: 'hers', refreshToken: 'refresh' };
    };
    await connections.works(uri(), { ...OIDC, auth: { username: 'ada', password: '' }, authMechanismProperties: { OIDC_HUMAN_CALLBACK } });
    assert.deepEqual(called, [{ version: 1, idpInfo: info, username: 'ada', timeoutContext: undefined }]);
    assert.deepEqual(sent.slice(0, 2), ['ada', 'hers']);
    const error = await connections.refused(uri(), { ...OIDC, authMechanismProperties: { OIDC_HUMAN_CALLBACK, ALLOWED_HOSTS: ['*.example.com'] } });
    assert.match(error.message, /not in the allowed list of hosts/);
    assert.equal(called.length, 1);
  });

  describe('the environment', () => {
    const inUri = (environment) => uri(`&authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:${environment}`);

    it('test: the file of OIDC_TOKEN_FILE', async () => {
      await withFile('OIDC_TOKEN_FILE', 'from the file', () => connections.works(inUri('test')));
      assert.deepEqual([...new Set(sent)], ['from the file']);
      const error = await connections.refused(inUri('test') + '&appName=without');
      assert.equal(error.message, 'OIDC_TOKEN_FILE must be set in the environment.');
    });

    for (const variable of ['AZURE_FEDERATED_TOKEN_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE']) {
      it(`k8s: the file of ${variable}`, async () => {
        await withFile(variable, variable, () => connections.works(`${inUri('k8s')}&appName=${variable}`));
        assert.deepEqual([...new Set(sent)], [variable]);
      });
    }

    /** The requests that a metadata service got which answers like this. */
    async function askedOf(answer, use) {
      const asked = await withMetadata(() => answer, use);
      return asked.map(({ url, host, headers }) => ({ url, metadata: headers.metadata ?? headers['metadata-flavor'], host }));
    }

    it('azure: its metadata service, for the resource and the user', async () => {
      const asked = await askedOf([200, JSON.stringify({ access_token: 'of Azure', expires_in: '3600' })], () => {
        return connections.works(inUri('azure,TOKEN_RESOURCE:api%3A%2F%2Fx').replace('://', '://ada@'));
      });
      assert.deepEqual(asked, [{
        url: '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2Fx&client_id=ada', metadata: 'true', host: '169.254.169.254'
      }]);
      assert.deepEqual([...new Set(sent)], ['of Azure']);
    });

    it('gcp: its metadata service, for the audience', async () => {
      const asked = await askedOf([200, 'of Google'], () => connections.works(inUri('gcp,TOKEN_RESOURCE:audience')));
      assert.deepEqual(asked, [{
        url: '/computeMetadata/v1/instance/service-accounts/default/identity?audience=audience', metadata: 'Google', host: 'metadata'
      }]);
      assert.deepEqual([...new Set(sent)], ['of Google']);
    });

    it('that gives no token fails the connection with its reason', async () => {
      await askedOf([404, 'no such identity'], async () => {
        const error = await connections.refused(`${inUri('gcp,TOKEN_RESOURCE:other')}`);
        assert.equal(error.message, 'Status code 404 returned from the GCP endpoint. Response body: no such identity');
      });
      await askedOf([200, '{"access_token":7}'], async () => {
        const error = await connections.refused(`${inUri('azure,TOKEN_RESOURCE:other')}`);
        assert.match(error.message, /^Azure endpoint did not return a value/);
      });
    });
  });

  it('is refused as by the Node driver where something is missing or too much', () => {
    const callback = async () => ({ accessToken: 'a' });
    for (const [address, properties] of [
      ['mongodb://h/', {}],
      ['mongodb://h/', { ENVIRONMENT: 'moon' }],
      ['mongodb://h/', { ENVIRONMENT: 'azure' }],
      ['mongodb://h/', { ENVIRONMENT: 'gcp' }],
      ['mongodb://ada@h/', { ENVIRONMENT: 'k8s' }],
      ['mongodb://ada:password@h/', { ENVIRONMENT: 'azure', TOKEN_RESOURCE: 'x' }],
      ['mongodb://h/', { OIDC_HUMAN_CALLBACK: callback, ALLOWED_HOSTS: 'h' }],
      ['mongodb://h/', { OIDC_HUMAN_CALLBACK: callback, ALLOWED_HOSTS: [1] }],
      ['mongodb://h/?authSource=db', { OIDC_CALLBACK: callback }]
    ]) {
      const options = { ...OIDC, authMechanismProperties: properties };
      const outcome = (make) => {
        try {
          make();
          return undefined;
        } catch ({ name, message }) {
          return { name, message };
        }
      };
      const theirs = outcome(() => new mongodb.MongoClient(address, options));
      assert.ok(theirs, inspect(properties));
      assert.deepEqual(outcome(() => parse(address, options)), theirs);
    }
    assert.throws(() => parse('mongodb://h/', withCallback('function')), { message: 'OIDC_CALLBACK must be a function; got a value of type string' });
  });

  it('shares connections between stores with one callback, and with no others', () => {
    const idOf = (options) => parse(uri(), options).credential.tokens.id;
    const [one, other] = [async () => {}, async () => {}];
    assert.equal(idOf(withCallback(one)), idOf(withCallback(one)));
    assert.notEqual(idOf(withCallback(one)), idOf(withCallback(other)));
  });
});
