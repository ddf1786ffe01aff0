'use strict';

/**
 * connect-mongo's own tests on the door: those that the packages of versions 4.6 and 5.1 carry. Version 6 carries none;
 * `CONNECT_MONGO=DIRECTORY npx mocha __test__/connect-mongo/their-specs.test.js` runs them from a clone of its repository.
 */

const path = require('node:path');
const { runSpecs } = require('./specs');

const FILES = ['lib/MongoStore.spec', 'test/integration.spec'];
const SETTINGS = 'they give a stand-in with one or two methods in place of a MongoClient; the store takes the settings of a real one, and has connections of its own';

const UNDEFINED = 'it compares a cookie with what was read of it; since express-session 1.18 cookies have members that are undefined, which MongoDB stores as ' +
  'null, and the test fails with connect-mongo itself as well';

describe('connect-mongo\'s own tests on the door', () => {
  for (const name of ['connect-mongo4', 'connect-mongo5']) {
    const manifest = require.resolve(`${name}/package.json`);
    describe(`of version ${require(manifest).version}`, () => {
      runSpecs(path.join(path.dirname(manifest), 'build', 'main'), FILES.map((file) => `${file}.js`), { 'test custom deserializer': UNDEFINED });
    });
  }

  const clone = process.env.CONNECT_MONGO;
  if (clone !== undefined) {
    describe('of a clone of its repository', () => {
      runSpecs(path.resolve(clone, 'src'), [...FILES, 'test/upgrade-compat.spec'].map((file) => `${file}.ts`), {
        'interval autoRemove suppresses rejections and clears timer on close': SETTINGS,
        'writeOperationOptions forwarded to updateOne': SETTINGS
      });
    });
  }
});
