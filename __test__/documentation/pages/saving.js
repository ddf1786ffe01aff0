'use strict';

/** Runs each example of docs/saving.md, and sees that its option does what the page says of it. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const page = new Page('docs/saving.md');
const MongoDBStore = require(ROOT)(require('express-session'));

describe('docs/saving.md', () => {
  const stores = useStores();

  /** The example's store, with a session that was loaded from it. */
  async function example(option) {
    const store = stores.track(vm.runInNewContext(`${page.block(option)}; store;`, { MongoDBStore, uri: stores.uri }));
    await store.clear();
    await store.set('a', { cookie: { expires: new Date(Date.now() + 1e7) } });
    return { store, session: await store.get('a'), stored: () => stores.rows(store).findOne({ _id: 'a' }) };
  }

  it('touchAfter: a touch less than an hour later is skipped', async () => {
    const { store, session, stored } = await example('touchAfter');
    const { expires } = session.cookie;
    session.cookie.expires = new Date(expires.getTime() + 60 * 60 * 1000 - 1);
    await store.touch('a', session);
    assert.deepEqual((await stored()).expires, expires);
    session.cookie.expires = new Date(expires.getTime() + 60 * 60 * 1000);
    await store.touch('a', session);
    assert.deepEqual((await stored()).expires, session.cookie.expires);
  });

  it('partialUpdates: what another request saved stays', async () => {
    const { store, session, stored } = await example('partialUpdates');
    await store.set('a', Object.assign(await store.get('a'), { theme: 'dark' }));
    await store.set('a', Object.assign(session, { cart: 'tea' }));
    const { theme, cart } = (await stored()).session;
    assert.deepEqual([theme, cart], ['dark', 'tea']);
  });

  it('preventResurrection: a session that was destroyed stays so', async () => {
    const { store, session, stored } = await example('preventResurrection');
    await store.destroy('a');
    await store.set('a', session);
    assert.equal(await stored(), null);
  });
});
