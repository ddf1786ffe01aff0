'use strict';

/** Applications that have no other packages than those a test gives them. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { node, ROOT } = require('../loading/run');

/** A new directory with this package, and nothing beside it but what that depends on. */
class BareApplication {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'without-driver-'));
    const ours = path.join(this.folder, 'node_modules', 'connect-mongodb-session');
    fs.mkdirSync(ours, { recursive: true });
    // Copies: from links, Node would find this repository's packages.
    for (const name of ['package.json', 'index.js', 'lib']) {
      fs.cpSync(path.join(ROOT, name), path.join(ours, name), { recursive: true });
    }
    for (const name of fs.readdirSync(ROOT).filter((file) => file.endsWith('.node'))) {
      fs.symlinkSync(path.join(ROOT, name), path.join(ours, name));
    }
    this.link('bson', path.join(ROOT, 'node_modules', 'bson'));
  }

  link(name, target) {
    fs.symlinkSync(target, path.join(this.folder, 'node_modules', name), 'junction');
  }

  /**
   * @param {string} code of its main file
   * @param {object} [env]
   * @returns {Promise<{code: number|null, output: string}>} what it printed
   */
  run(code, env) {
    const file = path.join(this.folder, 'main.js');
    fs.writeFileSync(file, code);
    return node([file], { cwd: this.folder, env });
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { BareApplication };
