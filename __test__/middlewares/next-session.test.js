'use strict';

const { default: nextSession } = require('next-session');
const { expressSession, promisifyStore } = require('next-session/lib/compat');
const { serve } = require('../support/http');
const impl = require('../support/impl');
const { MAX_AGE, itKeepsSessions } = require('./application');

const MongoDBStore = impl.factory(expressSession);
let serial = 0;

itKeepsSessions('next-session', {
  store: (stores, options) => new MongoDBStore({ uri: stores.uri, collection: `next${++serial}`, ...options }),
  serve(store, answer) {
    const getSession = nextSession({ store: promisifyStore(store), touchAfter: 0, cookie: { maxAge: MAX_AGE / 1000 } });
    return serve(async (req, res) => {
      const session = await getSession(req, res);
      const answered = await answer(req.url, {
        get: (key) => session[key],
        set: (key, value) => { session[key] = value; },
        destroy: () => session.destroy()
      });
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(answered));
    });
  }
});
