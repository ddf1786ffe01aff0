'use strict';

const assert = require('node:assert/strict');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { Application, ROOT, node } = require('./run');

/** Uses a `Store` class with a real MongoDB; the process must then end by itself, though nothing is closed. */
const ROUND_TRIP = `
  const store = new Store({ uri: process.env.TEST_URI, collection: 'sessions' });
  store.set('sid', { cookie: {}, user: 'ada' }, (failed) => {
    if (failed) throw failed;
    store.get('sid', (error, found) => console.log(error === null, found.user, store instanceof session.Store));
  });
`;

const FORMS = {
  'CommonJS, required in two steps': ['app.cjs', `
    const session = require('express-session');
    const connectMongoDBSession = require('connect-mongodb-session');
    const Store = connectMongoDBSession(session);
  `],
  'CommonJS, required inline': ['app.cjs', `
    const session = require('express-session');
    var Store = require('connect-mongodb-session')(session);
  `],
  'CommonJS, inline and with new': ['app.cjs', `
    const session = require('express-session');
    const Store = new (require('connect-mongodb-session'))(session);
  `],
  'an ES module, default import': ['app.mjs', `
    import session from 'express-session';
    import connectMongoDBSession from 'connect-mongodb-session';
    const Store = connectMongoDBSession(session);
  `],
  'an ES module, renamed default import': ['app.mjs', `
    import session from 'express-session';
    import { default as renamed } from 'connect-mongodb-session';
    const Store = renamed(session);
  `],
  'an ES module, namespace import': ['app.mjs', `
    import session from 'express-session';
    import * as namespace from 'connect-mongodb-session';
    const Store = namespace.default(session);
  `],
  'an ES module, dynamic import': ['app.mjs', `
    import session from 'express-session';
    const Store = (await import('connect-mongodb-session')).default(session);
  `],
  'CommonJS, dynamic import': ['app.cjs', `
    const session = require('express-session');
    import('connect-mongodb-session').then(({ default: factory }) => use(factory(session)));
    const use = (Store) => {
  `, '};'],
  'an ES module, createRequire': ['app.mjs', `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const session = require('express-session');
    const Store = require('connect-mongodb-session')(session);
  `]
};

/** connect-mongo's door: a class of its own, which the round trip is to use like the others. */
const DOOR = `
    const session = (await import('express-session')).default;
    class Store extends MongoStore { constructor({ uri }) { super({ mongoUrl: uri }); } }
`;

const DOOR_FORMS = {
  'CommonJS, required': ['app.cjs', "const MongoStore = require('connect-mongodb-session/connect-mongo');"],
  'CommonJS, required with .default': ['app.cjs', "const MongoStore = require('connect-mongodb-session/connect-mongo').default;"],
  'CommonJS, required by its name': ['app.cjs', "const { MongoStore } = require('connect-mongodb-session/connect-mongo');"],
  'an ES module, default import': ['app.mjs', "import MongoStore from 'connect-mongodb-session/connect-mongo';"],
  'an ES module, imported by its name': ['app.mjs', "import { MongoStore } from 'connect-mongodb-session/connect-mongo';"]
};

