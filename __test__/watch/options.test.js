'use strict';

/** `watch: true` together with every option that changes how sessions are stored. */

const assert = require('node:assert/strict');
const { eventually } = require('../support/stores');
const { Heard, sessionOf, useFleet } = require('./fleet');
const { withFunctions } = require('./functions');

const SECRET = 'a passphrase';

/** Options of both processes; `replace` is done to the watching store. */
const COMBINATIONS = [
  ['no options', {}],
  ['hashIds', { hashIds: true }],
  ['crypto', { crypto: { secret: SECRET } }],
  ['crypto and hashIds', { crypto: { secret: SECRET }, hashIds: true }],
  ['serialize', { serializes: true }],
  ['partialUpdates', { partialUpdates: true }],
  ['preventResurrection', { preventResurrection: true }],
  ['touchAfter', { touchAfter: 60 }],
  ['batching: false', { batching: false }],
  ['idField', { idField: 'sid' }],
  ['idField and expiresKey within the session\'s document', { idField: 'meta.sid', expiresKey: 'meta.until' }],
  ['idField and hashIds', { idField: 'sid', hashIds: true }],
  ['expiresKey', { expiresKey: 'endsAt' }],
  ['hashIds, crypto, touchAfter and idField', { hashIds: true, crypto: { secret: SECRET }, touchAfter: 60, idField: 'sid' }],
  ['autoRemove: interval', { autoRemove: 'interval' }],
  ['timestamps', { timestamps: true }],
  ['user', { hasUsers: true, maxSessionsPerUser: 9 }],
  ['maxLifetime, which ends sessions before they would expire', { maxLifetime: 30_000, timestamps: true }],
  ['maxLifetime, hashIds, crypto and user', { maxLifetime: 30_000, hashIds: true, crypto: { secret: SECRET }, hasUsers: true }],
  ['replaced methods', {}, (store) => {
    const { collection } = store;
    for (const name of ['findOne', 'updateOne', 'deleteOne']) {
      const original = collection[name];
      collection[name] = function spied(...args) {
        return original.apply(this, args);
      };
    }
  }],
  ['another collection in the place of the store\'s', {}, (store, rows) => {
    store.collection = rows;
  }]
];

