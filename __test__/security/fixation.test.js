'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const express = require('express');
const session = require('express-session');
const { useStores } = require('../support/stores');

describe('session fixation', () => {
  const stores = useStores();
  let server;

  afterEach(() => server?.close());

  async function visit(path, cookie) {
    const { port } = server.address();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: cookie ? { cookie } : {} });
    const set = response.headers.getSetCookie?.()[0] ?? response.headers.get('set-cookie');
    return { body: await response.text(), cookie: set?.split(';')[0] ?? cookie };
  }

  for (const options of [{}, { preventResurrection: true }, { hashIds: true }]) {
    it(`the id from before a login is worth nothing after it: ${JSON.stringify(options)}`, async () => {
      const store = await stores.connected(options);
      const app = express();
      app.use(session({ secret: 'keyboard cat', resave: false, saveUninitialized: true, store }));
      app.get('/login', (req, res, next) => req.session.regenerate((error) => {
        if (error) return next(error);
        req.session.user = 'ada';
        res.send('in');
      }));
      app.get('/who', (req, res) => res.send(req.session.user ?? 'nobody'));
      server = http.createServer(app).listen(0, '127.0.0.1');
      await once(server, 'listening');

      const planted = (await visit('/who')).cookie;
      const { cookie } = await visit('/login', planted);
      assert.notEqual(cookie, planted);
      assert.equal((await visit('/who', cookie)).body, 'ada');
      assert.equal((await visit('/who', planted)).body, 'nobody');
      await store.destroyWhere({ 'session.user': 'ada' });
      assert.equal((await visit('/who', cookie)).body, 'nobody');
    });
  }
});
