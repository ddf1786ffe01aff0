'use strict';

/** How many connections a process has, as MongoDB sees it: stores that name the same server the same way share them. */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { binaryName, currentPlatform, packageName, writePlatformPackage } = require('../../tools/platform-package');
const { ROOT } = require('../support/impl');
const { uniqueName } = require('../support/server');
const { eventually, useStores } = require('../support/stores');

/** One pool: its one connection, and the two on which the driver watches the server. */
const ONE_POOL = 3;

describe('a process has one pool of connections', function() {
  this.timeout(60000);
  this.slow(10000);

  const stores = useStores();
  const places = fs.mkdtempSync(path.join(os.tmpdir(), 'store-copies-'));
  after(() => fs.rmSync(places, { recursive: true, force: true }));

  /** Another copy of the package, as npm would install it for a dependency; its addon in a package of its own or not. */
  function copyOfPackage(name, { apart = false } = {}) {
    const modules = path.join(places, name, 'node_modules');
    const place = path.join(modules, 'connect-mongodb-session');
    fs.mkdirSync(place, { recursive: true });
    const addon = binaryName(currentPlatform());
    for (const entry of ['lib', 'index.js', 'package.json', ...apart ? [] : [addon]]) {
      fs.cpSync(path.join(ROOT, entry), path.join(place, entry), { recursive: true, mode: fs.constants.COPYFILE_FICLONE });
    }
    // Compressed quickly: nobody here reads the addon as text.
    if (apart) writePlatformPackage(currentPlatform(), path.join(modules, packageName(currentPlatform())), undefined, 1);
    fs.symlinkSync(path.join(ROOT, 'node_modules', 'bson'), path.join(modules, 'bson'), 'junction');
    return place;
  }

  /**
   * Runs a script until it says that it is ready, and until its process has so many connections: on a busy machine there may be
   * others yet, of a client that found out why a command took so long: the driver takes ten seconds to end its watch over the server.
   *
   * @param {string} script an async function's body; `use(root)` opens three stores of the package there and uses
   *   them, `inWorker(root)` does so in a worker thread
   * @param {number} least
   * @param {number} most
   */
  async function expectConnections(script, least, most) {
    const appName = uniqueName('shared');
    const uri = `${stores.uri}?appName=${appName}&maxPoolSize=1`;
    const prelude = `
      const { Worker } = require('worker_threads');
      const opened = [];
      async function use(root) {
        const MongoDBStore = require(root)(require(${JSON.stringify(require.resolve('express-session'))}));
        const stores = ['a', 'b', 'c'].map((collection) => new MongoDBStore({ uri: ${JSON.stringify(uri)}, collection }));
        await Promise.all(stores.map((store) => store.initialConnectionPromise));
        await Promise.all(stores.flatMap((store) => Array.from({ length: 20 }, (_, n) => store.set('s' + n, { cookie: {} }))));
        opened.push(...stores);
      }
      async function inWorker(root) {
        const worker = new Worker(use + '; const opened = []; use(' + JSON.stringify(root) + ').then(() => {' +
          "require('worker_threads').parentPort.on('message', () => {}).postMessage('ready'); })", { eval: true });
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      }
      const root = ${JSON.stringify(ROOT)};`;
    const source = `${prelude}(async () => {${script}})().then(() => { console.log('ready'); setInterval(() => {}, 1e6); });`;
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    const ended = once(child, 'close');
    try {
      while (!output.includes('ready')) {
        await Promise.race([once(child.stdout, 'data'), ended.then(() => assert.fail(`the process ended: ${output}`))]);
      }
      const all = { $currentOp: { allUsers: true, idleConnections: true } };
      await eventually(async () => {
        const found = await stores.witness.db('admin').aggregate([all, { $match: { appName } }]).toArray();
        const { size } = new Set(found.map(({ client }) => client));
        return size >= least && size <= most;
      }, 40_000);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  }

  const expectOnePool = (script) => expectConnections(script, 1, ONE_POOL);

  it('for several stores', () => expectOnePool('await use(root);'));

  it('for stores of worker threads', () => expectOnePool('await Promise.all([inWorker(root), inWorker(root), use(root)]);'));

  it('after the modules were forgotten and loaded again, as test frameworks do', () => {
    return expectOnePool(`
      await use(root);
      for (const file of Object.keys(require.cache)) if (file.startsWith(root)) delete require.cache[file];
      await use(root);`);
  });

  it('for two copies of the package', async () => {
    const copy = JSON.stringify(copyOfPackage('same'));
    await expectOnePool(`await use(root); await use(${copy}); if (require(root) === require(${copy})) throw new Error('one copy');`);
  });

  it('for two copies, the second of them in worker threads', async () => {
    const copy = JSON.stringify(copyOfPackage('worker', { apart: true }));
    await expectOnePool(`await use(root); await Promise.all([inWorker(${copy}), inWorker(${copy})]);`);
  });

  it('whatever is remembered of addons that are gone', () => {
    return expectOnePool(`
      const [name] = require('fs').readdirSync(root).filter((each) => each.endsWith('.node'));
      for (const value of [7, [require('path').join(root, 'gone', name)]]) {
        require('worker_threads').setEnvironmentData('connect-mongodb-session addons', value);
        await inWorker(root);
      }
      await use(root);`);
  });

  describe('but not for two versions: each works, with its own addon,', () => {
    const copies = {};
    before(() => {
      // What other builds look like; a library may have more at its end.
      for (const [name, more] of Object.entries({ longer: '\0', other: '\x01' })) {
        copies[name] = copyOfPackage(name);
        fs.appendFileSync(path.join(copies[name], binaryName(currentPlatform())), more);
      }
      copies.this = ROOT;
    });

    for (const [first, second] of [['this', 'longer'], ['longer', 'this'], ['longer', 'other']]) {
      it(`${first}, then ${second}`, () => {
        const script = `await use(${JSON.stringify(copies[first])}); await use(${JSON.stringify(copies[second])});`;
        return expectConnections(script, ONE_POOL + 1, 2 * ONE_POOL);
      });
    }
  });
});
