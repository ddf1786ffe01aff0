'use strict';

const assert = require('node:assert/strict');
const session = require('express-session');
const impl = require('../support/impl');
const { useStores, ask } = require('../support/stores');
const { runStoreScript } = require('../support/child');
const { difference } = require('./differences');

describe(`options [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();

  // Nothing listens there: these tests look at what construction does, and leave nothing in a database.
  const NOWHERE = 'mongodb://127.0.0.1:1/fromUri?serverSelectionTimeoutMS=1';
  const DEFAULTS = {
    uri: 'mongodb://127.0.0.1:27017/test',
    collection: 'sessions',
    expires: 1209600000,
    idField: '_id',
    databaseName: null,
    expiresKey: 'expires',
    expiresAfterSeconds: 0
  };

  function constructed(options) {
    const Store = impl.factory(session);
    const store = stores.track(new Store({ uri: NOWHERE, ...options }));
    store.initialConnectionPromise.catch(() => {});
    return store;
  }

  describe('defaults', () => {
    it('fill what is not given', () => {
      const { options } = constructed({});
      assert.deepEqual({ ...options, connectionOptions: options.connectionOptions ?? null },
        { ...DEFAULTS, uri: NOWHERE, connectionOptions: null });
    });

    for (const nothing of [undefined, null]) {
      it(`fill what is given as ${nothing}`, () => {
        const given = Object.fromEntries(Object.keys(DEFAULTS).map(name => [name, nothing]));
        const { options } = constructed({ ...given, uri: NOWHERE, connectionOptions: nothing });
        assert.deepEqual({ ...options, connectionOptions: options.connectionOptions ?? null },
          { ...DEFAULTS, uri: NOWHERE, connectionOptions: null });
      });
    }

    it('take the database from the URI', () => {
      assert.equal(constructed({}).db.databaseName, 'fromUri');
    });

    it('take the database test when the URI has none', () => {
      const uri = NOWHERE.replace('/fromUri', '/');
      assert.equal(constructed({ uri }).db.databaseName, 'test');
    });

    it('are overruled by databaseName', () => {
      assert.equal(constructed({ databaseName: 'other' }).db.databaseName, 'other');
    });
  });

  describe('casting', () => {
    for (const [given, expected] of [
      [{ expires: '1000' }, { expires: 1000 }],
      [{ expires: '1e3' }, { expires: 1000 }],
      [{ expires: true }, { expires: 1 }],
      [{ expires: new Date(7000) }, { expires: 7000 }],
      [{ expiresAfterSeconds: '60' }, { expiresAfterSeconds: 60 }],
      [{ collection: 5 }, { collection: '5' }],
      [{ databaseName: 7 }, { databaseName: '7' }],
      [{ idField: 5 }, { idField: '5' }],
      [{ expiresKey: 5 }, { expiresKey: '5' }]
    ]) {
      it(`turns ${JSON.stringify(given)} into ${JSON.stringify(expected)}`, () => {
        const { options } = constructed(given);
        for (const [name, value] of Object.entries(expected)) {
          assert.equal(options[name], value);
        }
      });
    }

    for (const [label, given, message] of [
      ['a word as a number', { expires: 'abc' }, 'expires: Could not cast "\'abc\'" to number'],
      ['an empty text as a number', { expires: '' }, 'expires: Could not cast "\'\'" to number'],
      ['an object as a number', { expires: {} }, 'expires: Could not cast "{}" to number'],
      ['NaN', { expires: NaN }, 'expires: Could not cast "NaN" to number'],
      ['a word as seconds', { expiresAfterSeconds: 'x' }, 'expiresAfterSeconds: Could not cast "\'x\'" to number'],
      ['an object as the URI', { uri: {} }, 'uri: Could not cast "{}" to string'],
      ['an object as the collection', { collection: { a: 1 } }, 'collection: Could not cast "{ a: 1 }" to string'],
      ['a text as connectionOptions', { connectionOptions: 'x' },
        'connectionOptions: Could not cast \'x\' to Object'],
      ['an array as connectionOptions', { connectionOptions: [] },
        'connectionOptions: Could not cast [] to Object'],
      ['two at once', { expires: 'abc', collection: {} },
        'expires: Could not cast "\'abc\'" to number, collection: Could not cast "{}" to string']
    ]) {
      it(`throws a CastError for ${label}`, () => {
        assert.throws(() => constructed(given), error => {
          assert.equal(error.constructor.name, 'CastError');
          assert.ok(error instanceof Error);
          assert.equal(error.message, message);
          return true;
        });
      });
    }

    for (const given of ['mongodb://127.0.0.1/test', 5, true]) {
      it(`throws a TypeError for ${typeof given} instead of options`, () => {
        const Store = impl.factory(session);
        assert.throws(() => stores.track(new Store(given)), TypeError);
      });
    }
  });

  describe('times and fields that cannot work', () => {
    difference('infinite-times', {
      original: async () => {
        const store = stores.open({ expires: Infinity });
        await ask(store, 'set', 'sid', { cookie: {} });
        assert.deepEqual((await stores.rows(store).findOne()).expires, new Date(0));
      },
      ours: () => {
        for (const expires of [Infinity, -Infinity, 'Infinity']) {
          assert.throws(() => constructed({ expires }), /^CastError: expires: Could not cast "'?-?Infinity'?" to number$/);
        }
      }
    });

    difference('operator-fields', {
      original: async () => {
        const store = stores.open({ idField: '$where' });
        await stores.rows(store).insertOne({ _id: 'somebody', session: { cookie: {}, n: 1 } });
        assert.equal((await ask(store, 'get', 'true')).n, 1);
      },
      ours: () => {
        for (const name of ['idField', 'expiresKey']) {
          for (const path of ['$where', 'a.$b', '', 'a.']) {
            assert.throws(() => constructed({ [name]: path }), new RegExp(`^CastError: ${name}: must name a field, or be a path`));
          }
        }
      }
    });

    difference('clashing-fields', {
      original: async () => {
        const store = stores.open({ expiresKey: 'session' });
        await ask(store, 'set', 'sid', { cookie: {}, n: 1 });
        assert.ok((await stores.rows(store).findOne()).session instanceof Date, 'the session itself is lost');
      },
      ours: () => {
        for (const options of [{ expiresKey: 'session' }, { idField: 'session' }, { idField: 'x', expiresKey: 'x' }]) {
          assert.throws(() => constructed(options), error => error instanceof TypeError &&
            /idField/.test(error.message) && /expiresKey/.test(error.message));
        }
      }
    });
  });

  describe('the given object', () => {
    it('is not kept and not changed', () => {
      const given = { uri: NOWHERE, expires: '1000', connectionOptions: { appName: 'given', auth: { username: 'a', password: 'b' } } };
      const before = structuredClone(given);
      const store = constructed(given);
      assert.deepEqual(given, before);
      assert.notEqual(store.options, given);
      given.connectionOptions.appName = 'changed';
      given.connectionOptions.auth.username = 'changed';
      assert.deepEqual(store.options.connectionOptions, before.connectionOptions);
    });

    it('may be frozen', () => {
      const given = Object.freeze({ uri: NOWHERE, connectionOptions: Object.freeze({ appName: 'x' }) });
      assert.equal(constructed(given).options.connectionOptions.appName, 'x');
    });
  });

  describe('names it does not know', () => {
    const MISSPELT = {
      url: 'uri',
      mongoUrl: 'uri',
      collections: 'collection',
      collectionName: 'collection',
      dbName: 'databaseName',
      ttl: 'expires',
      expiresIn: 'expires',
      stringify: null,
      cookie: null,
      ssl: 'connectionOptions'
    };
    const construct = given => `
      for (const options of ${JSON.stringify(given)}) {
        const store = new Store({ uri, ...options });
        await store.initialConnectionPromise;
        await store.client.close();
      }`;

    difference('unknown-options', {
      original: async () => {
        const { warnings } = await runStoreScript(construct([{ ttl: 1, collections: 'x' }]), { uri: stores.uri });
        assert.deepEqual(warnings, []);
      },
      ours: async () => {
        const each = Object.keys(MISSPELT).map(name => ({ [name]: 'x' }));
        const { warnings } = await runStoreScript(construct([...each, ...each]), { uri: stores.uri });
        for (const [name, meant] of Object.entries(MISSPELT)) {
          const about = warnings.filter(({ message }) => new RegExp(`\\b${name}\\b`).test(message.split(/[.;:?]/)[0]));
          assert.equal(about.length, 1, `${name}: ${JSON.stringify(warnings)}`);
          if (meant) {
            assert.match(about[0].message, new RegExp(`\\b${meant}\\b`));
          }
        }
        assert.equal(warnings.length, Object.keys(MISSPELT).length, 'once each, for two stores each');
      }
    });

    difference('unknown-options', {
      aspect: 'a security request never passes in silence',
      ours: async () => {
        for (const name of ['secret', 'encrypt', 'encryptionKey', 'passphrase']) {
          const script = `
            try {
              const store = new Store({ uri, ${name}: { secret: 'squirrel' } });
              store.on('error', () => {});
              await store.initialConnectionPromise.catch(() => {});
              await store.client.close();
            } catch (error) {
              report(error.message);
            }`;
          const { warnings, reports } = await runStoreScript(script, { uri: stores.uri });
          const said = [...reports, ...warnings.map(warning => warning.message)].join('\n');
          assert.match(said, new RegExp(name));
          assert.doesNotMatch(said, /squirrel/);
        }
      }
    });

    difference('old-driver-options', {
      original: async () => {
        assert.equal((await oldOptions()).length, 2);
      },
      ours: async () => {
        assert.deepEqual(await oldOptions(), []);
      }
    });

    async function oldOptions() {
      const connectionOptions = { useNewUrlParser: true, useUnifiedTopology: true };
      return (await runStoreScript(construct([{ connectionOptions }]), { uri: stores.uri })).warnings;
    }
  });

  describe('a connection string or option that cannot work', () => {
    const SCHEME = 'Invalid scheme, expected connection string to start with "mongodb://" or "mongodb+srv://"';
    for (const [options, name, message] of [
      [{ uri: '' }, 'MongoParseError', SCHEME],
      [{ uri: 'http://x/' }, 'MongoParseError', SCHEME],
      [{ uri: 5 }, 'MongoParseError', SCHEME],
      [{ uri: 'mongodb://' }, 'MongoParseError', 'Protocol and host list are required in "mongodb://"'],
      [{ uri: 'mongodb://127.0.0.1:99999/x' }, 'MongoRuntimeError', 'Unable to parse 127.0.0.1:99999 with URL'],
      [{ uri: 'mongodb://127.0.0.1/x?foo=1' }, 'MongoParseError', 'option foo is not supported'],
      [{ connectionOptions: { foo: 1 } }, 'MongoParseError', 'option foo is not supported'],
      [{ connectionOptions: { maxPoolSize: 'x' } }, 'MongoParseError',
        'Expected maxPoolSize to be stringified int value, got: x']
    ]) {
      it(`throws ${name} for ${JSON.stringify(options)}`, () => {
        assert.throws(() => constructed(options), { name, message });
      });
    }

    const refusal = (message) => () => {
      assert.throws(() => constructed({ uri: 'mongodb://user:secret/x' }), { name: 'MongoRuntimeError', message });
    };
    difference('no-password-for-a-port', {
      original: refusal('Unable to parse user:secret with URL'),
      ours: refusal('Unable to parse user:… with URL')
    });
  });
});