describe('loading', function() {
  this.timeout(60000);
  this.slow(3000);

  const database = uniqueName('loading');
  const env = {};
  let application;

  before(async () => {
    env.TEST_URI = await mongoUri(database);
    application = new Application();
  });

  after(async () => {
    application.remove();
    await (await testClient()).db(database).dropDatabase();
  });

  for (const [form, [file, load, end = '']] of Object.entries(FORMS)) {
    it(`from ${form}`, async () => {
      application.write(file, `${load}${ROUND_TRIP}${end}`);
      assert.deepEqual(await application.run(file, env), { code: 0, output: 'true ada true\n' });
    });
  }

  for (const [form, [file, load]] of Object.entries(DOOR_FORMS)) {
    it(`connect-mongo's door from ${form}`, async () => {
      application.write(file, `${load}\n(async () => {${DOOR}${ROUND_TRIP}})();`);
      assert.deepEqual(await application.run(file, env), { code: 0, output: 'true ada true\n' });
    });
  }

  it('by its own name, from its own files', async () => {
    const source = `const session = require('express-session'); const Store = require('connect-mongodb-session')(session); ${ROUND_TRIP}`;
    assert.deepEqual(await node(['--eval', source], { env }), { code: 0, output: 'true ada true\n' });
    assert.equal(require('connect-mongodb-session'), require(ROOT));
  });

  describe('the driver', () => {
    it('is required', async () => {
      application.write('app.cjs', `
        const session = require('express-session');
        const { MongoClient, Db, Collection, ObjectId } = require('connect-mongodb-session/driver');
        const store = new (require('connect-mongodb-session')(session))({ uri: process.env.TEST_URI });
        console.log(store.client instanceof MongoClient, store.db instanceof Db, store.collection instanceof Collection);
        console.log(ObjectId === require('${ROOT}/node_modules/bson').ObjectId);
      `);
      assert.deepEqual(await application.run('app.cjs', env), { code: 0, output: 'true true true\ntrue\n' });
    });

    it('is imported by names', async () => {
      application.write('app.mjs', `
        import { MongoClient, Db, Collection, FindCursor, MongoServerError, ObjectId } from 'connect-mongodb-session/driver';
        import driver, * as namespace from 'connect-mongodb-session/driver';
        const names = { MongoClient, Db, Collection, FindCursor, MongoServerError, ObjectId };
        console.log(Object.entries(names).every(([name, value]) => driver[name] === value && value.name === name));
        console.log(Object.keys(driver).filter((name) => namespace[name] !== driver[name]));
        const client = new MongoClient(process.env.TEST_URI);
        console.log(await client.db().command({ ping: 1 }));
      `);
      assert.deepEqual(await application.run('app.mjs', env), { code: 0, output: 'true\n[]\n{ ok: 1 }\n' });
    });
  });

  describe('of what is not there', () => {
    it('is refused: the inside of the package', async () => {
      application.write('app.cjs', 'require("connect-mongodb-session/lib/store");');
      const { code, output } = await application.run('app.cjs');
      assert.equal(code, 1);
      assert.match(output, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
    });

    it('is answered with what to write: import { MongoDBStore }', async () => {
      application.write('app.mjs', `
        import { MongoDBStore } from 'connect-mongodb-session';
        for (const use of [() => new MongoDBStore({}), () => MongoDBStore({})]) {
          try { use(); } catch (error) { console.log(error.name, error.message); }
        }
      `);
      const { code, output } = await application.run('app.mjs');
      assert.equal(code, 0);
      const lines = output.trim().split('\n');
      assert.equal(lines.length, 2);
      for (const line of lines) assert.match(line, /^TypeError .*write `const MongoDBStore = require\('connect-mongodb-session'\)\(session\)`/);
    });

    it('is answered with what to write: options given to the factory', async () => {
      application.write('app.mjs', `
        import MongoDBStore from 'connect-mongodb-session';
        try { new MongoDBStore({ uri: 'mongodb://127.0.0.1/test' }); } catch (error) { console.log(error.name, error.message); }
      `);
      const { output } = await application.run('app.mjs');
      assert.match(output, /^TypeError .*`require\('connect-mongodb-session'\)\(require\('express-session'\)\)`/);
    });
  });

  it('does not connect, and does not keep the process', async () => {
    // An `Immediate` is over at once: Node.js 18 makes one when garbage of an addon is collected meanwhile.
    application.write('app.cjs', `
      require('connect-mongodb-session')(require('express-session'));
      require('connect-mongodb-session/driver');
      console.log(process.getActiveResourcesInfo().filter((name) => !/^(TTY|Pipe|File|Immediate)/.test(name)));
    `);
    assert.deepEqual(await application.run('app.cjs'), { code: 0, output: '[]\n' });
  });
});
