'use strict';

const { MongoClient } = require('mongodb');
const { startMongod } = require('../../../mongod');
const { sessionOf } = require('../../load/lanes');
const { StoreProcess } = require('../../load/process');

const SELECTION_MS = 10_000;

/** A user who may only read. */
async function run({ contestant, checks }) {
  const server = await startMongod({ own: true, args: ['--auth'] });
  try {
    // The first user is made from this machine without a password.
    const first = await MongoClient.connect(server.uri);
    await first.db('admin').command({ createUser: 'root', pwd: 'root', roles: ['root'] });
    await first.close();
    const root = await MongoClient.connect(server.uri, { auth: { username: 'root', password: 'root' } });
    await root.db('torture').command({ createUser: 'reader', pwd: 'reader', roles: ['read'] });
    await root.db('torture').collection('sessions').insertOne({ _id: 'there', session: { n: 1 }, expires: new Date(Date.now() + 60_000) });
    await root.close();
    return await StoreProcess.with(contestant, undefined, async (store) => {
      const uri = `${server.uri.replace('//', '//reader:reader@')}/torture`;
      const opened = await store.open({ uri, connectionOptions: { serverSelectionTimeoutMS: SELECTION_MS } });
      const set = await store.call('call', { method: 'set', args: ['a', sessionOf(1, 10)] });
      const destroy = await store.call('call', { method: 'destroy', args: ['there'] });
      const get = await store.call('call', { method: 'get', args: ['there'] });
      const refused = [opened, set, destroy].every(({ error }) => /not authorized/.test(error));
      checks.add('who may not write is told so through the callback, at once', refused && Math.max(set.tookMs, destroy.tookMs) < SELECTION_MS,
        `"${set.error}" after ${set.tookMs} ms`);
      checks.add('who may only read, reads', get.value?.n === 1, get.error ?? 'reads');
      return {};
    });
  } finally {
    await server.stop();
  }
}

module.exports = { title: 'a user who may only read', run };
