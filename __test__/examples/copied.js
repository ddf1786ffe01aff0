'use strict';

/** Runs an example that `scripts/examples.js` has installed: `npm start` in a process of its own. */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { Browser } = require('../support/http');
const { directory } = require('../../scripts/examples');

const manifestOf = (name) => require(`../../examples/${name}/package.json`);
const OPEN_WITHIN_MS = 60000;

class Copied {
  /** @param {string} name of the example @param {string} uri of MongoDB @param {object} [variables] of its environment */
  constructor(name, uri, variables = {}) {
    const [, file] = /^node (\S+)$/.exec(manifestOf(name).scripts.start);
    const env = { ...process.env, MONGODB_URI: uri, PORT: '0', SESSION_SECRET: 'of the test', NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...variables };
    this.output = '';
    this.child = spawn(process.execPath, [file], { cwd: directory(name), env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { this.output += text; });
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** @returns {Promise<Copied>} when it has printed its address; rejects when it ends before */
  async open() {
    const late = setTimeout(() => this.child.kill('SIGKILL'), OPEN_WITHIN_MS);
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`it ended (${code}, ${signal}) before it listened\n${this.output}`);
    });
    try {
      while (!this.url) {
        [, this.url] = /listening on (http:\/\/[\d.]+:\d+)/.exec(this.output) ?? [];
        if (!this.url) await Promise.race([once(this.child.stdout, 'data'), ended]);
      }
    } finally {
      clearTimeout(late);
      ended.catch(() => {});
    }
    return this;
  }

  /** @param {Browser} [before] whose cookies the new one has */
  browser(before) {
    return before ? before.at(this.url) : new Visitor(this.url);
  }

  async stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** A browser that also sends JSON. */
class Visitor extends Browser {
  /** @returns {Promise<object>} the body of the answer, parsed; rejects when it is no success */
  async json(method, path, content) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.base + path, {
      method,
      headers: { ...(cookie && { cookie }), ...(content && { 'content-type': 'application/json' }), connection: 'close' },
      body: content && JSON.stringify(content)
    });
    this.keep(response.headers.getSetCookie?.() ?? [response.headers.get('set-cookie')].filter(Boolean));
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  at(base) {
    return Object.assign(new Visitor(base), { cookies: new Map(this.cookies) });
  }
}

module.exports = { Copied };
