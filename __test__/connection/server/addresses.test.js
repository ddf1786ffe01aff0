'use strict';

const assert = require('node:assert/strict');
const dns = require('node:dns/promises');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { useConnections, useServer } = require('../../support/connections');
const { Relay } = require('../../support/relay');
const { SocksProxy } = require('../../support/socks');

const MongoDBStore = require('../../..')(require('express-session'));

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };

describe('an address', () => {
  const connections = useConnections();
  const refusedAlike = async (uri, options) => {
    const [ours, theirs] = await Promise.all([connections.refused(uri, options), connections.nodeRefused(uri, options)]);
    assert.equal(ours.name, theirs.name);
    return { ours, theirs };
  };

  describe('of IPv6', () => {
    const server = useServer();
    let relay;

    before('listen on ::1', async function listen() {
      relay = new Relay({ host: '127.0.0.1', port: server.port }, { host: '::1', port: 0, ipv6Only: true });
      try {
        await relay.open();
      } catch (error) {
        relay = null;
        console.log(`      skipped: no IPv6 here: ${error.code}`);
        this.skip();
      }
    });
    after(() => relay?.cut());

    it('connects', () => connections.works(`mongodb://[::1]:${relay.port}/`));

    it('connects by a name that has both, when only it answers', async function both() {
      const found = await dns.lookup('localhost', { all: true });
      if (!found.some(({ family }) => family === 6)) {
        console.log('      skipped: localhost has no IPv6 address here');
        this.skip();
      }
      await connections.works(`mongodb://localhost:${relay.port}/`);
    });

    it('is named when nobody answers, as by the Node driver', async () => {
      await relay.cut();
      const { ours, theirs } = await refusedAlike(`mongodb://[::1]:${relay.port}/`, SHORT);
      assert.equal(ours.message, theirs.message);
    });
  });

  describe('of a unix socket', () => {
    let directory;
    before(function make() {
      if (process.platform === 'win32') this.skip();
      directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sockets-'));
    });
    after(() => directory && fs.rmSync(directory, { recursive: true, force: true }));
    const server = useServer(() => ({ args: ['--unixSocketPrefix', directory] }));
    const uri = (name, rest = '') => `mongodb://${encodeURIComponent(path.join(directory, name))}${rest}`;

    it('connects', () => connections.works(uri(`mongodb-${server.port}.sock`)));

    it('connects with a database and options', async () => {
      const store = await connections.works(uri(`mongodb-${server.port}.sock`, '/shop?appName=sock'));
      assert.equal(store.db.databaseName, 'shop');
    });

    it('is named when it is not there, as by the Node driver', async () => {
      const { ours, theirs } = await refusedAlike(uri('missing.sock'), SHORT);
      assert.equal(ours.message, theirs.message);
    });
  });

  describe('that is a name', () => {
    it('that nobody has is an error as of the Node driver', async () => {
      const { ours } = await refusedAlike('mongodb://no-such-host.invalid:27017', SHORT);
      assert.match(ours.message, /^getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-host\.invalid$/);
    });
  });

  describe('behind a SOCKS5 proxy', () => {
    const server = useServer();
    const account = { username: 'traveller', password: 'marked-secret-9' };
    const proxies = [];
    const open = async (...args) => {
      const proxy = await new SocksProxy(...args).open();
      proxies.push(proxy);
      return proxy;
    };
    afterEach(() => proxies.splice(0).forEach((proxy) => proxy.close()));

    it('is reached through it only', async () => {
      const proxy = await open();
      await connections.works(server.uri, { proxyHost: '127.0.0.1', proxyPort: proxy.port });
      assert.ok(proxy.asked.length >= 2, 'connections for checks and for work');
      assert.deepEqual([...new Set(proxy.asked)], [`127.0.0.1:${server.port}`]);
    });

    it('is reached with the proxy of the URI, which resolves names', async () => {
      const proxy = await open();
      await connections.works(`mongodb://localhost:${server.port}/?proxyHost=localhost&proxyPort=${proxy.port}`);
      assert.deepEqual([...new Set(proxy.asked)], [`localhost:${server.port}`]);
    });

    it('is reached with proxyUsername and proxyPassword', async () => {
      const proxy = await open(account);
      const options = { proxyHost: '127.0.0.1', proxyPort: proxy.port, proxyUsername: account.username, proxyPassword: account.password };
      await connections.works(server.uri, options);
      assert.ok(proxy.asked.length >= 2);
    });

    it('is not reached with a wrong password, or none; no password is told', async () => {
      const proxy = await open(account);
      const way = { ...SHORT, proxyHost: '127.0.0.1', proxyPort: proxy.port };
      for (const options of [way, { ...way, proxyUsername: 'traveller', proxyPassword: 'marked-secret-wrong' }]) {
        const { ours } = await refusedAlike(server.uri, options);
        assert.ok(!ours.stack.includes('marked-secret'), ours.stack);
      }
      assert.deepEqual(proxy.asked, []);
    });

    it('is not reached by a proxy whose name does not resolve, and nobody else waits for that', async () => {
      const away = new MongoDBStore({
        uri: server.uri, connectionOptions: { ...SHORT, proxyHost: 'no-such-proxy.invalid' }
      });
      away.on('error', () => {});
      const failing = assert.rejects(away.get('sid'), (error) => {
        assert.equal(error.cause.name, 'MongoServerSelectionError');
        assert.match(error.message, /getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-proxy\.invalid$/);
        return true;
      });
      const other = new MongoDBStore({ uri: server.uri });
      await other.set('sid', { cookie: {} });
      await Promise.all([failing, away.initialConnectionPromise.catch(() => {})]);
      await Promise.all([away.client.close(), other.client.close()]);
    });

    it('is not reached past a proxy that is not there', async () => {
      const proxy = await open();
      proxy.close();
      await refusedAlike(server.uri, { ...SHORT, proxyHost: '127.0.0.1', proxyPort: proxy.port });
    });
  });
});
