'use strict';

/** Runs an example that `tools/examples.js` has installed: `npm start` in a process of its own. */

const { Browser } = require('../support/http');
const { directory } = require('../../tools/examples');
const { ExampleProcess } = require('./process');

const manifestOf = (name) => require(`../../examples/${name}/package.json`);
const OPEN_WITHIN_MS = 60000;

class Copied extends ExampleProcess {
  /** @param {string} name of the example @param {string} uri of MongoDB @param {object} [variables] of its environment */
  constructor(name, uri, variables = {}) {
    const [, file] = /^node (\S+)$/.exec(manifestOf(name).scripts.start);
    const env = { ...process.env, MONGODB_URI: uri, PORT: '0', SESSION_SECRET: 'of the test, and as long as it takes', NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...variables };
    super(file, { cwd: directory(name), env });
  }

  /** @returns {Promise<Copied>} when it has printed its address; rejects when it ends before */
  async open() {
    this.url = await this.listening(/listening on (http:\/\/[\d.]+:\d+)/, OPEN_WITHIN_MS);
    return this;
  }

  /** @param {Browser} [before] whose cookies the new one has */
  browser(before) {
    return before ? before.at(this.url) : new Visitor(this.url);
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
