'use strict';

/**
 * Browsers, many of them, in a process of their own: each visitor has a session cookie, each
 * connection asks, waits for the answer, and asks again for another visitor.
 */

const http = require('http');
const { performance } = require('perf_hooks');
const { serve } = require('../child');
const { Meter } = require('../measure');
const { random } = require('../random');

let agent;
let port;
/** One for each visitor: its cookie, its session id, how often it saved. */
let visitors = [];
let load = null;

/** @returns {Promise<{body: object, cookie: string|undefined}>} */
function request(path, cookie) {
  return new Promise((resolve, reject) => {
    const headers = cookie ? { cookie } : {};
    http.get({ agent, host: '127.0.0.1', port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 300)}`));
        resolve({ body: JSON.parse(text), cookie: response.headers['set-cookie']?.[0].split(';')[0] });
      });
    }).on('error', reject);
  });
}

async function login(number) {
  const { body, cookie } = await request(`/login/${number}`);
  visitors[number] = { cookie, sid: body.sid, saves: 0, busy: false };
}

/** One request of a visitor; throws when the answer is not that visitor's session. */
async function visit(number, kind) {
  const visitor = visitors[number];
  if (kind === 'save') visitor.saves++;
  const { body } = await request(`/${kind}`, visitor.cookie);
  if (body.visitor !== number || body.requests !== visitor.saves) {
    const { visitor: got, requests } = body;
    throw new Error(`/${kind} gave the wrong session: expected visitor ${number} after ${visitor.saves} saves, got visitor ${got} after ${requests}`);
  }
}

async function connection(running) {
  const { draw, kind } = running;
  while (!running.stopping) {
    let number = Math.floor(draw() * visitors.length);
    while (visitors[number].busy) number = (number + 1) % visitors.length;
    visitors[number].busy = true;
    const startedAt = performance.now();
    await visit(number, kind);
    visitors[number].busy = false;
    running.requests++;
    if (running.meter) {
      running.meter.complete();
      running.meter.record(performance.now() - startedAt);
    }
  }
}

serve({
  /** Makes a session for every visitor. */
  async login({ count, connections, ...server }) {
    port = server.port;
    agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    visitors = [];
    let next = 0;
    await Promise.all(Array.from({ length: connections }, async () => {
      while (next < count) await login(next++);
    }));
  },

  /** Starts asking; `measure` and `stop` follow. */
  begin({ kind, connections, seed }) {
    const running = { kind, draw: random(seed), stopping: false, requests: 0, meter: null };
    running.ended = Promise.all(Array.from({ length: connections }, () => connection(running)));
    // Awaited by `stop`; until then a failure is nobody's unhandled rejection.
    running.ended.catch(() => { running.stopping = true; });
    load = running;
  },

  start() {
    load.meter = new Meter();
    load.meter.start();
  },

  /** @returns {object} what the clients saw since `start` */
  end() {
    const { meter } = load;
    load.meter = null;
    meter.end();
    const { opsPerSecond, p50Ms, p99Ms, p999Ms } = meter.figures();
    return { opsPerSecond, p50Ms, p99Ms, p999Ms };
  },

  /** @returns {Promise<number>} all requests since `begin`; throws if one answer was wrong */
  async stop() {
    load.stopping = true;
    await load.ended;
    return load.requests;
  },

  /** @returns {{sid: string, visitor: number, requests: number}[]} what must be stored for some visitors */
  sample({ count }) {
    const step = Math.max(1, Math.floor(visitors.length / count));
    return visitors
      .map(({ sid, saves }, visitor) => ({ sid, visitor, requests: saves }))
      .filter(({ visitor }) => visitor % step === 0);
  },

  close: () => agent.destroy()
});
