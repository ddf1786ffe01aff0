'use strict';

/** Runs the example as `npm start` does: a process of its own, told where to stop by a signal. */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { Browser } = require('../support/http');
const { ROOT } = require('../support/impl');

const EXAMPLE = path.join(ROOT, 'examples', 'express');
const OPEN_WITHIN_MS = 90000;

class Example {
  /** @param {{env?: object}} [options] environment variables to add; `undefined` removes one */
  constructor({ env = {} } = {}) {
    const all = { ...process.env, PORT: '0', ...env };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    this.output = '';
    this.child = spawn(process.execPath, [EXAMPLE], { env: all, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { this.output += text; });
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** @returns {Promise<Example>} when it has printed its address; rejects when it ends before */
  async open() {
    const late = setTimeout(() => this.child.kill('SIGKILL'), OPEN_WITHIN_MS);
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`the example ended (${code}, ${signal}) before it was open\n${this.output}`);
    });
    try {
      while (!this.url) {
        await Promise.race([once(this.child.stdout, 'data'), ended]);
        [, this.url] = /open at (http:\/\/localhost:\d+)\//.exec(this.output) ?? [];
      }
    } finally {
      clearTimeout(late);
      ended.catch(() => {});
    }
    // By address: `localhost` may mean IPv6 first.
    this.base = this.url.replace('localhost', '127.0.0.1');
    return this;
  }

  visitor() {
    return new Visitor(this.base);
  }

  /** @returns {Promise<{code: number|null, signal: string|null}>} how it ended */
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.ended;
  }
}

/** A browser that fills in the example's forms. */
class Visitor extends Browser {
  /** Fetch the page and remember its form token. */
  async look() {
    const page = await this.get('/');
    [, this.token] = /name="csrf" value="([^"]+)"/.exec(page.text) ?? [];
    return page;
  }

  /** Send a form of the page looked at last. */
  submit(action, form = {}) {
    return this.post(action, { csrf: this.token, ...form });
  }

  async signIn(name = 'demo', password = 'demo') {
    await this.look();
    return this.submit('/login', { name, password });
  }

  /** What the shop's page says. */
  async shop() {
    const { text } = await this.look();
    const rows = [...text.matchAll(/<tr>\s*<td>([^<]+)<\/td><td class="number">(\d+)<\/td><td class="number">([^<]+)</g)];
    return {
      views: Number(/class="count">(\d+)</.exec(text)?.[1]),
      cart: rows.map(([, tea, count, price]) => `${count} ${tea} ${price}`),
      total: /<tfoot>.*<td class="number">(\$[\d.]+)<\/td>/.exec(text)?.[1],
      notice: /class="notice" role="status">([^<]+)</.exec(text)?.[1]
    };
  }

  get sid() {
    return this.sessionId('leaf.sid');
  }
}

module.exports = { Example, Visitor };
