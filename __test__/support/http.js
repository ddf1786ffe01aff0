'use strict';

const http = require('node:http');
const { once } = require('node:events');

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} text the body
 * @property {() => any} json the body, parsed
 * @property {string[]} setCookie the raw `Set-Cookie` headers
 * @property {string|undefined} location
 */

/** An HTTP client with a cookie jar: what one user's browser is to an app. */
class Browser {
  /** @param {string} base such as `http://127.0.0.1:1234` */
  constructor(base) {
    this.base = base;
    /** @type {Map<string, string>} */
    this.cookies = new Map();
    /** @type {string|undefined} what it calls itself */
    this.userAgent = undefined;
  }

  /** @param {string} path @returns {Promise<Answer>} */
  get(path) {
    return this.request('GET', path);
  }

  /** @param {string} path @param {object} [form] sent URL-encoded @returns {Promise<Answer>} */
  post(path, form = {}) {
    return this.request('POST', path, new URLSearchParams(form).toString());
  }

  /** @returns {Promise<Answer>} rejects when the app has not answered within 25 seconds: the stores of most wait for a server for 30 */
  async request(method, path, body) {
    const headers = {};
    if (this.cookies.size) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    }
    if (this.userAgent) headers['user-agent'] = this.userAgent;
    if (body !== undefined) {
      headers['content-type'] = 'application/x-www-form-urlencoded';
      headers['content-length'] = Buffer.byteLength(body);
    }
    // A connection of its own for each request: an app that closes is not kept waiting.
    const request = http.request(this.base + path, { method, headers, agent: false });
    request.setTimeout(25_000, () => request.destroy(new Error(`${method} ${path} was not answered`)));
    request.end(body);
    const [response] = await once(request, 'response');
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk;
    }
    const setCookie = response.headers['set-cookie'] || [];
    this.keep(setCookie);
    return {
      status: response.statusCode,
      text,
      json: () => JSON.parse(text),
      setCookie,
      location: response.headers.location
    };
  }

  keep(setCookie) {
    for (const header of setCookie) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header);
      this.cookies.set(name, value);
    }
  }

  /** @returns {string|undefined} the session id in the signed cookie */
  sessionId(cookie = 'connect.sid') {
    const value = this.cookies.get(cookie);
    return value && decodeURIComponent(value).slice(2).split('.')[0];
  }

  /** @returns {Browser} another browser that holds the same cookies (for another app or port) */
  at(base) {
    const other = new Browser(base);
    other.cookies = new Map(this.cookies);
    return other;
  }
}

/**
 * Serve an Express app on a free port of 127.0.0.1.
 *
 * @param {Function} app
 * @returns {Promise<{url: string, browser: () => Browser, close: () => Promise<void>}>}
 */
async function serve(app) {
  const server = http.createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    browser: () => new Browser(url),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
  };
}

module.exports = { Browser, serve };
