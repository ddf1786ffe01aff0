'use strict';

/**
 * The same requests to two apps, one on express-session's MemoryStore and one on ours: what the
 * handlers see, what is answered, and which cookies are set must not differ.
 */

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const expressSession = require('express-session');
const { EXPRESS, HOUR, Sites } = require('../express/apps');
const { ask, useStores } = require('../support/stores');

const OPTIONS = [];
for (const resave of [false, true]) {
  for (const saveUninitialized of [false, true]) {
    for (const rolling of [false, true]) OPTIONS.push({ resave, saveUninitialized, rolling });
  }
}
const COOKIES = { 'one hour': { maxAge: HOUR }, 'until the browser is closed': {}, 'of a path, strict': { maxAge: HOUR, path: '/', sameSite: 'strict', httpOnly: false } };

/** Options that must make no difference to requests that come one after another. */
const STORES = [
  {}, { touchAfter: 1, partialUpdates: true, preventResurrection: true }, { crypto: { secret: randomBytes(32) }, hashIds: true },
  { serialize: JSON.stringify, transformId: (sid) => `sess:${sid}` }
];

/** What changes the cookie alone: express-session touches such a session, and a touch does not change what `serialize` gave. */
const OF_THE_COOKIE = ['longer', 'browser-touch', 'original'];

const byCallback = (work) => (req, res, next) => work(req, (error) => error ? next(error) : res.json(seen(req)));

/** What a request can do to its session. */
const ROUTES = {
  read: (req, res) => res.json(seen(req)),
  write: (req, res) => {
    req.session.n = (req.session.n ?? 0) + 1;
    req.session.list = [1, { at: 'x' }];
    res.json(seen(req));
  },
  remove: (req, res) => {
    delete req.session.n;
    res.json(seen(req));
  },
  touch: (req, res) => {
    req.session.touch();
    res.json(seen(req));
  },
  longer: (req, res) => {
    req.session.cookie.maxAge = 5 * HOUR;
    res.json(seen(req));
  },
  'longer-and-write': (req, res) => {
    req.session.cookie.maxAge = 6 * HOUR;
    req.session.m = 1;
    res.json(seen(req));
  },
  browser: (req, res) => {
    req.session.cookie.expires = false;
    req.session.b = 1;
    res.json(seen(req));
  },
  'browser-touch': (req, res) => {
    req.session.cookie.maxAge = null;
    res.json(seen(req));
  },
  original: (req, res) => {
    req.session.cookie.originalMaxAge = 7 * HOUR;
    res.json(seen(req));
  },
  'save-twice': byCallback((req, done) => {
    req.session.saves = (req.session.saves ?? 0) + 1;
    req.session.save((error) => {
      if (error) return done(error);
      req.session.more = true;
      req.session.save(done);
    });
  }),
  reload: byCallback((req, done) => {
    req.session.n = 1000;
    req.session.reload(done);
  }),
  'reload-and-write': byCallback((req, done) => req.session.reload((error) => {
    if (!error) req.session.reloaded = true;
    done(error);
  })),
  regenerate: byCallback((req, done) => req.session.regenerate((error) => {
    req.session.regenerated = true;
    done(error);
  })),
  'regenerate-empty': byCallback((req, done) => req.session.regenerate(done)),
  destroy: byCallback((req, done) => req.session.destroy(done)),
  unset: (req, res) => {
    req.session = null;
    res.json(seen(req));
  },
  end: (req, res) => {
    req.session.ended = true;
    res.setHeader('Content-Length', '2');
    res.end('ok');
  }
};

/** Times are shown to the minute: the two apps are not asked in the same millisecond. */
function seen(req) {
  const { session } = req;
  if (!session) return { session: String(session), id: typeof req.sessionID };
  const { cookie, ...data } = session;
  const minutes = (ms) => typeof ms === 'number' ? Math.round(ms / 60000) : ms;
  const { expires, originalMaxAge, ...rest } = cookie.data;
  return {
    data,
    sameId: session.id === req.sessionID,
    class: session.constructor.name,
    expires: expires instanceof Date ? minutes(expires - Date.now()) : String(expires),
    originalMaxAge: minutes(originalMaxAge) ?? 'none',
    maxAge: minutes(cookie.maxAge) ?? 'none',
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null))
  };
}

/** One app and its user. */
async function user(sites, express, store, options) {
  let serial = 0;
  const app = express();
  app.set('env', 'test');
  app.use(expressSession({ secret: 's', genid: () => `id-${++serial}`, store, ...options }));
  for (const [name, route] of Object.entries(ROUTES)) app.get(`/${name}`, route);
  app.use((error, req, res, next) => res.headersSent ? next(error) : res.status(500).json({ error: error.message }));
  const site = await sites.serve(app);
  return { store, browser: site.browser() };
}

const plain = (header) => header.replace(/Expires=([^;]+)/, (_, date) => `Expires=in ${Math.round((new Date(date) - Date.now()) / 60000)} minutes`);

