'use strict';

/** Runs the listings of docs/middlewares.md, and compares its table with what is tested. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { installed } = require('../../../tools/runtime');
const { runScript } = require('../../support/child');
const { serve } = require('../../support/http');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');
const promises = require('../../middlewares/promises');

const FILE = 'docs/middlewares.md';
const TESTS = path.join(ROOT, '__test__', 'middlewares');
const page = new Page(FILE);

describe(FILE, () => {
  const stores = useStores();
  const secret = 'a secret of at least 32 characters';

  /** Runs a listing that ends with `const store` and what it gave it to. */
  function run(text, names, result) {
    return vm.runInNewContext(`${page.block(text)}; (${result});`, { require, uri: stores.uri, secret, ...names });
  }

  /** Visits twice; the collection then has one session of Ada. */
  async function keeps(site, store, find = (session) => session.user) {
    const visitor = site.browser();
    try {
      for (let n = 0; n < 2; n++) assert.equal((await visitor.get('/')).status, 200);
      const rows = await stores.rows(store).find().toArray();
      assert.deepEqual(rows.map(({ session }) => find(session)), ['ada']);
    } finally {
      await site.close();
    }
  }

  it('Fastify', async () => {
    const { app, store } = run("require('fastify')()", {}, '{ app, store }');
    stores.track(store);
    app.get('/', async (request) => request.session.user = 'ada');
    // Such a cookie goes over HTTPS only.
    await app.ready();
    const visit = (headers) => app.inject({ url: '/', headers: { 'x-forwarded-proto': 'https', ...headers } });
    assert.equal((await visit()).statusCode, 200);
    await store.initialConnectionPromise;
    await app.close();
    await assert.rejects(store.get('a'), /must be connected/);
  });

  it('Koa, with either middleware', async () => {
    const { app, store } = run("require('koa-session')", {}, '{ app, store }');
    stores.track(store);
    const greet = (ctx) => {
      ctx.session.user = 'ada';
      ctx.body = 'hello';
    };
    app.use(greet);
    await keeps(await serve(app.callback()), store);
    const other = new (require('koa'))();
    other.keys = [secret];
    const generic = stores.track(run("require('koa-generic-session')", { app: other }, 'store'));
    other.use(greet);
    await keeps(await serve(other.callback()), generic);
  });

  /** Serves what has a `fetch` on Node.js. */
  const fetching = (app) => serve(async (req, res) => {
    const response = await app.request(req.url, { headers: req.headers });
    res.writeHead(response.status, { 'set-cookie': response.headers.getSetCookie() });
    res.end(await response.text());
  });

  it('Hono', async () => {
    const { app, sessions } = run("const { Hono } = require('hono')", {}, '{ app, sessions }');
    stores.track(sessions);
    app.get('/', (context) => {
      context.get('session').set('user', 'ada');
      return context.text('hello');
    });
    await keeps(await fetching(app), sessions, (session) => session._data.user.value);
  });

  it('next-session', async () => {
    const { getSession, store } = run('nextSession({', {}, '{ getSession, store }');
    stores.track(store);
    await keeps(await serve(async (req, res) => {
      (await getSession(req, res)).user = 'ada';
      res.end();
    }), store);
  });

  it('OpenID Connect', async () => {
    const app = require('express')();
    const settings = {
      issuerBaseURL: 'https://identity.example.com', baseURL: 'https://app.example.com', clientID: 'client', authRequired: false, secret
    };
    const store = stores.track(run("require('express-openid-connect')", { app, settings }, 'store'));
    app.get('/', (req, res) => {
      req.appSession.user = 'ada';
      res.end();
    });
    await keeps(await serve(app), store, (session) => session.data.user);
  });

  it('Socket.IO', async () => {
    const app = require('express')();
    const store = await stores.connected();
    const used = [];
    run('io.engine.use', { app, store, session: require('express-session'), io: { engine: { use: (middleware) => used.push(middleware) } } }, '0');
    assert.equal(used.length, 1);
    app.get('/', (req, res) => res.send(req.session.user = 'ada'));
    await keeps(await serve(app), store);
  });

  it('Bun', async function() {
    const listing = page.block('Bun.serve');
    if (installed('bun') === null) this.skip();
    const { stdout } = await runScript(`
      const app = { fetch: () => new Response('hello') };
      const server = ${listing.trim().replace(/;$/, '').replace('app.fetch }', 'app.fetch, port: 0 }')};
      fetch(server.url).then((response) => response.text()).then(console.log).then(() => server.stop(true));
    `, { program: installed('bun') });
    assert.equal(stdout, 'hello\n');
  });

  it('the table says what is tested, in the versions that are tested', () => {
    const text = fs.readFileSync(path.join(ROOT, FILE), 'utf8');
    const rows = [...text.matchAll(/^\| ([\w@/-]+) \| ([\d.]+) \| (.+?) \| (yes|no) \| (yes|no) \| (yes|no) \| ([\w-]+) \|$/gm)];
    const said = Object.fromEntries(rows.map(([, name, version, , ...options]) => {
      const [touchAfter, partialUpdates, preventResurrection] = options.map((answer) => answer === 'yes');
      return [name, { version, touchAfter, partialUpdates, preventResurrection }];
    }));
    assert.deepEqual(said, promises);
    const { devDependencies } = require('../../../package.json');
    for (const [name, { version }] of Object.entries(promises)) assert.match(devDependencies[name], new RegExp(`^\\^${version}\\b`), name);
    const files = new Set([...rows.map((row) => row.at(-1)), 'socket.io', 'bun']);
    const tests = fs.readdirSync(TESTS).flatMap((file) => /^(.+)\.test\.js$/.exec(file)?.[1] ?? []);
    assert.deepEqual([...files].sort(), tests.filter((name) => name !== 'koa-store').sort());
    for (const [, name, , , , , , file] of rows) {
      assert.ok(fs.readFileSync(path.join(TESTS, `${file}.test.js`), 'utf8').includes(`itKeepsSessions('${name}'`), name);
    }
  });
});
