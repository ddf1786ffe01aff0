'use strict';

/** An Express app with sessions, in a process of its own, and what serving costs it. */

const http = require('http');
const { once } = require('events');
const session = require('express-session');
const { serve } = require('../child');
const { contestant } = require('../contestants');
const { Meter } = require('../measure');

const DAY_MS = 86_400_000;

let opened;
let server;
let meter = null;

/** The store that express-session has built in: no database, so no store can be faster. */
function memoryStore() {
  return { store: new session.MemoryStore(), ready: Promise.resolve(), close: async () => {} };
}

/**
 * @param {string} framework a package: express or express4
 * @param {object} store
 * @param {object[]} templates what sessions hold
 */
function makeApp(framework, store, templates) {
  const app = require(framework)();
  app.use((req, res, next) => {
    if (meter) res.once('finish', () => meter?.complete());
    next();
  });
  app.use(session({
    secret: 'the secret of a benchmark',
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 14 * DAY_MS }
  }));
  const answer = (req, res) => {
    const { visitor, requests } = req.session;
    res.json({ sid: req.sessionID, visitor, requests });
  };
  app.get('/login/:visitor', (req, res) => {
    const visitor = Number(req.params.visitor);
    const { cookie } = req.session;
    Object.assign(req.session, templates[visitor % templates.length], { cookie, visitor, requests: 0 });
    answer(req, res);
  });
  app.get('/read', answer);
  app.get('/save', (req, res) => {
    req.session.requests++;
    answer(req, res);
  });
  return app;
}

serve({
  /** @returns {Promise<number>} the port of 127.0.0.1 it listens on */
  async open({ framework, id, templates, ...options }) {
    opened = id === null ? memoryStore() : contestant(id).open(session, options);
    await opened.ready;
    server = http.createServer(makeApp(framework, opened.store, templates));
    // Clients keep their connections while the other stores have their turns.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  },

  start() {
    meter = new Meter();
    meter.start();
  },

  /** @returns {object} figures since `start`; latency is what the clients see, not this process */
  end() {
    const measured = meter;
    meter = null;
    measured.end();
    const { mainUsPerOp, processUsPerOp, loopDelayP99Ms, loopDelayMaxMs, rssMB } = measured.figures();
    return { mainUsPerOp, processUsPerOp, loopDelayP99Ms, loopDelayMaxMs, rssMB };
  },

  async close() {
    server.closeAllConnections?.();
    server.close();
    await opened.close();
  }
});
