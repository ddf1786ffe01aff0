'use strict';

const { MongoClient } = require('mongodb');
const { startMongod } = require('../../../mongod');
const { sessionOf } = require('../../load/lanes');
const { StoreProcess } = require('../../load/process');
const { until } = require('../../until');

const SELECTION_MS = 500;
const SERVED_MS = 30_000;
/** How much longer than `serverSelectionTimeoutMS` an error may take on a busy machine: by default it comes after 30 s. */
const GRACE_MS = 10_000;

/** The first start finds no server; it comes up later. */
async function run({ contestant, checks }) {
  const server = await startMongod({ own: true });
  try {
    await server.kill('SIGKILL');
    return await StoreProcess.with(contestant, undefined, async (store) => {
      const opened = await store.open({ uri: `${server.uri}/torture?serverSelectionTimeoutMS=${SELECTION_MS}` });
      await server.restart();
      const served = await until(async () => {
        const { error } = await store.call('call', { method: 'set', args: ['late', sessionOf(1, 10)] });
        return !error;
      }, SERVED_MS);
      const witness = await MongoClient.connect(server.uri);
      const index = await until(async () => {
        const indexes = await witness.db('torture').collection('sessions').indexes();
        return indexes.find(({ key, expireAfterSeconds }) => key.expires === 1 && expireAfterSeconds === 0);
      }, SERVED_MS);
      await witness.close();
      checks.add('a first start without a server is an error, in time', opened.error && opened.tookMs < SELECTION_MS + GRACE_MS,
        `"${opened.error}" after ${opened.tookMs} ms`);
      checks.add('sessions are served once the server is there', served, served ? 'they are' : 'they are not');
      checks.add('the expiry index is made once the server is there', index, index ? 'it is' : 'it is not: sessions never expire');
      return { lateIndex: Boolean(index) };
    });
  } finally {
    await server.stop();
  }
}

module.exports = { title: 'first start before the server is there', run };
