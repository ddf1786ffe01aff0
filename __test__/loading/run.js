'use strict';

/** Runs programs that load the package as applications do: as one that is installed. */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const WITHIN_MS = 90_000;

/**
 * Run node to its end.
 *
 * @param {string[]} args
 * @param {{cwd?: string, env?: object}} [options]
 * @returns {Promise<{code: number|null, output: string}>} what it printed, errors too; rejects when it does not end
 */
function node(args, { cwd = ROOT, env = {} } = {}) {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, WITHIN_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) reject(new Error(`it did not end within ${WITHIN_MS} ms\n${output}`));
      else resolve({ code, output });
    });
  });
}

/** A new directory in which this package and its development dependencies are installed. */
class Application {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'application-'));
    const modules = path.join(this.folder, 'node_modules');
    fs.mkdirSync(modules);
    fs.symlinkSync(ROOT, path.join(modules, 'connect-mongodb-session'), 'junction');
    for (const name of ['express-session', '@types']) {
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name), 'junction');
    }
  }

  /** @returns {string} the file's path */
  write(name, content) {
    const file = path.join(this.folder, name);
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  /** Run one of its files, or a file that TypeScript made. */
  run(name, env) {
    return node([path.join(this.folder, name)], { cwd: this.folder, env });
  }

  /** Compile its TypeScript files, beside them. */
  compile(compilerOptions, files) {
    const all = { strict: true, target: 'es2022', types: ['node'], skipLibCheck: true, ...compilerOptions };
    this.write('tsconfig.json', { compilerOptions: all, files });
    return node([require.resolve('typescript/bin/tsc'), '--project', this.folder], { cwd: this.folder });
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Application, ROOT, node };
