'use strict';

/** The files that are published (tools/release/bundles.js): what of them a process loads, and when. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { binaryName, currentPlatform } = require('../../tools/platform-package');
const { PARTS, writeBundles } = require('../../tools/release/bundles');
const { mongoUri } = require('../support/server');
const { node } = require('./run');

const ROOT = path.join(__dirname, '..', '..');

/** What of the main entry's files is loaded, beside the entry itself. */
const LOADED = `const loaded = () => ${JSON.stringify(Object.values(PARTS))}.filter((name) => require.resolve('./' + name) in require.cache);`;

/** With the classes of the driver's entry, which takes more of the files than a store does, or without. */
const program = (options, work) => `
  ${LOADED}
  const Store = require('./index.js')(require('express-session'));
  const atFirst = loaded();
  const { MongoClient } = ${work === '' ? '{ MongoClient: Object }' : "require('./lib/entries/driver.js')"};
  const store = new Store({ uri: process.env.TEST_URI, collection: 'published', ${options} });
  (async () => {
    await store.set('sid', { cookie: {}, user: 'ada' });
    await store.touch('sid', { cookie: {} });
    const { user } = await store.get('sid');
    const before = loaded();
    const done = await (async () => { ${work} })();
    await store.destroy('sid');
    await store.close();
    console.log(JSON.stringify({ user, done, atFirst, before, after: loaded(), same: store.client instanceof MongoClient }));
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

  function run(options, work) {
    return runs(program(options, work));
  }

  async function runs(text) {
    const file = path.join(directory, 'app.js');
    fs.writeFileSync(file, text);
    const env = { TEST_URI: await mongoUri('published'), NAPI_RS_NATIVE_LIBRARY_PATH: path.join(ROOT, binaryName(currentPlatform())) };
    const { code, output } = await node([file], { cwd: directory, env });
    assert.equal(code, 0, output);
    return JSON.parse(output);
  }

  it('are one until there is a store, and two for a store that does what most do, from its start to its end', async () => {
    const { user, atFirst, before, after } = await run('', '');
    const two = ['while-connecting.js'];
    assert.deepEqual({ user, atFirst, before, after }, { user: 'ada', atFirst: [], before: two, after: two });
  });

  it('have a third one, which is loaded for an option that needs more', async () => {
    const { user, before } = await run("crypto: { secret: 'a secret of some length' }, hashIds: true, touchAfter: 60", '');
    assert.equal(user, 'ada');
    assert.ok(before.includes('on-demand.js'));
  });

  it('are two also for a store whose servers DNS is asked for', async () => {
    const { message, loaded } = await runs(`
      ${LOADED}
      const failed = async () => { throw new Error('no name server'); };
      Object.assign(require('dns').promises, { resolveSrv: failed, resolveTxt: failed });
      const Store = require('./index.js')(require('express-session'));
      new Store({ uri: 'mongodb+srv://cluster.shop.example/' }, ({ message }) => console.log(JSON.stringify({ message, loaded: loaded() })));
    `);
    assert.deepEqual({ message, loaded }, { message: 'Error connecting to db: no name server', loaded: ['while-connecting.js'] });
  });

  it('give methods what they need when they are called, and each class once', async () => {
    const { done, same } = await run('user: (session) => session.user', "return (await store.sessionsOf('ada')).map((each) => each.session.user)");
    assert.deepEqual({ done, same }, { done: ['ada'], same: true });
  });

  it('have nothing in them that Node.js reads slowly, and say where each line is from', () => {
    const examples = { 'index.js': 'lib/store/index.js', 'while-connecting.js': 'lib/driver/client.js', 'on-demand.js': 'lib/store/find.js' };
    for (const [name, example] of Object.entries(examples)) {
      assert.match(fs.readFileSync(path.join(directory, name), 'utf8'), /^\p{ASCII}*$/u, name);
      const { sources } = JSON.parse(fs.readFileSync(path.join(directory, `${name}.map`), 'utf8'));
      assert.ok(sources.includes(example), name);
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
