'use strict';

/** Runs the example of docs/methods.md. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const page = new Page('docs/methods.md');

describe(page.file, () => {
  const stores = useStores();

  it('destroyWhere: the sessions of a user, and nobody else\'s', async () => {
    const store = await stores.connected();
    await store.set('a', { cookie: {}, user: 'ada' });
    await store.set('b', { cookie: {}, user: 'bob' });
    await vm.runInNewContext(`(async () => { ${page.block('destroyWhere')} })()`, { store });
    assert.deepEqual(await store.ids(), ['b']);
  });
});
