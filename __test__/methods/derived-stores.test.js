'use strict';

/** Classes that applications derive: their names, and what they do in their constructors, are theirs. */

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const expressSession = require('express-session');
const MongoDBStore = require('../..')(expressSession);
const { runScript } = require('../support/child');
const { internalsOf } = require('../../lib/store/internals');
const { useStores } = require('../support/stores');

/** Own properties of a store that applications know. */
const DOCUMENTED = ['options', 'client', 'db', 'collection', 'initialConnectionPromise'];
/** What an EventEmitter of Node has. */
const EMITTER = Reflect.ownKeys(new EventEmitter());
/** Names of what a store keeps, or once kept, to itself; those of the original too. */
const INTERNAL = [
  'loaded', 'native', 'storedIds', 'lifetime', 'numbers', 'stats', 'internals', 'backend', 'documented', 'remembered', 'met', 'over',
  'available', 'beside', 'stopRemoving', 'handle', 'inner', 'location', 's', '_emitter', '_errorHandler', 'batching', 'pending', 'generation'
];

/** Options that need more of a store than others. */
const SETTINGS = {
  'by default': {},
  'with every layer': { user: ({ n }) => n, maxLifetime: 60_000, touchAfter: 60, partialUpdates: true, preventResurrection: true, hashIds: true, degrade: true, autoRemove: 'interval' },
  'encrypted': { crypto: { secret: Buffer.alloc(32, 1) }, hashIds: true }
};

/** Everything that a store does. */
async function exercise(store) {
  await store.set('a', { cookie: { path: '/' }, n: 1 });
  const session = await store.get('a');
  assert.deepEqual(session, { cookie: { path: '/' }, n: 1 });
  session.n = 2;
  await store.set('a', session);
  await store.touch('a', session);
  assert.equal((await store.get('a')).n, 2);
  assert.equal((await store.all()).length, 1);
  assert.equal(await store.length(), 1);
  assert.equal((await store.ids()).length, 1);
  await store.destroy('a');
  await store.clear();
  assert.equal(await store.get('a'), undefined);
}

describe('a derived store', function derived() {
  this.timeout(60_000);
  const stores = useStores();
  let serial = 0;

  /** A store of `Class`, connected, that is closed by its own method afterwards. */
  async function connected(Class, options) {
    return await new Promise((resolve, reject) => {
      const store = new Class({ uri: stores.uri, collection: `derived${++serial}`, ...options }, (error) => (error ? reject(error) : resolve(store)));
    });
  }

  it('has no properties of its own but the documented ones', async () => {
    const store = await connected(MongoDBStore, SETTINGS['with every layer']);
    const own = Reflect.ownKeys(store).filter((key) => !EMITTER.includes(key));
    assert.deepEqual(own.filter((key) => typeof key === 'string').sort(), [...DOCUMENTED].sort());
    const symbols = own.filter((key) => typeof key === 'symbol');
    assert.deepEqual(symbols.filter((key) => Object.prototype.propertyIsEnumerable.call(store, key)), []);
    await store.close();
  });

  it('is tried with the name of everything that a store keeps to itself', async () => {
    const store = await connected(MongoDBStore);
    const kept = Object.getOwnPropertyNames(internalsOf(store)).filter((name) => !DOCUMENTED.includes(name));
    assert.deepEqual(kept.filter((name) => !INTERNAL.includes(name)), []);
    await store.close();
  });

  for (const [setting, options] of Object.entries(SETTINGS)) {
    describe(setting, () => {
      for (const name of [...INTERNAL, ...DOCUMENTED]) {
        // Another collection is one to be used; a field that is only declared, in TypeScript, is undefined.
        const values = name === 'collection' ? [undefined, null] : [{}, undefined, null, 1, [], () => {}];

        it(`may have a field \`${name}\`, and set it later`, async () => {
          class Derived extends MongoDBStore {
            [name] = values[0];
          }
          const store = await connected(Derived, options);
          for (const value of values) {
            await exercise(store);
            store[name] = value;
          }
          await exercise(store);
          await store.close();
        });
      }

      it('may have methods of all these names, which nobody calls', async () => {
        class Derived extends MongoDBStore {}
        for (const name of INTERNAL) {
          Object.defineProperty(Derived.prototype, name, { value: () => assert.fail(`${name} was called`), configurable: true });
        }
        const store = await connected(Derived, options);
        await exercise(store);
        await store.close();
      });
    });
  }

  it('that is wrapped in a Proxy, or inherited from, works', async () => {
    const store = await connected(MongoDBStore);
    await exercise(new Proxy(store, {}));
    await exercise(Object.create(store));
    await store.close();
  });

  for (const [does, body] of Object.entries({
    'sets its options': 'this.options = { mine: true };',
    'sets its client to null': 'this.client = null;',
    'sets everything to null': 'this.options = this.client = this.db = this.collection = this.initialConnectionPromise = null;',
    'throws': 'throw new Error(\'not today\');',
    'sets everything to null and throws': 'this.options = this.client = this.db = this.collection = null; throw new Error(\'not today\');'
  })) {
    for (const more of [{}, { degrade: true, touchAfter: 1, autoRemove: 'interval' }, { createIndexes: false }]) {
      it(`whose constructor ${does} leaves no unhandled rejection: ${JSON.stringify(more)}`, async () => {
        const { code, stdout, stderr } = await runScript(`
          const Store = require('.')(require('express-session'));
          class Derived extends Store {
            constructor(options, callback) {
              super(options, callback);
              ${body}
            }
          }
          (async () => {
            let store;
            await new Promise((resolve) => {
              try {
                store = new Derived(${JSON.stringify({ uri: stores.uri, collection: 'constructed', ...more })}, resolve);
              } catch (error) {
                if (error.message !== 'not today') throw error;
                setTimeout(resolve, 50);
              }
            });
            if (!store) return process.stdout.write('thrown');
            await store.set('a', { cookie: {}, n: 1 });
            if ((await store.get('a')).n !== 1) throw new Error('not stored');
            await store.close();
            process.stdout.write('worked');
          })();`);
        assert.deepEqual([code, stdout], [0, body.includes('throw') ? 'thrown' : 'worked'], stderr);
        assert.doesNotMatch(stderr, /Error/);
      });
    }
  }
});
