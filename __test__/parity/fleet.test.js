'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const mongodb = require('mongodb');
const impl = require('../support/impl');
const { Browser } = require('../support/http');
const { eventually } = require('../support/stores');
const { mongoUri } = require('../support/server');

/** An app on the original and one on this package behind the same cookie: one run, whatever IMPL says. */
(impl.isOriginal ? describe.skip : describe)('a mixed fleet', function() {
  this.timeout(60_000);
  const databaseName = `fleet_${process.pid}`;
  const running = new Set();
  let uri;
  let witness;
  let serial = 0;
  let fleet;

  before('connect', async () => {
    uri = await mongoUri(databaseName);
    witness = await new mongodb.MongoClient(uri).connect();
  });

  beforeEach('start both apps', async () => {
    const collection = `c${++serial}`;
    const [original, ours] = await Promise.all(['original', 'ours'].map(name => start(name, collection)));
    fleet = { original, ours, rows: witness.db(databaseName).collection(collection) };
  });

  afterEach('stop the apps', async () => {
    await Promise.all([...running].map(stop));
  });

  after('drop the database', async () => {
    await witness.db(databaseName).dropDatabase();
    await witness.close();
  });

  async function start(name, collection) {
    const child = spawn(process.execPath, [path.join(__dirname, 'fleet-app.js')], {
      env: { ...process.env, IMPL: name, MONGO_URI: uri, COLLECTION: collection },
      stdio: ['pipe', 'pipe', 'pipe']
    });
    running.add(child);
    let problems = '';
    child.stderr.setEncoding('utf8').on('data', text => { problems += text; });
    const port = await new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', text => resolve(/^port (\d+)/.exec(text)[1]));
      child.once('close', () => reject(new Error(`the app on ${name} ended\n${problems}`)));
    });
    return { name, collection, child, url: `http://127.0.0.1:${port}` };
  }

  async function stop(child) {
    running.delete(child);
    if (child.exitCode === null && child.signalCode === null) {
      child.stdin.end();
      await once(child, 'close');
    }
  }

  /** End an app's process and start another in its place. */
  async function restart(app) {
    await stop(app.child);
    return Object.assign(app, await start(app.name, app.collection));
  }

  const other = name => name === 'ours' ? 'original' : 'ours';

  for (const first of ['original', 'ours']) {
    const second = other(first);

    it(`${second} reads what ${first} wrote, and writes it on`, async () => {
      const browser = new Browser(fleet[first].url);
      assert.equal((await browser.get('/write')).status, 200);
      const there = browser.at(fleet[second].url);
      assert.deepEqual((await there.get('/read')).json(), { impl: second, by: [first], same: true });
      assert.deepEqual((await there.get('/write')).json(), { by: [first, second] });
      assert.deepEqual((await browser.get('/read')).json(), { impl: first, by: [first, second], same: true });
    });

    it(`a logout on ${first} is one on ${second}`, async () => {
      const browser = new Browser(fleet[second].url);
      await browser.get('/write');
      await browser.at(fleet[first].url).get('/logout');
      assert.deepEqual((await browser.get('/read')).json().by, undefined);
      assert.equal(await fleet.rows.countDocuments(), 0);
    });

    it(`a session of ${first} survives a restart of ${first} and of ${second}`, async () => {
      const browser = new Browser(fleet[first].url);
      await browser.get('/write');
      await restart(fleet[first]);
      assert.deepEqual((await browser.at(fleet[first].url).get('/read')).json(),
        { impl: first, by: [first], same: true });
      await restart(fleet[second]);
      assert.deepEqual((await browser.at(fleet[second].url).get('/read')).json(),
        { impl: second, by: [first], same: true });
    });

    it(`a session regenerated on ${first} goes on on ${second}`, async () => {
      const browser = new Browser(fleet[second].url);
      await browser.get('/write');
      const moved = browser.at(fleet[first].url);
      assert.equal((await moved.get('/regenerate')).json(), 'regenerated');
      assert.notEqual(moved.sessionId(), browser.sessionId());
      assert.deepEqual((await moved.at(fleet[second].url).get('/read')).json(),
        { impl: second, by: [second], same: true });
      assert.equal((await browser.get('/read')).json().by, undefined, 'the old id is gone');
    });
  }

  it('takes turns for a while without losing a write', async () => {
    const browser = new Browser(fleet.ours.url);
    const expected = [];
    for (let turn = 0; turn < 20; turn++) {
      const app = turn % 2 ? fleet.original : fleet.ours;
      expected.push(app.name);
      browser.base = app.url;
      assert.deepEqual((await browser.get('/write')).json(), { by: expected });
    }
    assert.equal(await fleet.rows.countDocuments(), 1);
  });

  it('shares one TTL index', async () => {
    for (const app of [fleet.original, fleet.ours]) {
      await new Browser(app.url).get('/write');
    }
    // Apps serve before their index is there.
    await eventually(async () => (await fleet.rows.indexes()).length > 1);
    await restart(fleet.original);
    await restart(fleet.ours);
    await new Browser(fleet.ours.url).get('/write');
    const indexes = await fleet.rows.indexes();
    assert.deepEqual(indexes.map(index => index.name).sort(), ['_id_', 'expires_1']);
  });
});
