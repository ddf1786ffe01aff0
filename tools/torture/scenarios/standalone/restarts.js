'use strict';

const { setTimeout: pause } = require('timers/promises');
const { MongoClient } = require('mongodb');
const { startMongod } = require('../../../mongod');
const { Journal } = require('../../journal');
const { StoreProcess } = require('../../load/process');
const { until } = require('../../until');

const LANES = 8;
const RECOVERY_MS = 45_000;
const SERVED_MS = 500;
const AWAY_MS = 300;

/** Killed with SIGKILL and started again under load, with `journal: true`. */
async function run({ contestant, options, checks, progress }) {
  const server = await startMongod({ own: true });
  const journal = new Journal();
  try {
    return await StoreProcess.with(contestant, journal, async (store) => {
      await store.open({ uri: `${server.uri}/torture`, connectionOptions: { journal: true } });
      await store.call('start', { lanes: LANES });
      const times = [];
      let recovered = await until(() => journal.flowsAgain(0, LANES), RECOVERY_MS);
      for (let round = 1; round <= options.rounds && recovered; round++) {
        await pause(SERVED_MS);
        await server.kill('SIGKILL');
        await pause(AWAY_MS);
        await server.restart();
        const back = Date.now();
        recovered = await until(() => journal.flowsAgain(back, LANES), RECOVERY_MS);
        times.push(Date.now() - back);
        progress(`restart ${round}: everybody served again after ${times.at(-1)} ms`);
      }
      const calls = await store.call('stop', { withinMs: RECOVERY_MS });
      const witness = await MongoClient.connect(server.uri);
      const compared = await journal.compare(witness.db('torture').collection('sessions'));
      await witness.close();
      checks.add('no write acknowledged with journal: true is lost when the server is killed',
        compared.acknowledged > 0 && compared.lost.length === 0,
        `${compared.acknowledged} acknowledged, ${compared.lost.length} sessions fell back ${compared.lost.slice(0, 3).join('; ')}`);
      checks.add('every operation ends, once, and everybody is served again', recovered && calls.open === 0 && calls.repeated === 0,
        `${calls.open} of ${calls.issued} did not end, ${calls.repeated} called back again; served ${times.at(-1)} ms after the last start`);
      checks.add('operations while the server restarts succeed', calls.failed === 0, `${calls.failed} of ${calls.issued} failed`);
      return { restarts: times.length, acknowledged: compared.acknowledged, lost: compared.lost.length, failed: calls.failed,
        recoveryWorstMs: Math.max(...times), reasons: calls.reasons };
    });
  } finally {
    await server.stop();
  }
}

module.exports = { title: 'killed and restarted under load', run };
