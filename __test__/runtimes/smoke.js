'use strict';

/**
 * A small application, as a program for any runtime: Express 5 with a login, then the store by itself, on the MongoDB
 * of MONGODB_URI. Prints what worked; the process must then end by itself.
 */

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const http = require('node:http');
const express = require('express');
const session = require('express-session');
const factory = require('../../index.js');

const MongoDBStore = factory(session);
const uri = process.env.MONGODB_URI;

function ask(store, method, ...args) {
  return new Promise((resolve, reject) => {
    store[method](...args, (error, value) => error ? reject(error) : resolve(value));
  });
}

async function servesSessions(store) {
  const app = express();
  app.use(session({ secret: 'secret', store, resave: false, saveUninitialized: false, cookie: { maxAge: 60_000 } }));
  app.get('/', (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1;
    res.json(req.session.views);
  });
  const server = http.createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;
  const first = await fetch(url);
  assert.equal(await first.json(), 1);
  const headers = { cookie: first.headers.get('set-cookie').split(';')[0] };
  for (const views of [2, 3]) assert.equal(await (await fetch(url, { headers })).json(), views);
  server.close();
  server.closeAllConnections?.();
}

async function keepsValues(store) {
  const user = { name: 'Ada ☃', since: new Date(1e12), list: [1, 1.5, null, true, { deep: ['x'.repeat(5000)] }], big: 2 ** 40 };
  await ask(store, 'set', 'values', { cookie: {}, user });
  assert.deepEqual((await ask(store, 'get', 'values')).user, user);
  const { ObjectId, MongoClient } = require('../../lib/entries/driver.js');
  assert.ok(store.client instanceof MongoClient);
  const id = new ObjectId();
  await store.set('id', { cookie: {}, id });
  assert.ok((await store.get('id')).id.equals(id));
}

async function answersMany(store) {
  const ids = Array.from({ length: 500 }, (_, n) => `many-${n}`);
  await Promise.all(ids.map((id, n) => store.set(id, { cookie: {}, n })));
  const found = await Promise.all(ids.map((id) => store.get(id)));
  assert.deepEqual(found.map(({ n }) => n), ids.map((_, n) => n));
  await store.destroy(ids[0]);
  assert.equal(await store.get(ids[0]), undefined);
  assert.ok((await store.all()).length >= 499);
}

async function keepsContext(store) {
  const storage = new AsyncLocalStorage();
  await storage.run('of the request', async () => {
    await ask(store, 'get', 'nobody');
    assert.equal(storage.getStore(), 'of the request');
    await new Promise((resolve) => { store.get('nobody', () => { assert.equal(storage.getStore(), 'of the request'); resolve(); }); });
  });
}

async function tellsErrors() {
  const store = new MongoDBStore({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100' }, () => {});
  const [error] = await once(store, 'error');
  assert.match(error.message, /^Error connecting to db: /);
  await assert.rejects(store.get('x'), /Error finding x/);
  await store.client.close();
}

async function main() {
  const store = new MongoDBStore({ uri, collection: 'smoke' });
  store.on('error', () => {});
  await once(store, 'connected');
  for (const part of [servesSessions, keepsValues, answersMany, keepsContext]) {
    await part(store);
    console.log(`ok ${part.name}`);
  }
  await tellsErrors();
  console.log('ok tellsErrors');
  await ask(store, 'clear');
  await store.client.close();
  // This one is left open: it must not keep the process.
  await new MongoDBStore({ uri, collection: 'smoke' }).get('nobody');
  console.log('ok done');
}

main();
