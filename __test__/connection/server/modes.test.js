'use strict';

const assert = require('node:assert/strict');
const { FAIL_POINTS } = require('../../support/fail-point');
const { failure, setSession, useConnections, useServer } = require('../../support/connections');

const shape = ({ name, code, codeName }) => ({ name, code, codeName });

describe('a server that is particular about', () => {
  const connections = useConnections();

  describe('the API', () => {
    const server = useServer({ args: [...FAIL_POINTS, '--setParameter', 'requireApiVersion=true'] });

    for (const serverApi of ['1', { version: '1' }, { version: '1', strict: false, deprecationErrors: true }]) {
      it(`is content with serverApi ${JSON.stringify(serverApi)}`, () => connections.works(server.uri, { serverApi }));
    }

    it('refuses who does not declare one, as it refuses the Node driver', async () => {
      const args = [server.uri, { serverSelectionTimeoutMS: 1500 }];
      const theirs = await failure(connections.node(...args).then((client) => client.db('admin').command({ ping: 1 })));
      const ours = await connections.refused(...args);
      assert.equal(theirs.name, 'MongoServerSelectionError');
      assert.equal(theirs.code, 498870);
      const both = [ours, theirs].map(({ name, message, code, cause }) => ({
        name, message, code, cause: { name: cause.name, code: cause.code, labels: cause.errorLabels.sort() }
      }));
      assert.deepEqual(both[0], both[1]);
    });

    it('refuses commands outside of it with strict, as to the Node driver', async () => {
      const options = { serverApi: { version: '1', strict: true } };
      const [store, node] = await Promise.all([connections.store(server.uri, options), connections.node(server.uri, options)]);
      const [ours, theirs] = await Promise.all([store.client, node].map((client) => {
        return failure(client.db('admin').command({ serverStatus: 1 }));
      }));
      assert.equal(theirs.codeName, 'APIStrictError');
      assert.deepEqual(shape(ours), shape(theirs));
    });
  });

  describe('the journal', () => {
    const server = useServer({ args: ['--nojournal'] });

    for (const options of [{ journal: true }, { writeConcern: { journal: true } }, { j: true }]) {
      it(`refuses ${JSON.stringify(options)} where it has none, as to the Node driver`, async () => {
        const client = await connections.node(server.uri, options);
        const theirs = await failure(client.db('test').collection('sessions').updateOne({ _id: 'j' }, { $set: { a: 1 } }, { upsert: true }));
        const ours = await failure(connections.store(server.uri, options).then((store) => setSession(store, 'j')));
        assert.equal(theirs.code, 2);
        assert.deepEqual(shape(ours.cause), shape(theirs));
      });
    }

    it('is content with journal: false', () => connections.works(server.uri, { journal: false }));
  });

  describe('load balancers', () => {
    const server = useServer();

    it('is not one, and who asks for loadBalanced hears it as from the Node driver', async () => {
      const args = [`${server.uri}/?loadBalanced=true`, { serverSelectionTimeoutMS: 1500 }];
      const theirs = await failure(connections.node(...args).then((client) => client.db('admin').command({ ping: 1 })));
      const ours = await connections.refused(...args);
      assert.equal(ours.name, theirs.name);
      assert.match(ours.message, /load balanc/i);
      assert.match(theirs.message, /load balanc/i);
    });
  });
});
