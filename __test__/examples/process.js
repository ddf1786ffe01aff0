'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');

/** An example's process, which a signal stops. */
class ExampleProcess {
  /**
   * @param {string} file its program
   * @param {{cwd?: string, env: object}} options
   */
  constructor(file, options) {
    this.output = '';
    this.child = spawn(process.execPath, [file], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { this.output += text; });
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /**
   * @param {RegExp} address finds in its output where it listens
   * @param {number} withinMs after which it is killed
   * @returns {Promise<string>} that address; rejects when the process ends before
   */
  async listening(address, withinMs) {
    const late = setTimeout(() => this.child.kill('SIGKILL'), withinMs);
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`it ended (${code}, ${signal}) before it listened\n${this.output}`);
    });
    try {
      for (;;) {
        const [, url] = address.exec(this.output) ?? [];
        if (url) return url;
        await Promise.race([once(this.child.stdout, 'data'), ended]);
      }
    } finally {
      clearTimeout(late);
      ended.catch(() => {});
    }
  }

  /** @returns {Promise<{code: number|null, signal: string|null}>} how it ended */
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.ended;
  }
}

module.exports = { ExampleProcess };
