'use strict';

const assert = require('node:assert/strict');
const dns = require('node:dns/promises');
const { useConnections, useServer } = require('../../support/connections');
const { runWithNameServer, useNameServer } = require('../../support/dns');
const { Relay } = require('../../support/relay');

/** Nobody who answers is waited for that long, nor is an operation. */
const LIMIT = { serverSelectionTimeoutMS: 20_000 };
const DEAD = '127.0.0.9';

describe('a server of which not every address answers', () => {
  const server = useServer();
  const connections = useConnections();
  const relays = [];
  const listen = async (host) => {
    const relay = new Relay({ host: '127.0.0.1', port: server.port }, { host, port: 0, ipv6Only: host.includes(':') });
    relays.push(relay);
    return relay.open();
  };
  afterEach(() => Promise.all(relays.splice(0).map((relay) => relay.cut())));

  const both = async (uri) => {
    await connections.node(uri, LIMIT);
    await connections.works(uri, LIMIT);
  };

  for (const [host, other] of [['127.0.0.1', '::1'], ['::1', '127.0.0.1']]) {
    it(`is found by localhost when it listens on ${host} and not on ${other}`, async function families() {
      const addresses = await dns.lookup('localhost', { all: true });
      const has = addresses.some(({ address }) => address === host);
      const relay = has && await listen(host).catch(() => null);
      if (!relay) {
        console.log(`      skipped: localhost is not ${host} here`);
        this.skip();
      }
      await both(`mongodb://localhost:${relay.port}/`);
    });
  }

  describe('by a name of the tests\' own', () => {
    const names = useNameServer();
    const script = (uri) => `
      const clients = [require('mongodb').MongoClient, require('./lib/entries/driver').MongoClient];
      (async () => {
        for (const MongoClient of clients) {
          const client = new MongoClient(${JSON.stringify(uri)}, ${JSON.stringify(LIMIT)});
          console.log((await client.db('admin').command({ ping: 1 })).ok);
          await client.close();
        }
      })();
    `;
    const found = async (uri) => assert.equal(await runWithNameServer(names.address, script(uri)), '1\n1\n');

    const records = {
      'the first of two addresses': { A: [DEAD, '127.0.0.1'] },
      'the second of two addresses': { A: ['127.0.0.1', DEAD] },
      'the IPv6 address': { AAAA: ['::1'], A: ['127.0.0.1'] },
      'all but one of many': { A: [DEAD, '127.0.0.8', '127.0.0.1', '127.0.0.7'] }
    };
    for (const [what, record] of Object.entries(records)) {
      it(`is found when nobody answers at ${what}`, async () => {
        names.table = { 'db.shop.example': record };
        await found(`mongodb://db.shop.example:${server.port}/`);
      });
    }

    it('is found when nobody answers at the IPv4 address', async function ipv6() {
      const relay = await listen('::1').catch(() => null);
      if (!relay) {
        console.log('      skipped: no IPv6 here');
        this.skip();
      }
      names.table = { 'db.shop.example': { AAAA: ['::1'], A: ['127.0.0.1'] } };
      await found(`mongodb://db.shop.example:${relay.port}/`);
    });
  });

  describe('in a list', () => {
    const set = useServer({ replicaSet: 'sessions', members: 1 });

    for (const [where, list] of [['first', (port) => `127.0.0.1:1,127.0.0.1:${port}`], ['last', (port) => `127.0.0.1:${port},127.0.0.1:1`]]) {
      it(`is found when nobody answers at the ${where} host`, async () => {
        await both(`mongodb://${list(set.ports[0])}/?replicaSet=sessions`);
        await both(`mongodb://${list(set.ports[0])}/`);
      });
    }

    it('is found when the first host has no address', async () => {
      await both(`mongodb://no-such-host.invalid:27017,127.0.0.1:${set.ports[0]}/?replicaSet=sessions`);
    });
  });
});
