'use strict';

/** Processes, threads and module registries that end or begin in the middle of operations. */

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { CONTESTANTS } = require('../contestants');
const { SCRIPTS, prelude, twoCopies, workers } = require('./lifecycle/scripts');

const WORKERS_MS = 900_000;
const ROOT = path.join(__dirname, '..', '..', '..');

/** Runs a script in a process of its own: how it ended, and whether it had to be killed. */
async function runScript(directory, source, limitMs) {
  const file = path.join(directory, 'script.js');
  fs.writeFileSync(file, source);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, limitMs);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { code, signal, hung, output, errors };
}

function ending({ code, signal, hung, errors }) {
  if (hung) return 'did not end';
  return `${signal ?? `code ${code}`}${code ? ` ${errors.trim().split('\n').find((line) => /Error/.test(line)) ?? ''}` : ''}`;
}

/** A second copy of the package: another directory, other modules, the same native code. */
function copyOf(contestant, directory) {
  if (contestant === 'original') {
    const from = path.dirname(require.resolve('connect-mongodb-session-original/package.json'));
    const to = path.join(directory, 'node_modules', 'copy');
    fs.cpSync(from, to, { recursive: true });
    for (const name of ['mongodb', 'archetype']) {
      if (fs.existsSync(path.join(ROOT, 'node_modules', name))) fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(directory, 'node_modules', name));
    }
    return to;
  }
  const to = path.join(directory, 'copy');
  fs.mkdirSync(to);
  for (const name of fs.readdirSync(ROOT).filter((file) => /^(index\.js|lib|package\.json)$|\.node$/.test(file))) {
    fs.cpSync(path.join(ROOT, name), path.join(to, name), { recursive: true });
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(to, 'node_modules'));
  return to;
}

async function endings(context, directory, start, checks) {
  for (const { name, source, code = null, signal = null, repeat, bySelf } of SCRIPTS) {
    const rounds = repeat ? context.options.rounds : 1;
    const wrong = [];
    for (let round = 0; round < rounds; round++) {
      const result = await runScript(directory, start + source, context.options.hangMs);
      if (result.hung || result.code !== code || result.signal !== signal) wrong.push(ending(result));
    }
    const promise = bySelf ? name : `${name}: no crash, no hang`;
    checks.add(promise, wrong.length === 0, `${rounds - wrong.length} of ${rounds} ended with ${signal ?? `code ${code}`}${wrong.length ? `; else: ${wrong[0]}` : ''}`);
  }
}

/**
 * @param {{contestant: string, options: {rounds: number, workers: number, hangMs: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run(context) {
  const { contestant, options, progress } = context;
  const checks = new Checks();
  const server = await startMongod({ own: true });
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'torture-lifecycle-'));
  try {
    const start = prelude(CONTESTANTS[contestant].module, `${server.uri}/torture`);
    progress(`${options.workers} worker threads`);
    const threads = await runScript(directory, start + workers(options.workers), WORKERS_MS);
    const more = threads.code === 0 ? JSON.parse(threads.output).more : null;
    checks.add('worker threads terminated in the middle of operations: no crash, no hang, no thread left', threads.code === 0 && more <= 1,
      threads.code === 0 ? `${options.workers} of ${options.workers}; ${more} native threads more than after the first ones` : ending(threads));
    progress('endings of processes');
    await endings(context, directory, start, checks);
    const copies = await runScript(directory, start + twoCopies(copyOf(contestant, directory)), options.hangMs);
    checks.add('two copies of the package in one process work and let it end', copies.code === 0, ending(copies));
    return { checks: checks.list, figures: { workers: options.workers, rounds: options.rounds, threadsMore: more } };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
    await server.stop();
  }
}

module.exports = {
  title: 'Lifecycle',
  how: 'worker threads terminated, `process.exit`, uncaught exceptions, SIGTERM in the middle of operations; cluster; module resets; two copies',
  long: { rounds: 20, workers: 200, hangMs: 20_000 },
  short: { rounds: 1, workers: 8, hangMs: 60_000 },
  run
};
