'use strict';

/** Runs the example of docs/errors.md, and compares its list of messages with the store's. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { doing } = require('../../../lib/store/report');
const { Page, ROOT, runExample } = require('../../support/markdown');

const page = new Page('docs/errors.md');

describe(page.file, () => {
  it('the listener tells that MongoDB is away', () => {
    const printed = runExample(`
      const session = require('express-session');
      const MongoDBStore = require('connect-mongodb-session')(session);
      console.error = console.log;
      const store = new MongoDBStore({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1000' }, () => {});
      ${page.block('error.cause?.name')}`);
    assert.equal(printed.trim(), 'MongoDB is away: Error connecting to db: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('lists what messages begin with', () => {
    const session = { [Symbol.for('nodejs.util.inspect.custom')]: () => 'SESSION' };
    const listed = [...fs.readFileSync(path.join(ROOT, page.file), 'utf8').matchAll(/^\| `(Error .*): …` \|/gm)].map(([, message]) => message);
    assert.deepEqual(listed.sort(), Object.values(doing).map((describe) => describe('ID', session)).sort());
  });
});