/** What there is to see from outside after a request. */
async function visit({ browser, store }, path) {
  const { status, text, setCookie } = await browser.get(`/${path}`);
  return { path, status, text, setCookie: setCookie.map(plain), length: await ask(store, 'length') };
}

/** Walks that visit every route from every state that matters, and repeat. */
const WALKS = [
  ['read', 'read', 'write', 'read', 'write', 'remove', 'read'],
  ['write', 'touch', 'longer', 'read', 'read', 'longer-and-write', 'read', 'touch'],
  ['write', 'browser', 'read', 'browser-touch', 'read', 'longer', 'read'],
  ['write', 'browser-touch', 'read', 'write', 'read'],
  ['write', 'original', 'read', 'touch', 'read', 'write', 'read'],
  ['save-twice', 'read', 'save-twice', 'reload', 'reload-and-write', 'read'],
  ['reload', 'write', 'reload', 'read', 'reload-and-write', 'read'],
  ['write', 'regenerate', 'read', 'regenerate-empty', 'read', 'write', 'read'],
  ['write', 'destroy', 'read', 'write', 'write', 'unset', 'read', 'read'],
  ['end', 'read', 'end', 'touch', 'read']
];

for (const [name, express] of Object.entries(EXPRESS)) {
  describe(`${name}: as with MemoryStore`, function() {
    this.timeout(300_000);
    this.slow(10000);
    const stores = useStores();
    const sites = new Sites();
    afterEach(() => sites.closeAll());

    for (const storeOptions of STORES) {
      // Saves of single keys change the order of keys.
      const told = ({ text, ...answer }) => storeOptions.partialUpdates && text[0] === '{' ? { ...answer, json: JSON.parse(text) } : { ...answer, text };
      for (const [kind, cookie] of Object.entries(COOKIES).slice(0, Object.keys(storeOptions).length > 0 ? 1 : undefined)) {
        it(`every request sees and answers the same; cookie ${kind}, store with ${Object.keys(storeOptions).join(', ') || 'no more options'}`, async () => {
          for (const options of OPTIONS) {
            for (const unset of ['keep', 'destroy']) {
              const walks = WALKS.filter((walk) => {
                if (storeOptions.serialize && walk.some((path) => OF_THE_COOKIE.includes(path))) return false;
                return unset === 'keep' || walk.includes('unset');
              });
              await Promise.all(walks.map(async (walk) => {
                const all = { ...options, unset, cookie };
                const memory = await user(sites, express, new expressSession.MemoryStore(), all);
                const ours = await user(sites, express, await stores.connected(storeOptions), all);
                for (const [step, path] of walk.entries()) {
                  const expected = told(await visit(memory, path));
                  assert.deepEqual(told(await visit(ours, path)), expected, `${JSON.stringify(all)}, step ${step} of ${walk}`);
                }
              }));
              await sites.closeAll();
              await stores.closeAll();
            }
          }
        });
      }
    }

    it('requests at once: the one that ends last is stored', async () => {
      const users = [new expressSession.MemoryStore(), await stores.connected()].map(async (store) => {
        const held = new Map();
        const app = express();
        app.use(expressSession({ secret: 's', store, resave: false, saveUninitialized: true, cookie: { maxAge: HOUR } }));
        app.get('/', (req, res) => res.json(seen(req)));
        app.get('/:key', (req, res) => held.set(req.params.key, () => {
          req.session[req.params.key] = true;
          res.json(seen(req));
        }));
        const browser = (await sites.serve(app)).browser();
        await browser.get('/');
        const answers = ['a', 'b', 'c'].map((key) => browser.get(`/${key}`));
        while (held.size < answers.length) await new Promise(setImmediate);
        const texts = [];
        for (const [index, key] of ['a', 'b', 'c'].entries()) {
          held.get(key)();
          texts.push((await answers[index]).text);
        }
        return [...texts, (await browser.get('/')).text];
      });
      const [memory, ours] = await Promise.all(users);
      assert.deepEqual(ours, memory);
      assert.deepEqual(JSON.parse(ours[3]).data, { c: true });
    });

    it('a session whose time is over is gone, and the next request gets a new one', async () => {
      const options = { resave: false, saveUninitialized: false, cookie: { maxAge: 300 } };
      const users = [await user(sites, express, new expressSession.MemoryStore(), options), await user(sites, express, await stores.connected(), options)];
      for (const one of users) {
        await one.browser.get('/write');
        const id = one.browser.sessionId();
        const over = Date.now() + 400;
        while (Date.now() < over) await new Promise((resolve) => setTimeout(resolve, over - Date.now()));
        assert.deepEqual(JSON.parse((await one.browser.get('/read')).text).data, {});
        assert.equal(await ask(one.store, 'length'), 0);
        await one.browser.get('/write');
        assert.notEqual(one.browser.sessionId(), id);
      }
    });
  });
}
