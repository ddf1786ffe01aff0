'use strict';

const assert = require('node:assert/strict');
const { difference } = require('./differences');
const impl = require('../support/impl');
const { Relay, hostOf, relayedUri } = require('../support/relay');
const { call, eventually, useStores } = require('../support/stores');

describe(`a first connection without a server [${impl.name}]`, function late() {
  this.timeout(60_000);
  const stores = useStores();
  let relay;

  beforeEach(async () => { relay = await new Relay(hostOf(stores.uri)).open(); });

  afterEach(() => relay.cut());

  /** A store whose constructor has called back with an error, and whose server is there now. */
  async function opened() {
    await relay.cut();
    let store;
    const error = await new Promise(resolve => {
      const connectionOptions = { serverSelectionTimeoutMS: 200, heartbeatFrequencyMS: 500 };
      store = stores.open({ uri: relayedUri(stores.uri, relay.port), connectionOptions }, resolve);
    });
    assert.match(error.message, /^Error connecting to db: /);
    await relay.open();
    return store;
  }

  const set = store => call(store, 'set', 'sid', { cookie: {}, n: 1 });

  difference('late-server', {
    original: async () => {
      const store = await opened();
      for (let n = 0; n < 3; n++) assert.match((await set(store)).error.message, /: Topology is closed$/);
    },
    ours: async () => {
      const store = await opened();
      await eventually(async () => !(await set(store)).error, 15_000);
      await eventually(async () => (await stores.rows(store).indexes()).some(({ key }) => key.expires === 1));
    }
  });
});
