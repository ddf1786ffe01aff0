'use strict';

/** Runs the listings of docs/seeing-inside.md, and compares the line it shows of `DEBUG`. */

const assert = require('node:assert/strict');
const { Page, ROOT } = require('../../support/markdown');
const { node } = require('../../loading/run');
const { mongoUri, uniqueName } = require('../../support/server');

const page = new Page('docs/seeing-inside.md');

describe('docs/seeing-inside.md', () => {
  let printed;

  before(async () => {
    const stats = page.block('store.stats()').replace('60_000', '5');
    const subscription = page.block("require('diagnostics_channel')");
    printed = await node(['-e', `
      const MongoDBStore = require(${JSON.stringify(ROOT)})(require('express-session'));
      const store = new MongoDBStore({ uri: ${JSON.stringify(await mongoUri(uniqueName('seeing')))} });
      ${stats}
      ${subscription}
      setTimeout(async () => { await store.get('a'); await store.db.dropDatabase(); await store.close(); }, 100);
    `], { env: { DEBUG: 'connect-mongodb-session' } });
    assert.equal(printed.code, 0, printed.output);
  });

  it('stats(): numbers from time to time', () => assert.match(printed.output, /pending: 0/));

  it('diagnostics_channel: operations and how long they took', () => assert.match(printed.output, /^get [\d.]+$/m));

  it('DEBUG: a line like the one that is shown', () => {
    const form = (line) => line.replace(/\d{4}-\S+Z/, 'TIME').replace(/get [\da-f]{8}/, 'get ID').replace(/[\d.]+ ms/, 'N ms');
    assert.equal(form(printed.output.split('\n').find((line) => / get [\da-f]{8} /.test(line))), form(page.block(' get ').trim()));
  });
});
