'use strict';

/** Browsers that count up a number in their session, one request at a time each. */

const http = require('http');
const { setTimeout: pause } = require('timers/promises');
const { endsWithin } = require('../until');

class Visitors {
  /**
   * @param {number} port of the application
   * @param {{visitors?: number, pauseMs?: number}} options default 4 visitors, 10 ms between their requests
   * @param {Journal} journal
   */
  constructor(port, { visitors = 4, pauseMs = 10 }, journal) {
    Object.assign(this, { port, pauseMs, journal });
    this.agent = new http.Agent({ keepAlive: true });
    this.running = true;
    this.requests = 0;
    this.answered = 0;
    this.failed = 0;
    /** Answers that had read less than was acknowledged before. */
    this.stale = 0;
    this.slowestMs = 0;
    this.ended = Promise.all(Array.from({ length: visitors }, (_, lane) => this.run(`visitor${lane}`)));
  }

  async run(lane) {
    let cookie;
    let sid;
    let acknowledged = 0;
    for (let n = 1; this.running; n++) {
      const startedAt = Date.now();
      this.requests++;
      const answer = await this.post(n, cookie);
      this.answered++;
      const endedAt = Date.now();
      this.slowestMs = Math.max(this.slowestMs, endedAt - startedAt);
      cookie = answer.cookie ?? cookie;
      if (answer.status === 200) {
        if (sid === answer.sid && answer.before < acknowledged) this.stale++;
        sid = answer.sid;
        acknowledged = n;
      } else {
        this.failed++;
      }
      if (sid) this.journal.record([{ sid, n, ok: answer.status === 200, startedAt, endedAt, lane }]);
      await pause(this.pauseMs);
    }
  }

  post(n, cookie) {
    return new Promise((resolve) => {
      const options = { port: this.port, host: '127.0.0.1', method: 'POST', path: `/${n}`, agent: this.agent, headers: cookie ? { cookie } : {} };
      http.request(options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => (body += text));
        response.on('end', () => {
          resolve({ ...JSON.parse(body), status: response.statusCode, cookie: response.headers['set-cookie']?.[0].split(';')[0] });
        });
      }).on('error', (error) => resolve({ status: 0, error: error.message })).end();
    });
  }

  /** @returns {Promise<boolean>} whether every request was answered within so many ms */
  async stop(withinMs) {
    this.running = false;
    const all = await endsWithin(this.ended, withinMs);
    this.agent.destroy();
    return all;
  }
}

module.exports = { Visitors };
