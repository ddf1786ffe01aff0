'use strict';

/** Runs the examples of docs/watching.md on a replica set, and sees that its listeners hear what the page says. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { useServer } = require('../../support/connections');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { eventually } = require('../../support/stores');

const page = new Page('docs/watching.md');
const MongoDBStore = require(ROOT)(require('express-session'));

describe('docs/watching.md', () => {
  const server = useServer({ replicaSet: 'documented', members: 1 });

  it('its listeners hear what others do, and its command has expired sessions told as such', async () => {
    const uri = server.uri.replace('/?', '/documented?');
    const heard = [];
    const around = { MongoDBStore, uri, closeSocketsOf: (sid) => heard.push(`close ${sid}`), forget: (sid) => heard.push(`forget ${sid}`) };
    const store = vm.runInNewContext(`${page.block('watch: true')}; store;`, around);
    await store.initialConnectionPromise;
    const sessions = store.db.collection('sessions');
    await sessions.insertMany([{ _id: 'a', session: {} }, { _id: 'b', session: {}, expires: new Date(0) }]);
    await vm.runInNewContext(`(async () => { ${page.block('collMod')} })()`, { store });
    const expired = new Promise((resolve) => store.once('expire', resolve));
    await sessions.updateOne({ _id: 'a' }, { $set: { 'session.n': 1 } });
    await sessions.deleteOne({ _id: 'a' });
    await sessions.deleteOne({ _id: 'b' });
    await eventually(() => heard.length >= 3);
    assert.deepEqual(heard, ['forget a', 'close a', 'close b']);
    assert.equal(await expired, 'b');
    await store.close();
  });
});
