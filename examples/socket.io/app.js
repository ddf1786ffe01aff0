'use strict';

/**
 * Socket.IO shares the sessions of Express: a login by HTTP is known to the socket, and a logout ends the session's
 * sockets, on whichever server they and the logout are. `npm install && npm start`.
 */

const { createServer } = require('node:http');
const express = require('express');
const session = require('express-session');
const { Server } = require('socket.io');
const MongoDBStore = require('connect-mongodb-session')(session);

// Other servers' logouts are known from a replica set only; with a standalone MongoDB, an error says so.
const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'socketSessions', watch: true });
store.on('error', (error) => console.error(error.message));

const sessions = session({
  secret: process.env.SESSION_SECRET || 'change this',
  store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
});

const app = express();
app.use(sessions);
app.use(express.urlencoded({ extended: false }));

app.get('/', (req, res) => res.json({ user: req.session.user, messages: req.session.messages ?? 0 }));

app.post('/login', (req, res, next) => {
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.user = String(req.body.name);
    req.session.save((failed) => failed ? next(failed) : res.json({ user: req.session.user }));
  });
});

app.post('/logout', (req, res, next) => {
  req.session.destroy((error) => error ? next(error) : res.json({}));
});

const server = createServer(app);
const io = new Server(server);
io.engine.use(sessions);

io.use((socket, next) => {
  next(socket.request.session.user ? undefined : new Error('log in first'));
});

// All sockets of a session end with it, whoever ended it. Each server ends its own.
for (const event of ['destroy', 'expire']) {
  store.on(event, (sessionId) => io.local.in(sessionId).disconnectSockets());
}

io.on('connection', (socket) => {
  const { request } = socket;
  socket.join(request.session.id);
  // It may have ended before the socket was in its room.
  request.session.reload((error) => error && socket.disconnect());

  socket.on('message', (text, answer) => {
    // A socket lives longer than a request: read what others have stored before changing it.
    request.session.reload((error) => {
      if (error) return socket.disconnect();
      request.session.messages = (request.session.messages ?? 0) + 1;
      request.session.save((failed) => {
        answer(failed ? { error: 'not stored' } : { user: request.session.user, text, messages: request.session.messages });
      });
    });
  });
});

server.listen(process.env.PORT || 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => io.close(() => store.client.close()));
