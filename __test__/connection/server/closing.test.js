'use strict';

const assert = require('node:assert/strict');
const { useConnections, useServer } = require('../../support/connections');
const { NameServer, cannotResolveAlone, runWithNameServer } = require('../../support/dns');
const { eventually } = require('../../support/stores');

describe('closing a client', () => {
  const server = useServer();
  const connections = useConnections();

  it('of mongodb+srv does not wait for the next look at DNS', async function srv() {
    const names = new NameServer();
    const reason = cannotResolveAlone() || await names.open().then(() => null, (error) => error.message);
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    try {
      names.table = {
        'cluster.shop.example': {},
        '_mongodb._tcp.cluster.shop.example': { SRV: [{ name: 'db.shop.example', port: server.port }] },
        'db.shop.example': { A: ['127.0.0.1'] }
      };
      const took = JSON.parse(await runWithNameServer(names.address, `
        const { MongoClient } = require('./lib/entries/driver');
        const client = new MongoClient('mongodb+srv://cluster.shop.example/?tls=false');
        client.connect().then(async () => {
          const started = Date.now();
          await client.close();
          console.log(Date.now() - started);
        });
      `));
      assert.ok(took < 20_000, `${took} ms`);
    } finally {
      names.close();
    }
  });

  it('leaves no connection behind', async () => {
    const node = await connections.node(server.uri);
    const connected = async () => {
      const operations = await node.db('admin').aggregate([
        { $currentOp: { allUsers: true, idleConnections: true } }, { $match: { appName: 'leaving' } }
      ]).toArray();
      return operations.length;
    };
    const store = await connections.works(server.uri, { appName: 'leaving' });
    assert.ok(await connected() > 0);
    await store.client.close();
    // The server takes a moment to notice.
    await eventually(async () => await connected() === 0);
  });

  it('of a socket that is not there ends, though checks of it fail at once', async () => {
    const started = Date.now();
    await connections.refused('mongodb://%2Fnowhere%2Fmissing.sock/', { serverSelectionTimeoutMS: 200 });
    await connections.closeAll();
    assert.ok(Date.now() - started < 15_000);
    await connections.works(server.uri);
  });
});
