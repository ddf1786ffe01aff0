'use strict';

/**
 * What is measured together. `stores` are cross products of their axes: `operations`, `sizes` in
 * bytes, `concurrency` (closed loop), `rates` per second (open loop), `delays` in ms.
 */

const KB = 1024;

/** About ten minutes: the measurements that say most. */
function quick() {
  return {
    stores: [
      { operations: ['get', 'set', 'mix80'], sizes: [300], concurrency: [1, 16, 64], rates: [], delays: [0] },
      { operations: ['touch'], sizes: [300], concurrency: [64], rates: [], delays: [0] },
      { operations: ['mix80'], sizes: [300], concurrency: [], rates: [1000], delays: [0] },
      { operations: ['get', 'set', 'mix80'], sizes: [4 * KB], concurrency: [64], rates: [], delays: [0] },
      { operations: ['get', 'set', 'change'], sizes: [64 * KB], concurrency: [16, 64], rates: [], delays: [0] }
    ],
    apps: [{ framework: 'express5', sizes: [300] }],
    footprint: true,
    wireLimit: true
  };
}

/** Everything; hours. */
function full() {
  const operations = ['get', 'set', 'change', 'touch', 'mix80', 'mix50'];
  const sizes = [300, 4 * KB, 64 * KB];
  return {
    stores: [
      { operations, sizes, concurrency: [1, 16, 64, 256], rates: [1000, 4000], delays: [0] },
      { operations, sizes, concurrency: [1, 4, 16, 64, 256], rates: [], delays: [1, 5] }
    ],
    apps: ['express4', 'express5'].map((framework) => ({ framework, sizes: [300, 4 * KB] })),
    footprint: true,
    wireLimit: true
  };
}

/** connect-mongo and this package's door with its API, with encrypted sessions and without: about three minutes. */
function doors() {
  return {
    stores: [{ operations: ['get', 'set', 'mix80'], sizes: [300, 4 * KB], concurrency: [16, 64], rates: [], delays: [0] }],
    apps: [],
    footprint: false,
    wireLimit: false
  };
}

/** Those that `doors` is about. */
const DOORS = ['connect-mongo', 'door', 'connect-mongo-crypto', 'door-crypto'];

/**
 * Sorts a suite's store measurements by setting: for each, the stores are opened and filled once.
 *
 * @param {object[]} stores
 * @returns {{size: number, delayMs: number, scenarios: object[]}[]}
 */
function settings(stores) {
  const found = new Map();
  for (const { operations, sizes, concurrency, rates, delays } of stores) {
    for (const delayMs of delays) {
      for (const size of sizes) {
        const key = `${delayMs} ${size}`;
        if (!found.has(key)) found.set(key, { size, delayMs, scenarios: [] });
        for (const operation of operations) {
          found.get(key).scenarios.push(
            ...concurrency.map((count) => ({ operation, concurrency: count })),
            ...rates.map((rate) => ({ operation, rate }))
          );
        }
      }
    }
  }
  return [...found.values()];
}

module.exports = { DOORS, doors, full, quick, settings };
