'use strict';

/** One contestant's process: opens the store, does the work it is asked for, checks every answer. */

const session = require('express-session');
const { serve } = require('./child');
const { contestant } = require('./contestants');
const { closedLoop, openLoop } = require('./load');
const { Meter } = require('./measure');
const { random } = require('./random');
const { asText, Population } = require('./sessions');

const FILL_CONCURRENCY = 64;
/** The share of `get` in each operation of the command line; the rest is `set`. */
const GET_SHARE = { get: 1, set: 0, mix80: 0.8, mix50: 0.5 };

/** `change` works on so many: held by the process as they were read, all of them would take gigabytes. */
const MAX_HELD = 500;

let opened;
let population;
/** For `change`: the sessions as they were read. */
let held;

/** One `get`; an answer that is not what was stored last is an error. */
function get(index, done) {
  opened.store.get(population.sids[index], (error, answer) => {
    if (error) return done(error);
    if (population.isRight(index, answer)) return done();
    const { visitor, requests } = answer ?? {};
    done(new Error(
      `get gave the wrong session: expected visitor ${index} after ${population.writes[index]} writes, ` +
        `got ${answer ? `visitor ${visitor} after ${requests}` : answer}`
    ));
  });
}

function set(index, done) {
  population.writes[index]++;
  // express-session moves the expiry with every request.
  population.renewals[index]++;
  opened.store.set(population.sids[index], population.session(index), done);
}

function touch(index, done) {
  population.renewals[index]++;
  opened.store.touch(population.sids[index], population.session(index), done);
}

/** Saves the session that was read last, as a request does that changed one key; its cookie was renewed. */
function change(index, done) {
  population.writes[index]++;
  population.renewals[index]++;
  const { requests, cookie } = population.session(index);
  opened.store.set(population.sids[index], Object.assign(held[index], { requests, cookie }), done);
}

/** How many sessions an operation works on. */
function sessionsOf(operation) {
  const { length } = population.sids;
  return operation === 'change' ? Math.min(length, MAX_HELD) : length;
}

/** Reads the sessions that `change` saves. */
function hold() {
  held = [];
  return forEach((index, done) => opened.store.get(population.sids[index], (error, answer) => {
    held[index] = answer;
    done(error);
  }), sessionsOf('change'));
}

/** Gives `issue(done)` for a load: an operation on a random session that nothing is under way on. */
function operations(operation, draw) {
  const { busy } = population;
  const share = GET_SHARE[operation];
  const count = sessionsOf(operation);
  return (done) => {
    let index = Math.floor(draw() * count);
    while (busy[index] === 1) index = (index + 1) % count;
    busy[index] = 1;
    const perform = OTHERS[operation] ?? (draw() < share ? get : set);
    perform(index, (error) => {
      busy[index] = 0;
      done(error);
    });
  };
}

const OTHERS = { touch, change };

/** Does `perform` once for each session. */
function forEach(perform, length = population.sids.length) {
  return new Promise((resolve, reject) => {
    let started = 0;
    let done = 0;
    const next = () => {
      if (started === length) return;
      perform(started++, (error) => {
        if (error) reject(error);
        else if (++done === length) resolve();
        else next();
      });
    };
    for (let caller = 0; caller < Math.min(FILL_CONCURRENCY, length); caller++) next();
  });
}

function whole(index) {
  return new Promise((resolve, reject) => {
    const { sid, text } = population.expected(index);
    opened.store.get(sid, (error, answer) => {
      if (error) return reject(error);
      const got = answer ? asText(answer) : String(answer);
      if (got === text) resolve();
      else reject(new Error(`get gave a changed session: expected ${text.slice(0, 300)}, got ${got.slice(0, 300)}`));
    });
  });
}

serve({
  /** @param {{id: string, uri: string, database: string, pool?: number}} options */
  async open({ id, ...options }) {
    opened = contestant(id).open(session, options);
    await opened.ready;
  },

  /** Stores every session once and reads it back, which also warms the code up. */
  async fill(made) {
    population = new Population(made);
    await forEach(set);
    await forEach(get);
  },

  /**
   * @param {{operation: string, concurrency?: number, rate?: number, warmupMs: number, measureMs: number, seed: number}} scenario
   * @returns {Promise<object>} figures, and how many operations there were in all
   */
  async run({ operation, seed, ...plan }) {
    const draw = random(seed);
    const issue = operations(operation, draw);
    const meter = new Meter();
    const limit = sessionsOf(operation) >> 1;
    if (plan.concurrency > limit) throw new Error(`${operation} takes at most ${limit} at a time; got ${plan.concurrency}`);
    if (operation === 'change') await hold();
    const { operations: total, dropped = 0 } = plan.rate
      ? await openLoop(issue, { ...plan, limit }, meter, draw)
      : await closedLoop(issue, plan, meter);
    held = undefined;
    return { operations: total, dropped, figures: meter.figures() };
  },

  /** Reads some sessions whole through the store; @returns what the server must hold for them */
  async sample({ count, seed }) {
    const draw = random(seed);
    const { length } = population.sids;
    const indexes = [...new Set(Array.from({ length: count }, () => Math.floor(draw() * length)))];
    for (const index of indexes) await whole(index);
    return indexes.map((index) => population.expected(index));
  },

  close: () => opened.close()
});
