'use strict';

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const expressSession = require('express-session');
const express = require('express');
const impl = require('../support/impl');
const { serve } = require('../support/http');
const { useStores, refusal } = require('../support/stores');
const { difference } = require('./differences');

describe(`events [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();

  it('tells every error listener, with the error the callback gets', async () => {
    const store = await stores.connected();
    await store.client.close();
    const seen = [];
    store.on('error', error => seen.push(['first', error]));
    store.on('error', error => seen.push(['second', error]));
    const error = await refusal(store, 'get', 'a');
    assert.deepEqual(seen, [['first', error], ['second', error]]);
  });

  it('tells the listeners before the callback', async () => {
    const store = await stores.connected();
    await store.client.close();
    for (const [method, ...args] of [['get', 'a'], ['set', 'a', {}], ['destroy', 'a'], ['clear']]) {
      const order = [];
      store.once('error', () => order.push('listener'));
      await new Promise(resolve => store[method](...args, () => {
        order.push('callback');
        resolve();
      }));
      assert.deepEqual(order, ['listener', 'callback'], method);
    }
  });

  it('tells a listener added with once of one error', async () => {
    const store = await stores.connected();
    await store.client.close();
    let times = 0;
    store.once('error', () => times++);
    await refusal(store, 'get', 'a');
    await refusal(store, 'get', 'a');
    assert.equal(times, 1);
  });

  it('tells a listener added with once of one error, however many come together', async () => {
    const store = await stores.connected();
    await store.client.close();
    let times = 0;
    store.once('error', () => times++);
    await Promise.all(['a', 'b', 'c'].map(sid => refusal(store, 'get', sid)));
    assert.equal(times, 1);
  });

  it('tells a listener that was removed nothing more', async () => {
    const store = await stores.connected();
    await store.client.close();
    let times = 0;
    const listener = () => times++;
    store.on('error', listener);
    await refusal(store, 'get', 'a');
    (store._emitter || store).removeListener('error', listener);
    await refusal(store, 'get', 'a');
    assert.equal(times, 1);
  });

  it('tells a listener that was added right after the call', async () => {
    const store = await stores.connected();
    const circular = { cookie: {} };
    circular.self = circular;
    const returned = refusal(store, 'set', 'sid', circular);
    const heard = new Promise(resolve => store.once('error', resolve));
    assert.equal(await heard, await returned);
  });

  it('takes an error listener alone, without a callback', async () => {
    const store = await stores.connected();
    await store.client.close();
    for (const [method, ...args] of [['set', 'a', {}], ['destroy', 'a'], ['clear']]) {
      const error = await new Promise(resolve => {
        store.once('error', resolve);
        store[method](...args);
      });
      assert.match(error.message, /^Error /);
    }
  });

  it('has only success events when all goes well', async () => {
    const store = await stores.connected();
    store.on('error', error => assert.fail(error));
    await new Promise(resolve => store.set('a', { cookie: {} }, resolve));
    await new Promise(resolve => store.destroy('a', resolve));
  });

  difference('one-emitter', {
    original: async () => {
      const store = await stores.connected();
      let heard = 0;
      assert.equal(store.on('custom', () => heard++), undefined);
      assert.equal(store.once('custom', () => heard++), undefined);
      assert.equal(store.listenerCount('custom'), 0);
      store.emit('custom');
      assert.equal(heard, 0);
    },
    ours: async () => {
      const store = await stores.connected();
      assert.ok(store instanceof EventEmitter);
      const heard = [];
      const listener = (...args) => heard.push(args);
      assert.equal(store.on('custom', listener).once('custom', listener), store);
      assert.equal(store.listenerCount('custom'), 2);
      assert.equal(store.emit('custom', 1, 2), true);
      store.emit('custom', 3);
      store.off('custom', listener);
      assert.equal(store.emit('custom', 4), false);
      assert.deepEqual(heard, [[1, 2], [1, 2], [3]]);
    }
  });

  difference('one-emitter', {
    aspect: 'also on a Store whose prototype is no emitter',
    ours: async () => {
      function Plain() {}
      Plain.prototype = {};
      const store = stores.track(new (impl.factory({ Store: Plain }))({ uri: stores.uri, collection: 'plain' }));
      const heard = [];
      const listener = value => heard.push(value);
      store.on('custom', listener);
      assert.equal(store.emit('custom', 1), true);
      store.removeListener('custom', listener);
      assert.equal(store.emit('custom', 2), false);
      assert.deepEqual(heard, [1]);
    }
  });

  /** @returns whether a request has a session after the store said `disconnect`, and after `connect` */
  async function sessionsAfterEvents() {
    // The original takes no such option; without it ours hears nothing of these events.
    const store = await stores.connected(impl.isOriginal ? {} : { degrade: true });
    const app = express();
    app.use(expressSession({ secret: 's', store, resave: false, saveUninitialized: false }));
    app.get('/', (req, res) => res.json(Boolean(req.session)));
    const site = await serve(app);
    try {
      store.emit('disconnect');
      const disconnected = (await site.browser().get('/')).json();
      store.emit('connect');
      return [disconnected, (await site.browser().get('/')).json()];
    } finally {
      await site.close();
    }
  }

  difference('one-emitter', {
    aspect: 'express-session\'s disconnect and connect',
    original: async () => assert.deepEqual(await sessionsAfterEvents(), [true, true]),
    ours: async () => assert.deepEqual(await sessionsAfterEvents(), [false, true])
  });
});
