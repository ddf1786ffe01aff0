'use strict';

/** Runs the examples of docs/driver.md on a replica set. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { startMongod } = require('../../../tools/mongod');
const { Collection } = require('../../../lib/driver');
const { FORWARDED } = require('../../driver/forwarded');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');

const page = new Page('docs/driver.md');
const MongoDBStore = require(ROOT)(require('express-session'));

describe('docs/driver.md', () => {
  let server;
  let store;

  before('start a replica set', async function() {
    this.timeout(120_000);
    server = await startMongod({ replicaSet: true });
    store = new MongoDBStore({ uri: server.uri, databaseName: 'driver_page', collection: 'sessions' });
    await store.initialConnectionPromise;
  });

  after(async () => {
    await store?.close();
    await server?.stop();
  });

  it('a user is logged out, the others are listed, and the client closes', async () => {
    const other = new MongoDBStore({ uri: server.uri, databaseName: 'driver_page', collection: 'listed' });
    await other.set('a', { cookie: {}, user: 'ada' });
    await other.set('b', { cookie: {}, user: 'bob' });
    const users = await vm.runInNewContext(`(async () => { ${page.block('distinct(')} return users; })()`, { store: other });
    assert.deepEqual([...users], ['bob']);
    await assert.rejects(other.get('b'), /Client must be connected/);
  });

  it('a transaction over the sessions and another collection', async () => {
    const users = store.db.collection('users');
    await users.insertOne({ name: 'ada', active: true });
    await store.set('a', { cookie: {}, user: 'ada' });
    await store.set('b', { cookie: {}, user: 'bob' });
    await vm.runInNewContext(`(async () => { ${page.block('withTransaction')} })()`, { store });
    assert.deepEqual(await store.ids(), ['b']);
    assert.equal((await users.findOne({ name: 'ada' })).active, false);
  });

  it('names every method of a collection that is native', () => {
    const [, table] = /## What is done natively([\s\S]*?)\n## /.exec(fs.readFileSync(path.join(ROOT, page.file), 'utf8'));
    const row = table.split('\n').find((line) => line.startsWith('| collection |'));
    const named = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const { returning, promising } = FORWARDED.Collection;
    const there = Object.getOwnPropertyNames(Collection.prototype).filter((name) => {
      const { value } = Object.getOwnPropertyDescriptor(Collection.prototype, name);
      return typeof value === 'function' && name !== 'constructor' && ![...returning, ...promising].includes(name);
    });
    assert.deepEqual(named.sort(), there.sort());
  });
});
