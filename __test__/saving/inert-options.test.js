'use strict';

/** Options that know sessions by their objects, with middlewares that make objects of their own. */

const assert = require('node:assert/strict');
const { runStoreScript } = require('../support/child');
const { useStores } = require('../support/stores');

const ALL = { touchAfter: 60, partialUpdates: true, preventResurrection: true };

describe('an option that would have no effect', () => {
  const stores = useStores();

  /** What is warned about while `source` runs; `open(Base, options)` makes a store. */
  async function warnings(source) {
    const { warnings: said, uncaught, stderr } = await runStoreScript(`
      const open = (base, options) => new (impl.factory(base))({ uri, collection: 'inert', ...options });
      const Plain = { Store: class extends require('events').EventEmitter {} };
      const copy = (session) => JSON.parse(JSON.stringify(session));
      ${source}`, { uri: stores.uri });
    assert.deepEqual(uncaught, [], stderr);
    return said.filter(({ code }) => code === 'MONGODB_STORE_INERT_OPTION').map(({ message }) => message);
  }

  const rest = 'so the store does not know the sessions that it is given to save. Use express-session, or save the object that `get` gave';

  it('is warned about when a middleware without createSession saves objects of its own', async () => {
    const said = await warnings(`
      for (const options of [{ touchAfter: 60 }, ${JSON.stringify(ALL)}, {}, { touchAfter: 0, partialUpdates: false }]) {
        const store = open(Plain, options);
        await store.initialConnectionPromise;
        await store.set('a', { cookie: {} });
        await store.set('a', copy(await store.get('a')));
        await store.close();
      }`);
    assert.deepEqual(said, [
      `The option \`touchAfter\` has no effect: the middleware saves session objects of its own, ${rest}`,
      `The options \`touchAfter\`, \`partialUpdates\`, \`preventResurrection\` have no effect: the middleware saves session objects of its own, ${rest}`
    ]);
  });

  it('is not warned about with a middleware without createSession that saves what it got, or takes its cookie over', async () => {
    const said = await warnings(`
      const store = open(Plain, ${JSON.stringify(ALL)});
      await store.initialConnectionPromise;
      await store.set('a', { cookie: {} });
      await store.set('a', await store.get('a'));
      const read = await store.get('a');
      await store.set('a', { ...read, taken: true });
      await store.set('a', { [Symbol('cookie')]: { ...read.cookie }, cookie: {}, copied: true });
      await store.close();`);
    assert.deepEqual(said, []);
  });

  it('is warned about, once, when a session that was read is saved as another object', async () => {
    const said = await warnings(`
      const store = open(session, { preventResurrection: true });
      await store.initialConnectionPromise;
      await store.set('a', { cookie: {} });
      await store.set('a', copy(await store.get('a')));
      await store.touch('a', copy(await store.get('a')));
      await store.close();`);
    assert.deepEqual(said, [`The option \`preventResurrection\` has no effect: the middleware does not call \`createSession\` of the store, ${rest}`]);
  });

  it('is not warned about with express-session, nor for sessions that are new or the same object', async () => {
    const said = await warnings(`
      const store = open(session, ${JSON.stringify(ALL)});
      await store.initialConnectionPromise;
      await store.set('a', { cookie: {} });
      await store.set('b', { cookie: {} });
      const found = await store.get('a');
      await store.set('a', found);
      await store.set('c', { cookie: {} });
      const made = store.createSession({ sessionID: 'a' }, await store.get('a'));
      await store.set('a', made);
      await store.set('a', copy(made));
      await store.close();`);
    assert.deepEqual(said, []);
  });
});
