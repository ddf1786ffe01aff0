'use strict';

/** Where the packages of an application are found, by how it is laid out and started. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { node, ROOT } = require('./run');

/** Prints which `driver` it finds, and through which others. */
const FINDER = `
  const fs = require('fs');
  const { resolveFromApplication } = require('./lib/application');
  const version = (file) => (file === undefined ? 'none' : require(file));
  module.exports = () => console.log([resolveFromApplication('driver'), resolveFromApplication('wrapper', 'driver'), resolveFromApplication('fs')].map(version).join(' '));
`;

describe('packages of the application', () => {
  let folder;

  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'resolving-')));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function write(file, content) {
    const where = path.join(folder, file);
    fs.mkdirSync(path.dirname(where), { recursive: true });
    fs.writeFileSync(where, content);
    return where;
  }

  /** A package of the name that the last part of the path says. */
  function install(where, content) {
    write(`${where}/package.json`, JSON.stringify({ name: path.basename(where), version: '1.0.0' }));
    write(`${where}/index.js`, content);
  }

  /** This package, with nothing in it but what finds others. */
  function installOurs(where) {
    install(where, FINDER);
    write(`${where}/lib/application.js`, fs.readFileSync(path.join(ROOT, 'lib', 'application.js')));
  }

  const driver = (where, version) => install(`${where}/node_modules/driver`, `module.exports = '${version}';`);

  async function run(file, cwd = '.', env = {}) {
    const { code, output } = await node(Array.isArray(file) ? file : [path.join(folder, file)], { cwd: path.join(folder, cwd), env });
    assert.equal(code, 0, output);
    return output.trim();
  }

  const MAIN = "require('ours')();";

  it('side by side, as npm installs them', async () => {
    installOurs('app/node_modules/ours');
    driver('app', 'A');
    write('app/main.js', MAIN);
    assert.equal(await run('app/main.js'), 'A none none');
  });

  it('the application\'s own, not another one beside this package', async () => {
    installOurs('node_modules/ours');
    driver('.', 'hoisted');
    driver('app', 'A');
    write('app/src/main.js', MAIN);
    assert.equal(await run('app/src/main.js'), 'A none none');
  });

  it('under pnpm, where this package stands elsewhere', async () => {
    installOurs('store/ours');
    driver('app', 'A');
    fs.symlinkSync(path.join(folder, 'store/ours'), path.join(folder, 'app/node_modules/ours'), 'junction');
    write('app/main.js', MAIN);
    assert.equal(await run('app/main.js', 'store'), 'A none none');
  });

  it('through another package: the one that it uses', async () => {
    installOurs('app/node_modules/ours');
    install('app/node_modules/wrapper', '');
    driver('app', 'A');
    driver('app/node_modules/wrapper', 'B');
    write('app/main.js', MAIN);
    assert.equal(await run('app/main.js'), 'A B none');
  });

  it('of the application, when a package that wraps this one has none', async () => {
    installOurs('store/ours');
    install('store/wrapping', "module.exports = require('ours');");
    fs.mkdirSync(path.join(folder, 'store/wrapping/node_modules'));
    fs.symlinkSync(path.join(folder, 'store/ours'), path.join(folder, 'store/wrapping/node_modules/ours'), 'junction');
    driver('app', 'A');
    fs.symlinkSync(path.join(folder, 'store/wrapping'), path.join(folder, 'app/node_modules/wrapping'), 'junction');
    write('app/main.js', "require('wrapping')();");
    assert.equal(await run('app/main.js', 'store'), 'A none none');
  });

  for (const [title, given] of [['by its file', 'app/main.mjs'], ['by its folder', 'app']]) {
    it(`of ES modules, started ${title}`, async () => {
      installOurs('store/ours');
      driver('app', 'A');
      fs.symlinkSync(path.join(folder, 'store/ours'), path.join(folder, 'app/node_modules/ours'), 'junction');
      write('app/package.json', JSON.stringify({ main: 'main.mjs' }));
      write('app/main.mjs', "import find from 'ours'; find();");
      assert.equal(await run(given, 'store'), 'A none none');
    });
  }

  it('of the working directory, when a tool that is elsewhere runs ES modules', async () => {
    installOurs('store/ours');
    driver('app', 'A');
    fs.symlinkSync(path.join(folder, 'store/ours'), path.join(folder, 'app/node_modules/ours'), 'junction');
    write('app/test.mjs', "import find from 'ours'; find();");
    write('tool/run.mjs', 'await import(process.env.FILE);');
    assert.equal(await run('tool/run.mjs', 'app', { FILE: path.join(folder, 'app/test.mjs') }), 'A none none');
  });

  it('in a worker', async () => {
    installOurs('store/ours');
    driver('app', 'A');
    fs.symlinkSync(path.join(folder, 'store/ours'), path.join(folder, 'app/node_modules/ours'), 'junction');
    write('app/worker.mjs', "import find from 'ours'; find();");
    write('main.mjs', "import { Worker } from 'worker_threads'; new Worker(process.env.FILE);");
    assert.equal(await run('main.mjs', 'store', { FILE: path.join(folder, 'app/worker.mjs') }), 'A none none');
  });

  it('of a bundle, where what it left out stands beside it', async () => {
    driver('app', 'A');
    // As bundlers write it: modules are functions, and `module` is a stand-in.
    write('app/bundle.js', `
      const modules = {
        './lib/application': (module, exports) => {${fs.readFileSync(path.join(ROOT, 'lib', 'application.js'))}},
        ours: (module, exports, load) => {${FINDER.replace("require('./lib/application')", "load('./lib/application')")}}
      };
      function load(name) {
        const module = { exports: {} };
        modules[name](module, module.exports, load);
        return module.exports;
      }
      load('ours')();
    `);
    assert.equal(await run('app/bundle.js'), 'A none none');
  });

  it('are none, without an error, where there are none', async () => {
    installOurs('store/ours');
    write('app/main.mjs', `import find from '${path.join(folder, 'store/ours/index.js')}'; find();`);
    assert.equal(await run('app/main.mjs'), 'none none none');
    assert.equal(await run(['-e', `process.chdir('..'); require('${path.join(folder, 'store/ours')}')()`], 'app'), 'none none none');
  });

  it('are found with no working directory and no main file either', async () => {
    installOurs('app/node_modules/ours');
    driver('app', 'A');
    fs.mkdirSync(path.join(folder, 'gone'));
    const find = `require('fs').rmdirSync('../gone'); require('${path.join(folder, 'app/node_modules/ours')}')();`;
    assert.equal(await run(['-e', find], 'gone'), 'A none none');
  });
});
