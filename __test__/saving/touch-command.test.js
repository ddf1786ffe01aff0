'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { useConnections } = require('../support/connections');
const { sessionOf, useDeployment } = require('../bad-weather/deployments');

describe('the command of a touch', function touch() {
  this.timeout(30_000);
  const deployment = useDeployment('standalone');
  const connections = useConnections();

  async function open(options = {}) {
    const Store = impl.factory(expressSession);
    const store = new Store({ uri: deployment.uri, databaseName: 'test', collection: `touch${connections.opened.length}${Date.now()}`, ...options });
    connections.opened.push(store.client);
    await store.initialConnectionPromise;
    return store;
  }
  const rows = (store) => deployment.db.collection(store.options.collection);
  const touches = () => deployment.proxy.writes.flatMap(({ statements }) => statements);

  for (const [title, options, q] of [
    ['by _id', {}, { _id: 'a' }],
    ['by a field of its own', { idField: 'sid', expiresKey: 'until' }, { sid: 'a' }]
  ]) {
    it(`finds the session by its id alone and hints at no index: ${title}`, async () => {
      const store = await open(options);
      await store.set('a', sessionOf({ n: 1 }));
      deployment.proxy.honest();
      await store.touch('a', sessionOf());
      const [statement, ...more] = touches();
      assert.deepEqual(more, []);
      assert.deepEqual(statement.q, q);
      assert.equal('hint' in statement, false);
    });
  }

  it('creates no session that is gone', async () => {
    const store = await open();
    await store.touch('gone', sessionOf());
    await store.set('a', sessionOf());
    await store.destroy('a');
    await Promise.all([store.touch('a', sessionOf()), ...Array.from({ length: 20 }, (_, n) => store.touch(`gone${n}`, sessionOf()))]);
    assert.equal(await rows(store).countDocuments(), 0);
    assert.ok(touches().filter(({ u }) => u && !u.$set._id).every(({ upsert }) => !upsert));
  });

  it('moves the expiry and the cookie and nothing else', async () => {
    const store = await open();
    await store.set('a', sessionOf({ n: 1, list: [1] }));
    const before = await rows(store).findOne({ _id: 'a' });
    const expires = new Date(Date.now() + 7_200_000);
    await store.touch('a', { n: 2, cookie: { originalMaxAge: 7_200_000, expires, path: '/' } });
    const { session, ...after } = await rows(store).findOne({ _id: 'a' });
    assert.deepEqual(after, { _id: 'a', expires });
    assert.deepEqual(session, { ...before.session, cookie: { originalMaxAge: 7_200_000, expires, path: '/' } });
  });

  it('is one of several in a shared command, without a word about indexes', async () => {
    const store = await open();
    const ids = Array.from({ length: 50 }, (_, n) => `t${n}`);
    await Promise.all(ids.map((id) => store.set(id, sessionOf())));
    deployment.proxy.honest();
    await Promise.all(ids.map((id) => store.touch(id, sessionOf())));
    assert.ok(deployment.proxy.writes.some(({ statements }) => statements.length > 1));
    assert.ok(touches().every((statement) => Object.keys(statement.q).join() === '_id' && !('hint' in statement)));
  });

  it('is not refused by a service that knows no hints', async () => {
    const store = await open();
    await store.set('a', sessionOf());
    deployment.proxy.treat = (request) => (request.statements.some(({ hint }) => hint)
      ? request.answer({ ok: 0, code: 115, codeName: 'CommandNotSupported', errmsg: 'hint is not supported' }) ?? true
      : undefined);
    deployment.proxy.seen = [];
    await store.touch('a', sessionOf());
    assert.equal(deployment.proxy.writes.length, 1);
  });
});
