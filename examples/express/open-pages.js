'use strict';

/** The pages that are open in browsers, by their session: each hears at once when its session has ended. */
class OpenPages {
  #answers = new Map();

  /** @param {object} store of sessions; with `watch`, it also tells of what other servers end */
  constructor(store) {
    for (const event of ['destroy', 'expire']) store.on(event, (sessionId) => this.#tell(sessionId));
  }

  /** A page asks to hear of it: a stream of server-sent events (https://html.spec.whatwg.org/#server-sent-events). */
  add(req, res) {
    const { sessionID } = req;
    const answers = this.#answers.get(sessionID) ?? new Set();
    this.#answers.set(sessionID, answers.add(res));
    res.once('close', () => {
      answers.delete(res);
      if (answers.size === 0 && this.#answers.get(sessionID) === answers) this.#answers.delete(sessionID);
    });
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    res.flushHeaders();
    // It may have ended before it was known here that a page is open.
    req.session.reload((error) => error && this.#tell(sessionID));
  }

  #tell(sessionId) {
    for (const res of this.#answers.get(sessionId) ?? []) res.end('event: over\ndata:\n\n');
  }

  /** Ends all streams, for a server that is to close. */
  close() {
    for (const answers of this.#answers.values()) for (const res of answers) res.end();
  }
}

module.exports = { OpenPages };
