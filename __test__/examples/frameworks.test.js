'use strict';

/**
 * The examples for other frameworks: what they do, and that the sessions outlive the application. They are installed
 * by `npm run test:examples`, which then runs this.
 */

const assert = require('node:assert/strict');
const { createRequire } = require('node:module');
const path = require('node:path');
const { once } = require('node:events');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { directory, isInstalled, names, refusal } = require('../../scripts/examples');
const { Copied } = require('./copied');

describe('the example for', function() {
  this.timeout(120000);
  this.slow(20000);

  const database = uniqueName('frameworks');
  let uri;

  before(async () => {
    uri = await mongoUri(database);
  });

  after(async () => {
    await (await testClient()).db(database).dropDatabase();
  });

  /**
   * Defines a suite for an example. `open` starts it; whatever is still open is stopped.
   *
   * @param {string} name
   * @param {(open: () => Promise<Copied>) => Promise<void>} body
   */
  function example(name, does, body) {
    it(`${name}: ${does}`, async function() {
      const reason = refusal(name) ?? (isInstalled(name) ? null : '`npm run test:examples` installs what it needs');
      if (reason !== null) {
        console.log(`      skipped ${name}: ${reason}`);
        this.skip();
      }
      const opened = [];
      try {
        await body(async () => {
          opened.push(new Copied(name, uri));
          return opened.at(-1).open();
        });
      } finally {
        for (const app of opened) app.child.kill('SIGKILL');
        await Promise.all(opened.map((app) => app.ended));
      }
    });
  }

  const ended = { code: 0, signal: null };

  example('express-4', 'a login and a counter that outlive a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    assert.deepEqual((await visitor.get('/')).json(), { views: 1 });
    const before = visitor.sessionId();
    assert.equal((await visitor.post('/login', { name: 'ada' })).status, 303);
    assert.notEqual(visitor.sessionId(), before);
    assert.deepEqual((await visitor.get('/')).json(), { user: 'ada', views: 2 });
    assert.deepEqual(await first.stop(), ended);

    const returned = (await open()).browser(visitor);
    assert.deepEqual((await returned.get('/')).json(), { user: 'ada', views: 3 });
    await returned.post('/logout');
    assert.deepEqual((await returned.get('/')).json(), { views: 1 });
  });

  example('passport', 'a login with a password and a cart that outlive a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    assert.equal((await visitor.post('/login', { name: 'ada', password: 'wrong' })).status, 401);
    await visitor.post('/cart', { item: 'tea' });
    const before = visitor.sessionId();
    assert.deepEqual((await visitor.post('/login', { name: 'ada', password: 'lovelace' })).json(), { user: 'ada' });
    assert.notEqual(visitor.sessionId(), before, 'the session has a new id after the login');
    assert.deepEqual(await first.stop(), ended);

    const returned = (await open()).browser(visitor);
    assert.deepEqual((await returned.get('/')).json(), { user: 'ada', cart: ['tea'] });
    await returned.post('/logout');
    assert.deepEqual((await returned.get('/')).json(), { cart: [] });
  });

  example('socket.io', 'a login that the socket knows, and messages counted over a restart', async (open) => {
    const { io } = createRequire(path.join(directory('socket.io'), 'app.js'))('socket.io-client');
    const connect = (app, visitor) => {
      const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      return io(app.url, { extraHeaders: { cookie }, reconnection: false, forceNew: true });
    };
    const first = await open();
    const visitor = first.browser();
    const stranger = connect(first, visitor);
    const [refused] = await once(stranger, 'connect_error');
    assert.equal(refused.message, 'log in first');

    await visitor.post('/login', { name: 'ada' });
    let socket = connect(first, visitor);
    assert.deepEqual(await socket.timeout(10000).emitWithAck('message', 'hello'), { user: 'ada', text: 'hello', messages: 1 });
    assert.deepEqual((await visitor.get('/')).json(), { user: 'ada', messages: 1 });
    socket.close();
    assert.deepEqual(await first.stop(), ended);

    const second = await open();
    const returned = second.browser(visitor);
    socket = connect(second, returned);
    assert.equal((await socket.timeout(10000).emitWithAck('message', 'again')).messages, 2);
    const gone = once(socket, 'disconnect');
    await returned.post('/logout');
    await gone;
    socket.close();
  });

  example('fastify', 'a login and a counter that outlive a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    assert.deepEqual(await visitor.json('GET', '/'), { views: 1 });
    await visitor.json('POST', '/login', { name: 'ada' });
    assert.deepEqual(await visitor.json('GET', '/'), { user: 'ada', views: 2 });
    assert.deepEqual(await first.stop(), ended);

    const returned = (await open()).browser(visitor);
    assert.deepEqual(await returned.json('GET', '/'), { user: 'ada', views: 3 });
    await returned.json('POST', '/logout', {});
    assert.deepEqual(await returned.json('GET', '/'), { views: 1 });
  });

  example('apollo', 'resolvers that log in and fill a cart, over a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    const ask = async (browser, query) => {
      const { data, errors } = await browser.json('POST', '/graphql', { query });
      assert.equal(errors, undefined);
      return data;
    };
    assert.deepEqual(await ask(visitor, '{ me cart }'), { me: null, cart: [] });
    await ask(visitor, 'mutation { addToCart(item: "tea") }');
    assert.deepEqual(await ask(visitor, 'mutation { login(name: "ada") }'), { login: 'ada' });
    assert.deepEqual(await first.stop(), ended);

    const returned = (await open()).browser(visitor);
    assert.deepEqual(await ask(returned, '{ me cart }'), { me: 'ada', cart: ['tea'] });
    await ask(returned, 'mutation { logout }');
    assert.deepEqual(await ask(returned, '{ me cart }'), { me: null, cart: [] });
  });

  example('typescript', 'a typed session whose dates are dates, over a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    await visitor.post('/cart', { item: 'tea' });
    await visitor.post('/login', { name: 'ada' });
    assert.deepEqual(await first.stop(), ended);

    const returned = (await open()).browser(visitor);
    const { user, cart } = (await returned.get('/')).json();
    assert.equal(user, 'ada');
    assert.deepEqual(cart.map(({ item }) => item), ['tea']);
    assert.ok(cart[0].year >= 2024);
    assert.ok((await returned.get('/online')).json().sessions >= 1);
  });

  example('nestjs', 'a cart over a restart, and logging out everywhere', async (open) => {
    const first = await open();
    const [desktop, phone] = [first.browser(), first.browser()];
    assert.deepEqual(await desktop.json('POST', '/cart', { item: 'tea' }), { cart: ['tea'] });
    for (const device of [desktop, phone]) await device.json('POST', '/login', { name: 'ada' });
    first.child.kill('SIGTERM');
    await first.ended;

    const second = await open();
    const [returned, other] = [second.browser(desktop), second.browser(phone)];
    assert.deepEqual(await returned.json('GET', '/'), { user: 'ada', cart: ['tea'] });
    assert.deepEqual(await other.json('POST', '/logout-everywhere', {}), { sessions: 2 });
    assert.deepEqual(await returned.json('GET', '/'), { cart: [] });
  });

  example('nextjs', 'a login and a counter in pages rendered on the server, over a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    assert.match((await visitor.get('/')).text, /Not logged in.*Views: 1/s);
    assert.deepEqual((await visitor.post('/api/login', { name: 'ada' })).json(), { user: 'ada' });
    assert.match((await visitor.get('/')).text, /Hello, ada.*Views: 2/s);
    assert.deepEqual(await first.stop(), ended);

    const returned = (await open()).browser(visitor);
    assert.match((await returned.get('/')).text, /Hello, ada.*Views: 3/s);
  });

  it('everything in examples/ is tested', () => {
    assert.deepEqual(names().sort(), ['apollo', 'express-4', 'fastify', 'nestjs', 'nextjs', 'passport', 'socket.io', 'typescript']);
  });
});
