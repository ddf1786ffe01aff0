'use strict';

/** Very many operations, and stores that are opened and closed: nothing may grow after a while. */

const path = require('path');
const { setTimeout: pause } = require('timers/promises');
const { MongoClient } = require('mongodb');
const { Child } = require('../../benchmark/child');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');

const SOAK = path.join(__dirname, '..', 'load', 'soak.js');
const CHUNK_MS = 600_000;
/** Closed connections take the server a moment: they are counted when none has gone for so long. */
const SETTLE_MS = 250;
const SETTLED_MS = 10_000;

/**
 * What is sampled, and how much more the second half of the samples after the warm-up may show than the first, in
 * the median: memory jitters, the others are counted.
 */
const MEASURES = {
  rssMB: { label: 'resident memory, MB', share: 0.1, least: 8 },
  heapMB: { label: 'JavaScript heap, MB', share: 0.1, least: 3 },
  threads: { label: 'native threads', share: 0, least: 1 },
  files: { label: 'file descriptors', share: 0, least: 3 },
  connections: { label: 'server connections', share: 0, least: 3 }
};
const WARM_UP = 1 / 5;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** @returns {{before: number, after: number, flat: boolean}} a series' two halves after the warm-up */
function growth(values, { share, least }) {
  const warm = values.slice(Math.ceil(values.length * WARM_UP));
  const [before, after] = [median(warm.slice(0, warm.length >> 1)), median(warm.slice(warm.length >> 1))];
  return { before, after, flat: after - before <= Math.max(least, share * before) };
}

function checkFlat(checks, what, samples) {
  for (const [name, measure] of Object.entries(MEASURES)) {
    const values = samples.map((sample) => sample[name]);
    if (values.some((value) => value === null)) continue;
    const { before, after, flat } = growth(values, measure);
    checks.add(`${measure.label} flat ${what}`, flat, `${before.toFixed(1)} in the first half after the warm-up, ${after.toFixed(1)} in the second`);
  }
}

async function connections(witness) {
  const count = async () => (await witness.db('admin').command({ serverStatus: 1 })).connections.current;
  let open = await count();
  for (const deadline = Date.now() + SETTLED_MS; Date.now() < deadline;) {
    await pause(SETTLE_MS);
    const left = await count();
    if (left >= open) break;
    open = left;
  }
  return open;
}

/** Calls `method` until `total` is done, and samples as often as it says. */
async function sampled(process, witness, { total, samples, method, parameters, progress }) {
  const taken = [];
  const each = Math.ceil(total / samples);
  for (let done = 0; done < total; done += each) {
    const count = Math.min(each, total - done);
    const sample = await process.call(method, { ...parameters, count, from: done }, CHUNK_MS);
    taken.push({ done: done + count, ...sample, connections: await connections(witness) });
    progress(`${method}: ${done + count} of ${total}`);
  }
  return taken;
}

/**
 * @param {{contestant: string, options: {operations: number, originalOperations: number, stores: number, samples: number},
 *   progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const server = await startMongod({ own: true });
  const witness = await MongoClient.connect(server.uri);
  const uri = `${server.uri}/torture`;
  const process = new Child(SOAK, contestant, { execArgv: ['--expose-gc'] });
  try {
    await process.call('open', { contestant, options: { uri } });
    const total = contestant === 'original' ? Math.min(options.operations, options.originalOperations) : options.operations;
    const { samples } = options;
    const soak = await sampled(process, witness, { total, samples, method: 'operations', parameters: {}, progress });
    const opened = await sampled(process, witness, { total: options.stores, samples, method: 'stores', parameters: { contestant, uri }, progress });
    checkFlat(checks, `during ${total} operations`, soak);
    checkFlat(checks, `during ${options.stores} stores opened and closed`, opened);
    const failed = opened.at(-1).failed;
    checks.add('every operation succeeds', failed === 0, `${failed} failed`);
    return { checks: checks.list, figures: { operations: total, stores: options.stores, soak, opened, failed } };
  } finally {
    await process.stop();
    await witness.close();
    await server.stop();
  }
}

module.exports = {
  MEASURES,
  title: 'Leaks',
  how: 'millions of operations, a thousand stores opened and closed; memory, threads, file descriptors and connections sampled',
  long: { operations: 3_000_000, originalOperations: 300_000, stores: 1000, samples: 40 },
  short: { operations: 100_000, originalOperations: 5000, stores: 50, samples: 8 },
  growth,
  run
};
