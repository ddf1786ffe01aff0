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
const { startMongod } = require('../../tools/mongod');
const { directory, isInstalled, names, refusal } = require('../../tools/examples');
const { Collector } = require('./collector');
const { Copied } = require('./copied');

describe('the example for', function() {
  this.timeout(300_000);
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
   * @param {(open: (variables?: object) => Promise<Copied>) => Promise<void>} body
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
        await body(async (variables) => {
          opened.push(new Copied(name, uri, variables));
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

  /** A socket of the example for Socket.IO, with the cookies of a browser. */
  function connect(app, visitor) {
    const { io } = createRequire(path.join(directory('socket.io'), 'app.js'))('socket.io-client');
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return io(app.url, { extraHeaders: { cookie }, reconnection: false, forceNew: true });
  }

  example('socket.io', 'a login that the socket knows, and messages counted over a restart', async (open) => {
    const first = await open();
    const visitor = first.browser();
    const stranger = connect(first, visitor);
    const [refused] = await once(stranger, 'connect_error');
    assert.equal(refused.message, 'log in first');

    await visitor.post('/login', { name: 'ada' });
    let socket = connect(first, visitor);
    assert.deepEqual(await socket.timeout(60_000).emitWithAck('message', 'hello'), { user: 'ada', text: 'hello', messages: 1 });
    assert.deepEqual((await visitor.get('/')).json(), { user: 'ada', messages: 1 });
    socket.close();
    assert.deepEqual(await first.stop(), ended);

    const second = await open();
    const returned = second.browser(visitor);
    socket = connect(second, returned);
    assert.equal((await socket.timeout(60_000).emitWithAck('message', 'again')).messages, 2);
    const gone = once(socket, 'disconnect');
    await returned.post('/logout');
    await gone;
    socket.close();
  });

  example('socket.io', 'a logout ends the sockets of the session on every server, and no others', async (open) => {
    const set = await startMongod({ own: true, replicaSet: 'sockets', members: 1 });
    try {
      const [first, second] = [await open({ MONGODB_URI: set.uri }), await open({ MONGODB_URI: set.uri })];
      const [ada, bob] = [first.browser(), first.browser()];
      await ada.post('/login', { name: 'ada' });
      await bob.post('/login', { name: 'bob' });
      const sockets = [connect(first, ada), connect(second, ada), connect(first, bob)];
      await Promise.all(sockets.map((socket) => socket.timeout(60_000).emitWithAck('message', 'hello')));
      const gone = sockets.slice(0, 2).map((socket) => once(socket, 'disconnect'));
      await second.browser(ada).post('/logout');
      await Promise.all(gone);
      assert.deepEqual((await sockets[2].timeout(10000).emitWithAck('message', 'still here')).user, 'bob');
      sockets[2].close();
    } finally {
      await set.stop();
    }
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

  example('opentelemetry', 'spans below those of the requests, and metrics, without what is in a session', async (open) => {
    const collector = await new Collector().open();
    try {
      const app = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
      const visitor = app.browser();
      assert.deepEqual((await visitor.get('/')).json(), { views: 1 });
      assert.equal((await visitor.post('/login', { name: 'ada-lovelace' })).status, 303);
      assert.deepEqual((await visitor.get('/')).json(), { user: 'ada-lovelace', views: 2 });
      const sid = decodeURIComponent(visitor.sessionId()).slice(2).split('.')[0];
      const witness = (await testClient()).db(database);
      await witness.command({ collMod: 'telemetrySessions', validator: { 'session.user': { $ne: 'mallory' } } });
      assert.equal((await visitor.post('/login', { name: 'mallory' })).status, 500);
      assert.deepEqual(await app.stop(), ended);

      const requests = new Map(collector.spans.filter(({ scope }) => scope.includes('http')).map((span) => [span.spanId, span]));
      const spans = collector.spans.filter(({ scope }) => scope === 'connect-mongodb-session');
      const seen = spans.map((span) => {
        const request = requests.get(span.parentSpanId);
        assert.equal(span.traceId, request.traceId);
        assert.equal(span.kind, 3, 'a client\'s span');
        const { 'db.system.name': system, 'db.namespace': namespace, 'db.collection.name': collection, 'db.operation.name': operation } = span.attributes;
        assert.deepEqual([system, namespace, collection, span.name], ['mongodb', database, 'telemetrySessions', `${operation} telemetrySessions`]);
        assert.match(span.attributes['session.hash'], /^[\da-f]{8}$/);
        assert.ok(BigInt(span.endTimeUnixNano) > BigInt(span.startTimeUnixNano));
        assert.ok(BigInt(span.startTimeUnixNano) >= BigInt(request.startTimeUnixNano));
        return `${request.name} ${operation} ${span.status.code ?? 0}`;
      });
      assert.deepEqual(seen, [
        // A login saves before it redirects, and express-session saves a new session once more.
        'GET set 0', 'POST get 0', 'POST destroy 0', 'POST set 0', 'POST set 0', 'GET get 0', 'GET set 0',
        'POST get 0', 'POST destroy 0', 'POST set 2', 'POST set 2'
      ]);
      const failed = spans.at(-1);
      assert.deepEqual(failed.status, { code: 2 });
      assert.deepEqual([failed.attributes['error.type'], failed.attributes['db.response.status_code']], ['MongoServerError', '121']);
      assert.deepEqual(failed.events, []);

      const point = (metric, wanted) => collector.metrics.get(metric).find(({ attributes }) => {
        return Object.entries(wanted).every(([name, value]) => attributes[name] === value);
      });
      const number = ({ asInt, asDouble }) => Number(asInt ?? asDouble);
      assert.equal(number(point('sessions.operations', { 'db.operation.name': 'set' })), 6);
      assert.equal(number(point('sessions.operation.errors', { 'db.operation.name': 'set' })), 2);
      assert.equal(number(point('sessions.operation.errors', { 'db.operation.name': 'get' })), 0);
      assert.ok(number(point('db.client.connection.count', { 'db.client.connection.state': 'idle' })) >= 1);
      assert.equal(number(point('sessions.queue.waiting', {})), 0);
      assert.equal(number(point('sessions.command.retries', {})), 0);
      assert.ok(Number(point('db.client.operation.duration', { 'db.operation.name': 'find' }).count) >= 3);
      assert.ok(Number(point('sessions.command.operations', { 'db.operation.name': 'update' }).sum) >= 3);

      for (const secret of ['ada-lovelace', 'mallory', sid]) assert.ok(!collector.received.includes(secret), secret);
    } finally {
      await collector.close();
    }
  });

  it('everything in examples/ is tested', () => {
    assert.deepEqual(names().sort(), ['apollo', 'express-4', 'fastify', 'nestjs', 'nextjs', 'opentelemetry', 'passport', 'socket.io', 'typescript']);
  });
});
