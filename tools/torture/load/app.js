'use strict';

/** A process with an Express application that keeps a number in each session. */

const { once } = require('events');
const express = require('express');
const expressSession = require('express-session');
const { serve } = require('../../benchmark/child');
const { openStore } = require('../contestants');

let server;

serve({
  async open({ contestant, options }) {
    const { store } = await openStore(contestant, options);
    const app = express();
    app.use(expressSession({ secret: 'torture', store, resave: false, saveUninitialized: false, cookie: { maxAge: 3_600_000 } }));
    app.post('/:n', (req, res, next) => {
      const before = req.session.n ?? 0;
      req.session.n = Number(req.params.n);
      // Answered only once it is stored: this is what the visitor takes for an acknowledgment.
      req.session.save((error) => (error ? next(error) : res.json({ sid: req.sessionID, before })));
    });
    app.use((error, req, res, next) => (res.headersSent ? next(error) : res.status(500).json({ error: error.message })));
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  }
});
