'use strict';

const assert = require('node:assert/strict');
const { failure, getSession, setSession, useConnections, useServer } = require('../../support/connections');
const { LoadBalancer } = require('../../support/load-balancer');

/** How long a refusal takes. */
const SHORT = { serverSelectionTimeoutMS: 1500 };

describe('loadBalanced', () => {
  const server = useServer();
  const connections = useConnections();
  let balancer;
  beforeEach(async () => (balancer = await new LoadBalancer(server.port).open()));
  afterEach(() => balancer.close());

  const uri = () => `mongodb://127.0.0.1:${balancer.port}/?loadBalanced=true`;
  const all = (store) => new Promise((resolve, reject) => store.all((error, documents) => (error ? reject(error) : resolve(documents))));

  it('is refused by a server that stands behind no load balancer, as in the Node driver', async () => {
    const args = [`${server.uri}/?loadBalanced=true`, SHORT];
    const theirs = await failure(connections.node(...args).then((client) => client.db('admin').command({ ping: 1 })));
    const ours = await connections.refused(...args);
    assert.equal(theirs.message, 'Driver attempted to initialize in load balancing mode, but the server does not support this mode.');
    assert.equal(ours.name, theirs.name);
    assert.match(ours.message, /load.balanc/i);
  });

  it('connects where the server answers as one behind a load balancer, as the Node driver does', async () => {
    const node = await connections.node(uri());
    assert.equal((await node.db('admin').command({ ping: 1 })).ok, 1);
    await connections.works(uri());
  });

  it('does not watch the server: no connection is there for checks only', async () => {
    await connections.works(uri());
    assert.ok(balancer.commands.length > 0);
    for (const names of balancer.commands) assert.ok(names.some((name) => !/^(hello|ismaster)$/i.test(name)), names.join());
  });

  it('reads what takes several batches from one connection, as it must', async () => {
    const store = await connections.works(uri());
    await Promise.all(Array.from({ length: 250 }, (_, index) => setSession(store, `session-${index}`)));
    assert.equal((await getSession(store, 'session-17')).user, 'someone');
    assert.ok((await all(store)).length >= 250);
    const found = await store.collection.find({}, { batchSize: 20 }).toArray();
    assert.ok(found.length >= 250);
    const batches = balancer.commands.map((names) => names.filter((name) => name === 'getMore').length);
    // Behind a load balancer a cursor exists on the server of its connection only.
    for (const [index, count] of batches.entries()) {
      if (count > 0) assert.ok(balancer.commands[index].includes('find'), balancer.commands[index].join());
    }
    assert.ok(batches.reduce((sum, count) => sum + count) >= 12, batches.join());
  });

  it('goes with several cursors and writes at once', async () => {
    const store = await connections.works(uri(), { maxPoolSize: 5 });
    await Promise.all(Array.from({ length: 120 }, (_, index) => setSession(store, `many-${index}`)));
    const counts = await Promise.all(Array.from({ length: 4 }, async () => {
      await setSession(store, 'meanwhile');
      return (await store.collection.find({ _id: /^many-/ }, { batchSize: 10 }).toArray()).length;
    }));
    assert.deepEqual(counts, [120, 120, 120, 120]);
  });
});
