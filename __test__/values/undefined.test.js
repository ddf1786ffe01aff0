'use strict';

/** `undefined` in a session: stored as null, as by the original, or left out. */

const assert = require('node:assert/strict');
const bson = require('bson');
const express = require('express');
const session = require('express-session');
const { serve } = require('../support/http');
const { useStores } = require('../support/stores');

class Cart {
  constructor() {
    this.items = [undefined, { a: undefined, b: 1 }];
    this.coupon = undefined;
  }
}

const VALUES = {
  'a member': { a: undefined, b: 1 },
  'a member of a member': { deep: { a: undefined, b: { c: undefined } } },
  'an element of an array': { list: [1, undefined, { a: undefined }] },
  'a member of an instance': { cart: new Cart() },
  'a member of a Map': { map: new Map([['a', undefined], ['b', { c: undefined }]]) },
  'beside values of BSON': { id: new bson.ObjectId('0123456789abcdef01234567'), at: new Date(5), text: /a/g, bytes: Buffer.from('ab'), gone: undefined },
  'what toBSON gives': { value: { toBSON: () => ({ kept: 1 }) }, gone: undefined },
  '__proto__ as a key': JSON.parse('{"__proto__": {"a": 1}}'),
  'a cookie': {}
};

describe('undefinedAs', () => {
  const stores = useStores();

  const bytes = (document) => Buffer.from(bson.serialize(document)).toString('hex');

  async function stored(options, value) {
    const store = await stores.connected(options);
    await store.set('a', { cookie: { path: '/', domain: undefined }, ...value });
    const [raw] = await stores.rows(store).find({}, { raw: true }).toArray();
    return bson.deserialize(raw, { promoteValues: false }).session;
  }

  for (const [title, value] of Object.entries(VALUES)) {
    it(`'absent': ${title} is left out as by the Node driver with ignoreUndefined`, async () => {
      const session_ = { cookie: { path: '/', domain: undefined }, ...value };
      const expected = bson.deserialize(bson.serialize({ session: session_ }, { ignoreUndefined: true }), { promoteValues: false }).session;
      assert.equal(bytes(await stored({ undefinedAs: 'absent' }, value)), bytes(expected));
      assert.equal(bytes(await stored({ connectionOptions: { ignoreUndefined: true } }, value)), bytes(expected));
    });
  }

  it("'null', the default, stores null; it wins over connectionOptions.ignoreUndefined", async () => {
    for (const options of [{}, { undefinedAs: 'null' }, { undefinedAs: 'null', connectionOptions: { ignoreUndefined: true } }]) {
      assert.equal((await stored(options, { a: undefined })).a, null);
    }
  });

  it('a session that refers to itself is refused as ever', async () => {
    const store = await stores.connected({ undefinedAs: 'absent' });
    const circular = { cookie: {}, a: undefined };
    circular.self = circular;
    await assert.rejects(store.set('a', circular), /Cannot convert circular structure to BSON/);
  });

  it('a touch leaves it out of the cookie', async () => {
    const store = await stores.connected({ undefinedAs: 'absent' });
    await store.set('a', { cookie: {} });
    await store.touch('a', { cookie: { path: '/', domain: undefined } });
    assert.deepEqual((await stores.rows(store).findOne({ _id: 'a' })).session.cookie, { path: '/' });
  });

  it('connectionOptions.ignoreUndefined is for the collection too, as in the Node driver', async () => {
    const store = await stores.connected({ connectionOptions: { ignoreUndefined: true } });
    await store.collection.insertOne({ _id: 'x', a: undefined });
    assert.deepEqual(await stores.rows(store).findOne({ _id: 'x' }), { _id: 'x' });
    assert.equal(store.client.options.ignoreUndefined, true);
  });

  for (const [undefinedAs, expected] of [['null', 3], ['absent', 1]]) {
    it(`'${undefinedAs}': an unchanged session with undefined in it is saved by ${expected} of 3 requests`, async () => {
      const store = await stores.connected({ undefinedAs });
      let saves = 0;
      store.on('set', () => saves++);
      const app = express();
      app.use(session({ secret: 'secret', store, resave: false, saveUninitialized: false }));
      app.get('/', (req, res) => {
        req.session.user = 'ada';
        req.session.flash = undefined;
        res.end();
      });
      const server = await serve(app);
      const browser = server.browser();
      for (let count = 0; count < 3; count++) await browser.get('/');
      await server.close();
      assert.equal(saves, expected);
    });
  }

  it('is refused as anything else', () => {
    assert.throws(() => stores.open({ undefinedAs: 'gone' }), { name: 'CastError', message: "undefinedAs: must be 'null', 'absent'; got 'gone'" });
  });
});
