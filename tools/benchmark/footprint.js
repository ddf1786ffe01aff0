'use strict';

/** What a store costs before it does anything: time to the first result, memory, disk. */

const fs = require('fs');
const path = require('path');
const { binaryName, currentPlatform } = require('../platform-package');
const { writeBundles } = require('../release/bundles');
const { Child } = require('./child');
const { COLLECTION } = require('./contestants');
const { makeSessions } = require('./sessions');
const { installedSize } = require('./size');
const { median, rotated, summarize } = require('./summary');

const ROOT = path.join(__dirname, '..', '..');
const COLD = path.join(__dirname, 'cold.js');

/** @returns {Promise<string>} a directory with this package as it is published, from where the packages that it needs are found */
async function publish() {
  const directory = path.join(ROOT, 'node_modules', '.cache', `published-${process.pid}`);
  await writeBundles(directory);
  const binary = binaryName(currentPlatform());
  fs.copyFileSync(path.join(ROOT, binary), path.join(directory, binary));
  return directory;
}

async function once(name, parameters) {
  const child = new Child(COLD, name, { execArgv: ['--expose-gc'] });
  try {
    return await child.call('measure', parameters);
  } finally {
    await child.stop();
  }
}

/**
 * @param {{server: Server, contestants: Contestant[], options: {rounds: number, pool?: number}, progress: function(string): void}} context
 * @returns {Promise<Object<string, {firstResultMs: object, idleMB: object, usedMB: object, installed: object}>>} by contestant;
 *   memory is what a process has more than one without a store
 */
async function measureFootprints({ server, contestants, options, progress }) {
  const measured = contestants.filter((one) => one.packageName !== null && !one.only);
  const { sids: [sid], templates: [template], expires } = makeSessions(300, 1);
  const rounds = new Map(measured.map((one) => [one, []]));
  const bare = [];
  const published = await publish();
  const database = (one) => `bench_${process.pid}_cold_${one.id.replaceAll('-', '_')}`;
  try {
    for (const one of measured) {
      const session = one.id === 'connect-mongo' ? JSON.stringify(template) : template;
      const collection = server.client.db(database(one)).collection(COLLECTION);
      await collection.insertOne({ _id: sid, session, expires: new Date(expires) });
    }
    // The first round fills the disk cache and does not count.
    for (let round = 0; round <= options.rounds; round++) {
      progress(`time to the first result and memory, round ${round} of ${options.rounds}`);
      const { idleMB } = await once('a bare process', { id: null });
      if (round > 0) bare.push(idleMB);
      for (const one of rotated(measured, round)) {
        const parameters = { id: one.id, sid, uri: server.uri, database: database(one), pool: options.pool, published };
        const figures = await once(one.label, parameters);
        if (round > 0) rounds.get(one).push(figures);
      }
    }
  } finally {
    fs.rmSync(published, { recursive: true });
    await Promise.all(measured.map((one) => server.drop(database(one))));
  }
  const without = median(bare);
  return Object.fromEntries(measured.map((one) => {
    const over = rounds.get(one).map(({ firstResultMs, idleMB, usedMB }) => {
      return { firstResultMs, idleMB: idleMB - without, usedMB: usedMB - without };
    });
    return [one.id, { ...summarize(over), installed: installedSize(one) }];
  }));
}

module.exports = { measureFootprints };
