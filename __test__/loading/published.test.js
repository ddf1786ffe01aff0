'use strict';

/** The files that are published (tools/release/bundles.js): what of them a process loads, and when. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { binaryName, currentPlatform } = require('../../tools/platform-package');
const { writeBundles } = require('../../tools/release/bundles');
const { mongoUri } = require('../support/server');
const { node } = require('./run');

const ROOT = path.join(__dirname, '..', '..');

/** With the classes of the driver's entry, which takes more of the files than a store does, or without. */
const program = (options, work) => `
  const path = require('path');
  const Store = require('./index.js')(require('express-session'));
  const { MongoClient } = ${work === '' ? '{ MongoClient: Object }' : "require('./lib/entries/driver.js')"};
  const store = new Store({ uri: process.env.TEST_URI, collection: 'published', ${options} });
  const loaded = () => Object.keys(require.cache).filter((file) => path.dirname(file) === __dirname).map((file) => path.basename(file));
  (async () => {
    await store.set('sid', { cookie: {}, user: 'ada' });
    await store.touch('sid', { cookie: {} });
    const { user } = await store.get('sid');
    const before = loaded().includes('on-demand.js');
    const done = await (async () => { ${work} })();
    await store.destroy('sid');
    await store.close();
    console.log(JSON.stringify({ user, done, before, after: loaded().includes('on-demand.js'), same: store.client instanceof MongoClient }));
  })();
`;

describe('the published files', function() {
  this.timeout(60000);
  this.slow(5000);

  let directory;

  before(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'published-'));
    await writeBundles(directory);
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  });

  after(() => fs.rmSync(directory, { recursive: true }));

  async function run(options, work) {
    const file = path.join(directory, 'app.js');
    fs.writeFileSync(file, program(options, work));
    const env = { TEST_URI: await mongoUri('published'), NAPI_RS_NATIVE_LIBRARY_PATH: path.join(ROOT, binaryName(currentPlatform())) };
    const { code, output } = await node([file], { cwd: directory, env });
    assert.equal(code, 0, output);
    return JSON.parse(output);
  }

  it('are one for a store that does what most do, from its start to its end', async () => {
    const { user, before, after } = await run('', '');
    assert.deepEqual({ user, before, after }, { user: 'ada', before: false, after: false });
  });

  it('have another one, which is loaded for an option that needs more', async () => {
    const { user, before } = await run("crypto: { secret: 'a secret of some length' }, hashIds: true, touchAfter: 60", '');
    assert.deepEqual({ user, before }, { user: 'ada', before: true });
  });

  it('give methods what they need when they are called, and each class once', async () => {
    const { done, same } = await run('user: (session) => session.user', "return (await store.sessionsOf('ada')).map((each) => each.session.user)");
    assert.deepEqual({ done, same }, { done: ['ada'], same: true });
  });

  it('have nothing in them that Node.js reads slowly, and say where each line is from', () => {
    for (const name of ['index.js', 'on-demand.js']) {
      assert.match(fs.readFileSync(path.join(directory, name), 'utf8'), /^\p{ASCII}*$/u, name);
      const { sources } = JSON.parse(fs.readFileSync(path.join(directory, `${name}.map`), 'utf8'));
      assert.ok(sources.includes(name === 'index.js' ? 'lib/store/index.js' : 'lib/store/find.js'), name);
      const strangers = sources.filter((source) => !/^(bundles|taken):|^entry-/.test(source) && !fs.existsSync(path.join(ROOT, source)));
      assert.deepEqual(strangers, [], name);
    }
  });

  it('tell nothing of package.json but which version they are', () => {
    const text = fs.readFileSync(path.join(directory, 'index.js'), 'utf8');
    assert.ok(text.includes(require('../../package.json').version));
    assert.ok(!text.includes('devDependencies'));
  });
});
