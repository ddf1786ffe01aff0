'use strict';

const assert = require('node:assert/strict');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { Application } = require('./run');

/** The rest of each program: what was imported in the end is a `session` and a `Store` class. */
const USE = `
  class Counting extends Store {
    reads = 0;

    override get(sid: string, callback: (err: any, session?: session.SessionData | null) => void): void {
      this.reads++;
      super.get(sid, callback);
    }
  }

  async function main(): Promise<void> {
    const store = new Counting({ uri: process.env['TEST_URI']!, collection: 'sessions' });
    await store.set('sid', { cookie: new session.Cookie() });
    const found = await new Promise<unknown>((resolve, reject) => {
      store.get('sid', (err, data) => err ? reject(err) : resolve(data?.cookie));
    });
    console.log(typeof found, store.reads, store instanceof session.Store, Store({ uri: process.env['TEST_URI'] }) instanceof Store);
  }

  main();
`;

const PROGRAMS = {
  'CommonJS without esModuleInterop, import = require': [
    { module: 'commonjs', esModuleInterop: false },
    `import session = require('express-session');
     import connectMongo = require('connect-mongodb-session');
     const Store = connectMongo(session);`
  ],
  'CommonJS without esModuleInterop, import * as': [
    { module: 'commonjs', esModuleInterop: false },
    `import * as session from 'express-session';
     import * as connectMongo from 'connect-mongodb-session';
     const Store = connectMongo(session);`
  ],
  'CommonJS with esModuleInterop, default import': [
    { module: 'commonjs', esModuleInterop: true },
    `import session from 'express-session';
     import connectMongo from 'connect-mongodb-session';
     const Store = connectMongo(session);`
  ],
  'CommonJS with esModuleInterop, default of import * as': [
    { module: 'commonjs', esModuleInterop: true },
    `import * as session from 'express-session';
     import * as connectMongo from 'connect-mongodb-session';
     const Store = connectMongo.default(session);`
  ],
  'CommonJS by module node16': [
    { module: 'node16' },
    `import session from 'express-session';
     import connectMongo from 'connect-mongodb-session';
     const Store = connectMongo(session);`
  ],
  'an ES module by module node16': [
    { module: 'node16' },
    `import session from 'express-session';
     import connectMongo from 'connect-mongodb-session';
     const Store = connectMongo(session);`,
    'app.mts'
  ]
};

describe('loading from TypeScript', function() {
  this.timeout(90000);
  this.slow(15000);

  const database = uniqueName('loading');
  const env = {};

  before(async () => {
    env.TEST_URI = await mongoUri(database);
  });

  after(async () => {
    await (await testClient()).db(database).dropDatabase();
  });

  for (const [form, [options, load, file = 'app.ts']] of Object.entries(PROGRAMS)) {
    it(`${form}: compiles and runs`, async () => {
      const application = new Application();
      try {
        application.write(file, `${load}${USE}`);
        assert.deepEqual(await application.compile(options, [file]), { code: 0, output: '' });
        const { code, output } = await application.run(file.replace(/ts$/, 'js'), env);
        assert.deepEqual({ code, output }, { code: 0, output: 'object 1 true true\n' });
      } finally {
        application.remove();
      }
    });
  }
});
