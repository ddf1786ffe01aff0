'use strict';

/** Runs the example as `npm start` does: a process of its own, which a signal stops. */

const path = require('node:path');
const { Browser } = require('../support/http');
const { ROOT } = require('../support/impl');
const { ExampleProcess } = require('./process');

const EXAMPLE = path.join(ROOT, 'examples', 'express');
const OPEN_WITHIN_MS = 90000;

class Example extends ExampleProcess {
  /** @param {{env?: object}} [options] environment variables to add; `undefined` removes one */
  constructor({ env = {} } = {}) {
    const all = { ...process.env, PORT: '0', ...env };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    super(EXAMPLE, { env: all });
  }

  /** @returns {Promise<Example>} when it has printed its address; rejects when it ends before */
  async open() {
    this.url = await this.listening(/open at (http:\/\/localhost:\d+)\//, OPEN_WITHIN_MS);
    // By address: `localhost` may mean IPv6 first.
    this.base = this.url.replace('localhost', '127.0.0.1');
    return this;
  }

  visitor() {
    return new Visitor(this.base);
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
