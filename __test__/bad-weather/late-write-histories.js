'use strict';

/**
 * Random histories of writes on a bad network, and what must be stored after them.
 *
 * A history is a list of rounds. In a round, several sessions are written at once, one operation each, so that commands
 * carry several of them. Some rounds have a fault for the first command that carries a certain session:
 *
 * - `lost`: the connection breaks before the server has the command
 * - `unanswered`: the server carries it out, and the connection breaks before it answers
 * - `late`: the connection breaks, the command stays on its way, and the server gets it rounds later
 *
 * Some faults happen to the repetition of the command, too.
 */

const { random } = require('../../tools/benchmark/random');

const SIDS = Array.from({ length: 12 }, (_, n) => `sid${n}`);
const KINDS = ['set', 'set', 'patch', 'touch', 'destroy'];
const FAULTS = ['late', 'late', 'late', 'unanswered', 'lost'];
const HOUR_MS = 3_600_000;
const START = Date.now() + 24 * HOUR_MS;

/**
 * @param {number} seed
 * @param {{rounds: number, faults: number}} options
 * @returns {{writes: {sid: string, kind: string, n: number}[], fault: null|{kind: string, sid: string, afterRounds: number, times: number}}[]}
 */
function history(seed, { rounds, faults }) {
  const draw = random(seed);
  const pick = (list) => list[Math.floor(draw() * list.length)];
  let n = 0;
  const list = Array.from({ length: rounds }, () => {
    const sids = SIDS.filter(() => draw() < 0.7);
    const writes = (sids.length > 0 ? sids : [SIDS[0]]).map((sid) => ({ sid, kind: pick(KINDS), n: ++n }));
    return { writes, fault: null };
  });
  for (let count = 0; count < faults; count++) {
    const round = pick(list);
    round.fault = { kind: pick(FAULTS), sid: pick(round.writes).sid, afterRounds: 1 + Math.floor(draw() * 3), times: 1 + Math.floor(draw() * 2) };
  }
  return list;
}

const expiry = (n) => new Date(START + n * 1000);
const cookieOf = (n) => ({ originalMaxAge: HOUR_MS, expires: expiry(n), path: '/' });

/** What a store should hold of one session, by the writes that were made. */
class Expected {
  constructor() {
    this.stored = null;
  }

  /** @returns {object|null} the session that this write makes of the stored one, before it is called */
  apply({ kind, n }) {
    if (kind === 'destroy') this.stored = null;
    else if (kind === 'set') this.stored = { n, fields: {} };
    else if (kind === 'patch') this.stored = { n, fields: { ...this.stored?.fields, [`f${n % 3}`]: n } };
    else if (this.stored) this.stored = { ...this.stored, touched: n };
  }

  /** What is looked at, of the expected session. */
  get shown() {
    return this.stored && { n: this.stored.n, ...this.stored.fields, expires: expiry(this.stored.touched ?? this.stored.n) };
  }
}

/** The same of a stored document. */
function shown(document) {
  if (!document) return null;
  const shownOf = { ...document.session, expires: document.expires };
  delete shownOf.cookie;
  return shownOf;
}

/** Performs a write. A `patch` is a request: it reads the session, changes a part of it and saves it. */
async function perform(store, { sid, kind, n }) {
  if (kind === 'destroy') return call(store, 'destroy', sid);
  if (kind === 'touch') return call(store, 'touch', sid, { cookie: cookieOf(n) });
  if (kind === 'set') return call(store, 'set', sid, { n, cookie: cookieOf(n) });
  const session = (await call(store, 'get', sid)) ?? {};
  Object.assign(session, { n, [`f${n % 3}`]: n, cookie: cookieOf(n) });
  return call(store, 'set', sid, session);
}

function call(store, method, ...args) {
  return new Promise((resolve, reject) => store[method](...args, (error, value) => (error ? reject(error) : resolve(value))));
}

/** Treats the commands of one round. */
class Faults {
  /** @param {WireProxy} proxy @param {number} times how often one command may be hit at most */
  constructor(proxy, times) {
    this.proxy = proxy;
    this.times = times;
    /** Commands that are still on their way, with the round in which they arrive. */
    this.late = [];
    this.done = [];
  }

  arm(fault, round) {
    let left = Math.min(fault?.times ?? 0, this.times);
    this.proxy.treat = (request) => {
      if (left === 0 || !request.isWrite || !request.sids.includes(fault.sid)) return undefined;
      if (fault.kind === 'late') {
        request.delay();
        this.late.push({ request, round: round + fault.afterRounds });
      } else if (fault.kind === 'unanswered') {
        request.loseAnswer();
      } else {
        request.lose();
      }
      this.done.push({ kind: fault.kind, statements: request.statements.length });
      left--;
      return true;
    };
  }

  /** Late commands reach the server, one after the other, and it has dealt with them. */
  async deliver(round) {
    for (const { request } of this.late.filter((one) => one.round <= round)) await request.deliver();
    this.late = this.late.filter((one) => one.round > round);
  }
}

/**
 * Runs a history on a store, by way of the proxy.
 *
 * @param {object} store
 * @param {WireProxy} proxy
 * @param {object} collection of the Node driver, past the proxy
 * @param {object[]} rounds of {@link history}
 * @param {number} [times] how often one command may be hit at most: the original repeats a command once
 * @returns {Promise<{wrong: string[], failed: string[], faults: {kind: string, statements: number}[]}>} `wrong`: sessions that are
 *   not as the last acknowledged write left them; `failed`: writes that gave an error
 */
async function runHistory(store, proxy, collection, rounds, times = Infinity) {
  const expected = new Map(SIDS.map((sid) => [sid, new Expected()]));
  const failed = [];
  const faults = new Faults(proxy, times);
  const touches = typeof store.touch === 'function';
  for (const [at, { writes, fault }] of rounds.entries()) {
    faults.arm(fault, at);
    await Promise.all(writes.map(async (write) => {
      if (write.kind === 'touch' && !touches) return;
      await perform(store, write).then(() => expected.get(write.sid).apply(write), (error) => failed.push(`${write.kind} ${write.n}: ${error.message}`));
    }));
    proxy.treat = () => undefined;
    await faults.deliver(at);
  }
  await faults.deliver(Infinity);
  const stored = new Map((await collection.find().toArray()).map((document) => [document._id, shown(document)]));
  const wrong = [];
  for (const [sid, { shown: should }] of expected) {
    const is = stored.get(sid) ?? null;
    if (JSON.stringify(sorted(is)) !== JSON.stringify(sorted(should))) wrong.push(`${sid}: ${JSON.stringify(is)} is stored, ${JSON.stringify(should)} was acknowledged`);
  }
  return { wrong, failed, faults: faults.done };
}

function sorted(object) {
  return object && Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}

module.exports = { history, runHistory };
