'use strict';

const assert = require('node:assert/strict');
const { useConnections, useServer } = require('../../support/connections');
const { eventually } = require('../../support/stores');

describe('serverMonitoringMode', () => {
  const server = useServer();
  const connections = useConnections();

  /** The checks that the server is to answer when something changes, which is what streaming them means. */
  const awaited = async (node, appName) => {
    const operations = await node.db('admin').aggregate([{ $currentOp: { allUsers: true } }, { $match: { appName } }]).toArray();
    return operations.filter(({ command }) => command?.maxAwaitTimeMS !== undefined);
  };

  for (const [mode, options] of [['stream', { serverMonitoringMode: 'stream' }], ['auto', { serverMonitoringMode: 'auto' }], ['auto, by default', {}]]) {
    it(`${mode} waits for news of the server`, async () => {
      const node = await connections.node(server.uri);
      const appName = `mode-${mode}`;
      await connections.works(server.uri, { ...options, appName });
      const [{ command }] = await eventually(async () => {
        const found = await awaited(node, appName);
        return found.length > 0 && found;
      });
      assert.equal(Number(command.maxAwaitTimeMS), 10_000, 'heartbeatFrequencyMS');
    });
  }

  it('poll asks again and again instead', async () => {
    const node = await connections.node(server.uri);
    const checks = async () => Number((await node.db('admin').command({ serverStatus: 1 })).metrics.commands.hello.total);
    await connections.works(`${server.uri}/?serverMonitoringMode=poll&appName=mode-poll&heartbeatFrequencyMS=500`);
    const before = await checks();
    await eventually(async () => {
      assert.deepEqual(await awaited(node, 'mode-poll'), []);
      return await checks() >= before + 3;
    });
  });
});

describe('dbName', () => {
  const server = useServer();
  const connections = useConnections();

  it('is the database of the client, and wins over the URI\'s', async () => {
    for (const uri of [`${server.uri}/`, `${server.uri}/other`]) {
      const store = await connections.store(uri, { dbName: 'shop' });
      assert.equal(store.client.db().databaseName, 'shop');
    }
  });
});
