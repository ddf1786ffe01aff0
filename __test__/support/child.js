'use strict';

/** Runs JavaScript in child processes, for what only a whole process can show (crashes, exits, restarts). */

const { spawn } = require('node:child_process');
const { ROOT } = require('./impl');

/**
 * Run source text in a fresh Node process whose `require` resolves from the repository's root.
 *
 * @param {string} source CommonJS source
 * @param {{env?: object, timeoutMS?: number, execArgv?: string[], program?: string}} [options] `timeoutMS` defaults to 30,000,
 *   `program` to this Node.js
 * @returns {Promise<{code: number|null, signal: string|null, stdout: string, stderr: string}>}
 *   rejects when the process has not ended in time
 */
function runScript(source, options = {}) {
  const timeoutMS = options.timeoutMS || 30000;
  const child = spawn(options.program ?? process.execPath, [...(options.execArgv ?? []), '-e', source], {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text; });

  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMS);
    child.once('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (late) {
        reject(new Error(`the process did not end within ${timeoutMS} ms\n${stdout}\n${stderr}`));
      } else {
        resolve({ code, signal, stdout, stderr });
      }
    });
  });
}

/**
 * Run source text that reports with `report(value)`; `outcome.reports` holds the values.
 * Two things are recorded beside them: `outcome.uncaught`, an array of `{ origin, message }` where
 * `origin` is 'unhandledRejection' or 'uncaughtException', and `outcome.warnings`.
 *
 * @param {string} source body of an async function; `impl`, `session`, `Store` and `uri` are in scope,
 *   and `reported(n)` and `thrown(n)`, which wait (bounded) for that many reports or uncaught errors
 * @param {{uri: string, env?: object, timeoutMS?: number}} options
 * @returns {Promise<{code: number, reports: any[], uncaught: object[], warnings: object[], stderr: string}>}
 */
async function runStoreScript(source, options) {
  const prelude = `
    const impl = require('./__test__/support/impl');
    const session = require('express-session');
    const uri = ${JSON.stringify(options.uri)};
    const out = { reports: [], uncaught: [], warnings: [] };
    const report = value => { out.reports.push(value === undefined ? null : value); };
    process.on('uncaughtException', (error, origin) => {
      out.uncaught.push({ origin, message: String(error && error.message) });
    });
    process.on('warning', warning => {
      out.warnings.push({ name: warning.name, code: warning.code, message: warning.message });
    });
    process.on('exit', () => {
      require('node:fs').writeSync(1, '\\n\\u0001' + JSON.stringify(out));
    });
    const Store = impl.factory(session);
    const turn = () => new Promise(resolve => setImmediate(resolve));
    // Wait until something has happened, then some turns more, in which it could happen again.
    const until = async condition => {
      for (const deadline = Date.now() + 20000; !condition() && Date.now() < deadline;) { await turn(); }
      for (let n = 0; n < 5; n++) { await turn(); }
    };
    const reported = count => until(() => out.reports.length >= count);
    const thrown = count => until(() => out.uncaught.length >= count);
    (async () => {`;
  const child = await runScript(`${prelude}\n${source}\n})();`, options);
  const at = child.stdout.lastIndexOf('\u0001');
  if (at === -1) {
    throw new Error(`the process reported nothing (code ${child.code}, ${child.signal})\n${child.stderr}`);
  }
  return { ...child, ...JSON.parse(child.stdout.slice(at + 1)) };
}

module.exports = { runScript, runStoreScript };
