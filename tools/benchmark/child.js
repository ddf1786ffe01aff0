'use strict';

/** Processes that do one thing each, and calls to them. */

const { fork } = require('child_process');
const { once } = require('events');

const CALL_MS = 180_000;
const STOP_MS = 5_000;

/** A process that this one started and asks to do things. */
class Child {
  /**
   * @param {string} file which calls {@link serve}
   * @param {string} name for error messages
   * @param {{execArgv?: string[], execPath?: string}} [options] `execPath`: a program that runs Node.js, with its
   *   own arguments and Node's path in `execArgv`
   */
  constructor(file, name, { execArgv = [], execPath = process.execPath } = {}) {
    this.name = name;
    this.calls = new Map();
    this.last = 0;
    // Structured clone, because sessions have dates in them.
    this.process = fork(file, [], { serialization: 'advanced', execArgv, execPath });
    this.process.on('message', ({ number, error, result }) => {
      // Not an answer, or one that came too late.
      if (!this.calls.has(number)) return;
      const { resolve, reject, timer } = this.calls.get(number);
      clearTimeout(timer);
      this.calls.delete(number);
      if (error) reject(new Error(`${this.name}: ${error}`));
      else resolve(result);
    });
    this.process.on('exit', (code, signal) => {
      this.ended = true;
      this.fail(new Error(`${this.name}: its process ended (${signal ?? `exit code ${code}`})`));
    });
    this.process.on('error', (error) => this.fail(error));
  }

  fail(error) {
    for (const { reject, timer } of this.calls.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.calls.clear();
  }

  /**
   * @param {string} method
   * @param {*} [parameters] can be cloned
   * @param {number} [withinMs] default three minutes
   * @returns {Promise<*>} rejects when the method throws, the process ends, or it takes longer
   */
  call(method, parameters, withinMs = CALL_MS) {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(new Error(`${this.name}: its process has ended`));
      const number = ++this.last;
      const timer = setTimeout(() => {
        this.calls.delete(number);
        reject(new Error(`${this.name}: ${method} did not end within ${withinMs / 1000} s`));
      }, withinMs);
      this.calls.set(number, { resolve, reject, timer });
      this.process.send({ number, method, parameters });
    });
  }

  /** Lets the process end by itself, and makes it if it does not. */
  async stop() {
    if (this.ended) return;
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    if (this.process.connected) this.process.disconnect();
    await once(this.process, 'exit');
    clearTimeout(timer);
  }
}

/**
 * In the child: answers calls until the parent lets go.
 *
 * @param {Object<string, function(*): *>} methods may be async
 */
function serve(methods) {
  process.on('message', async ({ number, method, parameters }) => {
    try {
      const result = await methods[method](parameters);
      process.send({ number, result });
    } catch (error) {
      process.send({ number, error: error.stack ?? String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}

module.exports = { Child, serve };
