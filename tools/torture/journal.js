'use strict';

/** How writes ended for their callers, kept by a process that no fault touches, and compared with what is stored. */
class Journal {
  constructor() {
    /** By session id: the last number that was acknowledged, and the last that was tried. */
    this.sessions = new Map();
    /** When acknowledged writes began and ended, in ms since 1970. */
    this.acknowledgments = [];
    /** By lane: when the last acknowledged write began. */
    this.lanes = new Map();
    this.failed = 0;
  }

  /** @param {{sid: string, n: number, ok: boolean, startedAt: number, endedAt: number, lane?: string}[]} writes */
  record(writes) {
    for (const { sid, n, ok, startedAt, endedAt, lane = sid.split('-')[0] } of writes) {
      const entry = this.sessions.get(sid) ?? { acknowledged: 0, attempted: 0 };
      entry.attempted = Math.max(entry.attempted, n);
      this.sessions.set(sid, entry);
      if (!ok) {
        this.failed++;
        continue;
      }
      entry.acknowledged = Math.max(entry.acknowledged, n);
      this.acknowledgments.push({ startedAt, endedAt });
      this.lanes.set(lane, Math.max(this.lanes.get(lane) ?? 0, startedAt));
    }
  }

  /** @returns {boolean} whether each of `count` lanes had a write acknowledged that it began after `since` */
  flowsAgain(since, count) {
    return this.lanes.size >= count && [...this.lanes.values()].every((startedAt) => startedAt > since);
  }

  /** @returns {string[]} the lanes without such a write */
  waitingSince(since) {
    return [...this.lanes].filter(([, startedAt]) => startedAt <= since).map(([lane]) => lane);
  }

  /** @returns {number} the longest time in ms after `since` in which no write was acknowledged */
  silenceAfter(since) {
    const ends = this.acknowledgments.map(({ endedAt }) => endedAt).filter((at) => at >= since).sort((a, b) => a - b);
    let longest = 0;
    let before = since;
    for (const at of ends) {
      longest = Math.max(longest, at - before);
      before = at;
    }
    return longest;
  }

  /**
   * @param {object} collection of the Node driver, with the sessions
   * @returns {Promise<{acknowledged: number, lost: string[], invented: string[]}>} `lost`: sessions with less
   *   than was acknowledged; `invented`: with more than was tried
   */
  async compare(collection) {
    const stored = new Map();
    for await (const { _id, session } of collection.find({})) stored.set(_id, session.n);
    const lost = [];
    const invented = [];
    for (const [sid, { acknowledged, attempted }] of this.sessions) {
      const n = stored.get(sid) ?? 0;
      if (n < acknowledged) lost.push(`${sid}: ${n} stored, ${acknowledged} acknowledged`);
      if (n > attempted) invented.push(`${sid}: ${n} stored, ${attempted} tried`);
    }
    return { acknowledged: this.acknowledgments.length, lost, invented };
  }
}

module.exports = { Journal };
