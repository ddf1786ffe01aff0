'use strict';

/** Measures the store API: all contestants side by side, in one setting after another. */

const path = require('path');
const { Child } = require('./child');
const { COLLECTION, does } = require('./contestants');
const { makeSessions } = require('./sessions');
const { rotated, summarize } = require('./summary');
const { WireLimit } = require('./wire');

const WORKER = path.join(__dirname, 'worker.js');
const SAMPLE = 50;

/**
 * @typedef {object} Setting
 * @property {number} size bytes of a session, about
 * @property {number} sids how many
 * @property {number} delayMs
 */

/**
 * Measures one setting.
 *
 * @param {object} context
 * @param {Server} context.server
 * @param {Contestant[]} context.contestants
 * @param {{rounds: number, warmupMs: number, measureMs: number, pool?: number}} context.options
 * @param {function(string): void} context.progress
 * @param {string} [context.wire] the program that plays wire messages, where the limit is measured too
 * @param {Setting} setting
 * @param {{operation: string, concurrency?: number, rate?: number}[]} scenarios
 * @returns {Promise<object[]>} one result per scenario
 */
async function measureStores(context, setting, scenarios) {
  const { server, contestants, options, progress } = context;
  const made = makeSessions(setting.size, setting.sids);
  const route = await server.delayed(setting.delayMs);
  const asked = contestants.filter((one) => !one.only || scenarios.some(({ operation }) => does(one, operation)));
  const racers = asked.map((one) => ({
    one,
    database: `bench_${process.pid}_${one.id.replaceAll('-', '_')}`,
    child: new Child(WORKER, one.label)
  }));
  const limit = setting.delayMs === 0 ? await openLimit(context, made) : null;
  try {
    for (const { one, child, database } of racers) {
      progress(`${describeSetting(setting)}: filling ${one.label}`);
      await child.call('open', { id: one.id, uri: route.uri, database, pool: options.pool });
      await child.call('fill', { sids: made.sids, templates: made.templates, expires: made.expires });
    }
    const results = [];
    for (const [number, scenario] of scenarios.entries()) {
      progress(`${describeSetting(setting)}: ${describeScenario(scenario)}`);
      const measured = await measureScenario({ ...context, racers, setting, limit }, scenario, number);
      results.push({
        ...scenario,
        size: setting.size,
        bytes: made.bytes,
        sids: setting.sids,
        delayMs: setting.delayMs,
        topology: server.description,
        ...measured
      });
    }
    return results;
  } finally {
    await Promise.all(racers.map(({ child }) => child.stop()));
    await Promise.all(racers.map(({ database }) => server.drop(database)));
    limit?.stop();
    if (limit) await server.drop(limit.place.database);
    await route.stop();
  }
}

/** What measures the limit, with the sessions stored; null where it is not asked for. */
async function openLimit({ server, wire, progress }, made) {
  if (!wire) return null;
  progress('filling the collection of the wire limit');
  const place = { database: `bench_${process.pid}_wire`, collection: COLLECTION };
  const limit = new WireLimit(wire, server.address, place, made);
  await limit.fill(server.client);
  return limit;
}

/**
 * All rounds of one scenario.
 *
 * @returns {Promise<{contestants: object, limits: object|undefined}>} by contestant; the limits by how
 *   many operations are in a message
 */
async function measureScenario(context, scenario, number) {
  const { racers, options, limit } = context;
  const able = racers.filter(({ one }) => does(one, scenario.operation));
  const rounds = new Map(able.map((racer) => [racer, []]));
  const limits = { unbatched: [], batched: [] };
  for (let round = 0; round < options.rounds; round++) {
    for (const racer of rotated(able, round)) {
      const seed = 1 + number * 1000 + round;
      rounds.get(racer).push(await measureOnce(context, racer, scenario, seed));
    }
    if (limit && scenario.concurrency && scenario.operation !== 'change') await measureLimits(context, limits, scenario, number * 1000 + round);
  }
  const shown = racers.filter((racer) => rounds.has(racer) || !racer.one.only);
  const contestants = Object.fromEntries(shown.map((racer) => {
    const each = rounds.get(racer);
    if (!each) return [racer.one.id, { absent: 'this store has no touch' }];
    const { operations, dropped } = each.reduce((sum, one) => ({
      operations: sum.operations + one.operations,
      dropped: sum.dropped + one.dropped
    }));
    return [racer.one.id, { operations, dropped, verified: each.length, figures: summarize(each.map(({ figures }) => figures)) }];
  }));
  const measured = Object.entries(limits).filter(([, each]) => each.length > 0);
  if (measured.length === 0) return { contestants };
  return { contestants, limits: Object.fromEntries(measured.map(([name, each]) => [name, summarize(each)])) };
}

/** One round of the limits: as stores without batching send, and as those with it. */
async function measureLimits({ server, limit, options }, limits, { operation, concurrency }, seed) {
  for (const [name, each] of Object.entries(limits)) {
    const batched = name === 'batched';
    // One at a time leaves nothing to batch.
    if (batched && concurrency < 4) continue;
    const before = await server.cpuMs();
    const { operations, opsPerSecond } = await limit.measure({ operation, concurrency, batched, seed }, options);
    each.push({ opsPerSecond, serverUsPerOp: (((await server.cpuMs()) - before) * 1000) / operations });
  }
}

async function measureOnce({ server, options, setting }, { one, child, database }, scenario, seed) {
  const { warmupMs, measureMs } = options;
  const before = await server.cpuMs();
  const { operations, dropped, figures } = await child.call('run', { ...scenario, warmupMs, measureMs, seed });
  const spent = (await server.cpuMs()) - before;
  const expected = await child.call('sample', { count: Math.min(SAMPLE, setting.sids), seed });
  // The load generator alone stores nothing; what is encrypted was read whole by its store.
  if (one.packageName !== null) await server.verify(database, setting.sids, one.encrypts ? [] : expected);
  return { operations, dropped, figures: { ...figures, serverUsPerOp: (spent * 1000) / operations } };
}

function describeSize(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KB`;
}

function describeSetting({ size, sids, delayMs }) {
  const delay = delayMs > 0 ? `, ${delayMs} ms of network delay` : '';
  return `${describeSize(size)}, ${sids.toLocaleString('en')} sessions${delay}`;
}

const OPERATIONS = { get: 'get', set: 'set', change: 'set of a session that was read, one key and the cookie changed', touch: 'touch', mix80: '80 % get, 20 % set', mix50: '50 % get, 50 % set' };

function describeScenario({ operation, concurrency, rate }) {
  return `${OPERATIONS[operation]}, ${rate ? `${rate.toLocaleString('en')} arriving per second` : `${concurrency} at a time`}`;
}

module.exports = { describeScenario, describeSetting, describeSize, measureStores };