describe('watching sessions with other options', function combinations() {
  this.timeout(60_000);
  this.slow(5000);
  const fleet = useFleet();

  for (const [title, more, replace] of COMBINATIONS) {
    it(`tells others' changes by the session's own id, and its own once: ${title}`, async () => {
      const options = fleet.options(more);
      const elsewhere = fleet.elsewhere(options);
      const store = await fleet.watching(withFunctions(options));
      replace?.(store, fleet.rows(options));
      const heard = new Heard(store);
      await store.set('shared', sessionOf({ n: 1 }));
      const session = await store.get('shared');
      await store.touch('shared', session);
      await elsewhere.call('set', 'shared', sessionOf({ n: 2 }));
      // So that this process has the other's change behind it, and overwrites what it knows.
      await heard.until('update shared');
      await store.set('shared', Object.assign(session, { n: 3 }));
      await elsewhere.call('destroy', 'shared');
      await heard.until('destroy shared');
      await store.set('ours', sessionOf({ n: 1 }));
      await store.destroy('ours');
      // An id that this process has never met, it cannot know from a hash.
      await store.get('last');
      await elsewhere.call('set', 'last', sessionOf());
      await elsewhere.call('destroy', 'last');
      assert.deepEqual(await heard.until('destroy last'), [
        'create shared', 'set shared', 'touch shared', 'update shared', 'update shared', 'set shared', 'destroy shared',
        'create ours', 'set ours', 'destroy ours', 'create last', 'destroy last'
      ]);
      assert.deepEqual(heard.errors, []);
    });
  }

  it('says what is known: the stored id of a hashed one that this process has not met', async () => {
    const { createHash } = require('node:crypto');
    const options = fleet.options({ hashIds: true });
    const elsewhere = fleet.elsewhere(options);
    const heard = new Heard(await fleet.watching(options));
    await elsewhere.call('set', 'a', sessionOf());
    const hash = createHash('sha256').update('a').digest('hex');
    await heard.until(`create ${hash}`);
    assert.deepEqual(heard.details, [{ storedId: hash, key: hash }]);
  });

  describe('with another idField', () => {
    /** A session from before the store was there. */
    async function before(options) {
      const elsewhere = fleet.elsewhere(options);
      await elsewhere.call('set', 'a', sessionOf());
      await fleet.rows(fleet.options()).insertOne({});
      const { _id } = await fleet.rows(options).findOne({ sid: 'a' });
      const store = await fleet.watching(options);
      return { elsewhere, store, heard: new Heard(store), key: _id };
    }

    it('a session from before is known once this process has read it', async () => {
      const { elsewhere, store, heard } = await before(fleet.options({ idField: 'sid' }));
      await store.get('a');
      await elsewhere.call('destroy', 'a');
      assert.deepEqual(await heard.until('destroy a'), ['destroy a']);
    });

    it('it is known in any case where the collection keeps pre-images', async () => {
      const options = fleet.options({ idField: 'sid' });
      await fleet.witness.db(options.databaseName).createCollection(options.collection, { changeStreamPreAndPostImages: { enabled: true } });
      const { elsewhere, heard } = await before(options);
      await elsewhere.call('destroy', 'a');
      assert.deepEqual(await heard.until('destroy a'), ['destroy a']);
    });

    it('else its document\'s key is all that is told', async () => {
      const { elsewhere, heard, key } = await before(fleet.options({ idField: 'sid' }));
      await elsewhere.call('destroy', 'a');
      await heard.until(`destroy ${key}`);
      assert.deepEqual(heard.details, [{ storedId: undefined, key }]);
    });
  });

  describe('all sessions of a user', () => {
    for (const more of [{}, { hashIds: true }, { idField: 'sid', crypto: { secret: SECRET }, hashIds: true }]) {
      it(`are told one by one, once, wherever they are ended: ${Object.keys(more)}`, async () => {
        const options = fleet.options({ hasUsers: true, ...more });
        const elsewhere = fleet.elsewhere(options);
        const store = await fleet.watching(withFunctions(options));
        const heard = new Heard(store);
        for (const id of ['a', 'b', 'c', 'd']) await store.set(id, sessionOf({ user: 'ada' }));
        await store.destroyUser('ada', { except: ['b', 'c', 'd'] });
        assert.equal(heard.list.at(-1), 'destroy a', 'before the call ends');
        await elsewhere.call('destroyUser', 'ada', { except: ['c', 'd'] });
        await heard.until('destroy b');
        await store.destroyUser('ada');
        await store.get('last');
        await elsewhere.call('set', 'last', sessionOf());
        await heard.until('create last');
        const ended = heard.list.filter((what) => what.startsWith('destroy'));
        assert.deepEqual(ended.sort(), ['destroy a', 'destroy b', 'destroy c', 'destroy d']);
      });
    }

    it('one too many is told once, where the login is', async () => {
      const options = fleet.options({ hasUsers: true, maxSessionsPerUser: 1, hashIds: true });
      const elsewhere = fleet.elsewhere(options);
      const store = await fleet.watching(withFunctions(options));
      const heard = new Heard(store);
      await store.set('a', sessionOf({ user: 'ada' }));
      await store.set('b', sessionOf({ user: 'ada' }));
      await elsewhere.call('set', 'c', sessionOf({ user: 'ada' }));
      await heard.until('destroy b');
      assert.deepEqual(heard.list.filter((what) => what.startsWith('destroy')), ['destroy a', 'destroy b']);
    });
  });

  it('a session that moves to the hash by a new secret is not told as ended', async () => {
    const options = fleet.options({ hashIds: true });
    const before = fleet.elsewhere({ ...options, crypto: { secret: SECRET } });
    const after = fleet.elsewhere({ ...options, crypto: { secret: ['another passphrase', SECRET] } });
    const store = await fleet.watching({ ...options, crypto: { secret: ['another passphrase', SECRET] } });
    const heard = new Heard(store);
    await before.call('set', 'a', sessionOf());
    // Listeners hear its hash, because this process has not met the session yet.
    await eventually(() => heard.list.length === 1);
    await store.get('a');
    await after.call('set', 'a', sessionOf({ n: 1 }));
    await after.call('destroy', 'a');
    await heard.until('destroy a');
    assert.deepEqual(heard.list.filter((what) => what.endsWith(' a')), ['create a', 'destroy a']);
  });
});
