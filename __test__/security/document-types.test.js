'use strict';

const assert = require('node:assert/strict');
const { storedIdsOf } = require('../../lib/store/backend/stored-ids');
const { useStores } = require('../support/stores');
const { insertRaw } = require('../support/raw-insert');
const { TYPES, documentWith } = require('./document-types');

const FIELDS = ['session', 'expires', 'session.cookie', 'session.owner', 'cookie', 'options', 'lastModified'];
const secret = Buffer.alloc(32, 3);
const SETTINGS = {
  'as the original stores': {}, 'one command each': { batching: false }, 'encrypted': { crypto: { secret } }, 'encrypted and required': { crypto: { secret, required: true } },
  'hashed ids': { hashIds: true }, 'hashed ids, encrypted': { hashIds: true, crypto: { secret } }, 'partial updates': { partialUpdates: true },
  'no resurrection': { preventResurrection: true }, 'touched rarely': { touchAfter: 60 }, 'other fields': { idField: 'sid', expiresKey: 'until' },
  'as connect-mongo stores': { serialize: JSON.stringify, unserialize: (stored) => JSON.parse(stored) }
};

describe('stored documents with wrong types', function() {
  this.timeout(60_000);
  const stores = useStores();

  for (const [setting, options] of Object.entries(SETTINGS)) {
    it(`give errors or nothing, never somebody else's session: ${setting}`, async () => {
      const store = await stores.connected(options);
      store.on('error', () => {});
      const { idField = '_id', expiresKey = 'expires' } = options;
      const storedId = (id) => storedIdsOf(store.options)?.(id)[0] ?? id;
      const ids = [];
      const documents = FIELDS.flatMap((path) => Object.keys(TYPES).map((type) => {
        const id = `${path} ${type}`;
        ids.push(id);
        const document = { [idField]: storedId(id), session: { cookie: { path: '/' }, owner: id }, [expiresKey]: new Date(Date.now() + 1e7) };
        return documentWith(document, path === 'expires' ? expiresKey : path, type);
      }));
      await store.set('fine', { cookie: {}, owner: 'fine' });
      await insertRaw(stores.uri, stores.databaseName, store.options.collection, documents);
      assert.equal(await stores.rows(store).countDocuments(), documents.length + 1);

      const read = await Promise.allSettled(ids.map((id) => store.get(id)));
      assert.ok(read.some(({ status }) => status === 'rejected') && read.some(({ value }) => value?.owner !== undefined || options.crypto?.required), 'some can be read, some cannot');
      read.forEach(({ value, reason }, at) => checkRead(ids[at], value, reason));
      const touched = await Promise.allSettled(ids.map((id) => store.touch(id, { cookie: { path: '/touched' } })));
      touched.forEach(({ reason }, at) => reason === undefined || assert.ok(reason.message.startsWith(`Error touching ${ids[at]}: `), reason.message));
      for (const method of ['all', 'length', 'ids']) {
        const [{ reason }] = await Promise.allSettled([store[method]()]);
        if (reason !== undefined) assert.match(reason.message, /^Error (gathering|counting|listing) /);
      }
      assert.equal((await store.get('fine')).owner, 'fine');
      assert.equal({}.polluted, undefined);

      await Promise.all(ids.map((id) => store.set(id, { cookie: {}, owner: id, repaired: true })));
      const repaired = await Promise.all(ids.map((id) => store.get(id)));
      repaired.forEach((session, at) => assert.deepEqual([session.owner, session.repaired], [ids[at], true]));
      await store.destroy(ids);
      assert.equal(await stores.rows(store).countDocuments(), 1);
    });
  }

  it('in the place of the id belong to nobody', async () => {
    const store = await stores.connected();
    store.on('error', () => {});
    await store.set('fine', { cookie: {}, owner: 'fine' });
    // Those that the server takes: no arrays, no patterns, no undefined.
    const taken = Object.entries(TYPES).filter(([type, value]) => value !== 'raw' && !/array|regex|operators|prototypes|encrypted|text|JSON/.test(type));
    for (const [, value] of taken) {
      await stores.rows(store).insertOne({ _id: value, session: { cookie: {}, owner: 'nobody' } }, { ignoreUndefined: false });
    }
    // MongoDB finds this one by the text, which it is not.
    await assert.rejects(store.get(TYPES.symbol.value), /Error finding s: the server answered with a document that has another id/);
    for (const [type, value] of taken.filter(([name]) => name !== 'symbol')) {
      for (const id of new Set([type, String(value), JSON.stringify(value) ?? ''])) assert.equal(await store.get(id), undefined, id);
    }
    assert.equal((await store.ids()).length, taken.length + 1);
    assert.equal(await store.length(), taken.length + 1);
    assert.equal((await store.all()).filter(({ session }) => session.owner === 'fine').length, 1);
    await store.destroy(taken.map(([type]) => type));
    assert.equal(await store.length(), taken.length + 1);
  });
});

/** Whatever is read under an id is of that id's document; where it cannot be read, the error says whose it is. */
function checkRead(id, value, reason) {
  if (reason !== undefined) {
    assert.match(reason.message, /^Error (finding|destroying) /);
    assert.ok(reason.message.includes(` ${id}: `), reason.message);
    assert.doesNotMatch(reason.message, /Cannot read prop|is not a function/, id);
  } else if (typeof value?.owner === 'string' && !id.startsWith('session')) {
    assert.equal(value.owner, id);
  }
}
