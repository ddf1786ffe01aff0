'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const express = require('express');
const session = require('express-session');
const { Server } = require('socket.io');
const { io: connect } = require('socket.io-client');
const { Browser } = require('../support/http');
const { useStores } = require('../support/stores');

describe('socket.io', () => {
  const stores = useStores();

  it('knows the session of the page through io.engine.use, and can change it', async () => {
    const store = await stores.connected();
    const sessions = session({ secret: 'secret', store, resave: false, saveUninitialized: false });
    const app = express();
    app.use(sessions);
    app.get('/login', (req, res) => res.json({ user: req.session.user = 'ada' }));
    app.get('/', (req, res) => res.json({ user: req.session.user, messages: req.session.messages }));
    const server = http.createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const io = new Server(server);
    io.engine.use(sessions);
    io.on('connection', (socket) => {
      socket.on('message', (text, reply) => {
        const { session: own } = socket.request;
        own.reload(() => {
          own.messages = (own.messages ?? 0) + 1;
          own.save((error) => reply({ error: error?.message, user: own.user, text }));
        });
      });
    });
    const url = `http://127.0.0.1:${server.address().port}`;
    const visitor = new Browser(url);
    await visitor.get('/login');
    const socket = connect(url, { extraHeaders: { cookie: [...visitor.cookies].map((pair) => pair.join('=')).join('; ') }, transports: ['websocket'] });
    try {
      assert.deepEqual(await socket.timeout(30_000).emitWithAck('message', 'hello'), { user: 'ada', text: 'hello' });
      assert.deepEqual((await visitor.get('/')).json(), { user: 'ada', messages: 1 });
    } finally {
      socket.close();
      await io.close();
    }
  });
});
