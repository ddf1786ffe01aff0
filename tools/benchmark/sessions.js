'use strict';

/**
 * The sessions of a measurement: made once, the same for every contestant, and checkable: each
 * names its visitor and counts its writes, so that any answer can be seen to be right or wrong.
 */

const { randomBytes } = require('crypto');

const DAY_MS = 86_400_000;
const COOKIES = 64;

/**
 * What all contestants of a measurement get, sent to their processes.
 *
 * @param {number} bytes of BSON a session has, about
 * @param {number} count distinct session ids
 * @returns {{sids: string[], templates: object[], expires: number, bytes: number}}
 */
function makeSessions(bytes, count) {
  // Only here: what it loads must not be in the processes that are measured.
  const { session } = require('./codec');
  const { calculateObjectSize } = require('bson');
  const variants = Math.min(bytes > 16384 ? 16 : 64, count);
  const templates = Array.from({ length: variants }, (_, seed) => session(bytes, seed));
  const sids = Array.from({ length: count }, () => randomBytes(24).toString('base64url'));
  const total = templates.reduce((sum, template) => sum + calculateObjectSize({ session: template }), 0);
  return { sids, templates, expires: Date.now() + 14 * DAY_MS, bytes: Math.round(total / variants) };
}

/** A session as text that is equal for equal sessions, however a store keeps dates and undefined. */
function asText(session) {
  const { cookie, ...rest } = session;
  // `touch` moves its expiry, in one place or in two; the document's own is checked.
  const kept = { ...(cookie?.toJSON ? cookie.toJSON() : cookie), expires: undefined };
  return JSON.stringify({ ...rest, cookie: kept }, (key, value) => (value === null ? undefined : value));
}

/** The sessions as one contestant's process knows them: what it stored last under each id. */
class Population {
  /** @param {{sids: string[], templates: object[], expires: number}} made of {@link makeSessions} */
  constructor({ sids, templates, expires }) {
    const Cookie = require('express-session/session/cookie');
    this.sids = sids;
    this.templates = templates;
    this.expires = expires;
    this.cookies = Array.from({ length: COOKIES }, (_, number) => {
      const cookie = new Cookie({ ...templates[0].cookie, expires: new Date(expires + number * 1000) });
      // Setting `expires` set this to what is left of it, which is another number each time.
      cookie.originalMaxAge = templates[0].cookie.originalMaxAge;
      return cookie;
    });
    /** How often each session was written, and renewed. */
    this.writes = new Int32Array(sids.length);
    this.renewals = new Int32Array(sids.length);
    this.busy = new Uint8Array(sids.length);
  }

  /** The session as it was last stored, or is to be stored: a new object, as an application's is. */
  session(index) {
    const template = this.templates[index % this.templates.length];
    return { ...template, cookie: this.cookies[this.renewals[index] % COOKIES], visitor: index, requests: this.writes[index] };
  }

  /** Whether a store's answer is the session that was stored last. */
  isRight(index, answer) {
    return answer != null && answer.visitor === index && answer.requests === this.writes[index];
  }

  /** What the server must hold. */
  expected(index) {
    return {
      sid: this.sids[index],
      text: asText(this.session(index)),
      expires: this.expires + (this.renewals[index] % COOKIES) * 1000
    };
  }
}

module.exports = { asText, makeSessions, Population };
