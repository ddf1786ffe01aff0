'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { WITHOUT_MONGODB, check, checkWithoutMongodb, compile, projects } = require('./check');

const ROOT = path.join(__dirname, '..', '..');

describe('types', function() {
  this.timeout(300_000);
  this.slow(30000);

  for (const name of projects()) {
    it(`compile: ${name}`, () => {
      const { ok, messages } = check(name);
      assert.ok(ok, `\n${messages}`);
    });
  }

  it('compile: without the package mongodb', () => {
    const { ok, messages } = checkWithoutMongodb();
    assert.ok(ok, `\n${messages}`);
  });

  it('every type test is part of a project', () => {
    const listed = new Set(projects().flatMap((name) => {
      const config = JSON.parse(fs.readFileSync(path.join(__dirname, 'projects', `${name}.json`), 'utf8'));
      return config.files.map((file) => path.resolve(__dirname, 'projects', file));
    }).concat(WITHOUT_MONGODB.map((file) => path.join(__dirname, file))));
    const there = [__dirname, path.join(__dirname, 'forms'), path.join(__dirname, 'middlewares')].flatMap((folder) => {
      return fs.readdirSync(folder).filter((file) => /\.[cm]?ts$/.test(file)).map((file) => path.join(folder, file));
    });
    assert.deepEqual([...listed].sort(), there.sort());
  });

  describe('in an application without the types of express-session', () => {
    let folder;

    before(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'types-'));
      const modules = path.join(folder, 'node_modules');
      // Copies: from links, TypeScript would find this repository's express-session.
      for (const file of ['package.json', 'index.d.ts', path.join('lib', 'entries'), path.join('lib', 'types')]) {
        fs.cpSync(path.join(ROOT, file), path.join(modules, 'connect-mongodb-session', file), { recursive: true });
      }
      fs.cpSync(path.join(ROOT, 'node_modules', 'bson'), path.join(modules, 'bson'), { recursive: true });
      fs.symlinkSync(path.join(ROOT, 'node_modules', '@types'), path.join(folder, 'types'));
      fs.writeFileSync(path.join(folder, 'app.ts'), `
        import connectMongo = require('connect-mongodb-session');
        import { MongoClient } from 'connect-mongodb-session/driver';
        import koaStore = require('connect-mongodb-session/koa');
        import MongoStore = require('connect-mongodb-session/connect-mongo');
        const store = new (connectMongo(require('express-session')))({ uri: 'mongodb://127.0.0.1/test' });
        store.on('error', (error) => error.message.toUpperCase());
        store.get('sid', (err, found) => [err, found]);
        const closed: Promise<void> = store.client.close();
        const client: MongoClient = store.client;
        const ofKoa: koaStore.MongoDBKoaStore = koaStore({ uri: 'mongodb://127.0.0.1/test' });
        const options: MongoStore.ConnectMongoOptions = { mongoUrl: 'mongodb://127.0.0.1/test' };
        // @ts-expect-error Options are checked all the same.
        connectMongo({ Store: class {} })({ url: 'mongodb://127.0.0.1/test' });
        export { client, closed, ofKoa, options };
      `);
    });

    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    // `node10` knows nothing of `exports`: there it is `typesVersions` that leads to the entries.
    for (const [module, moduleResolution] of [['node16', 'node16'], ['commonjs', 'node10']]) {
      it(`they compile with skipLibCheck and moduleResolution ${moduleResolution}, from every entry`, () => {
        const config = path.join(folder, `${moduleResolution}.json`);
        const compilerOptions = {
          strict: true, noEmit: true, skipLibCheck: true, module, moduleResolution, target: 'es2022', types: ['node'], typeRoots: ['./types']
        };
        fs.writeFileSync(config, JSON.stringify({ compilerOptions, files: ['app.ts'] }));
        const { ok, messages } = compile(config);
        assert.ok(ok, `\n${messages}`);
      });
    }
  });
});
