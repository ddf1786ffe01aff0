'use strict';

const assert = require('node:assert/strict');
const impl = require('../support/impl');
const { Relay, hostOf, relayedUri } = require('../support/relay');
const { useStores, eventually } = require('../support/stores');
const { EXPRESS, Sites, sessionApp } = require('./apps');

/** What an app shows while its MongoDB is away, and afterwards. The way to the server is cut and restored. */
for (const [version, express] of Object.entries(EXPRESS)) {
  describe(`${version} while MongoDB is away [${impl.name}]`, function() {
    this.timeout(60_000);
    const stores = useStores();
    const sites = new Sites();
    let relay;

    beforeEach(async () => { relay = await new Relay(hostOf(stores.uri)).open(); });

    afterEach(async () => {
      await sites.closeAll();
      await relay.cut();
    });

    async function visit(options) {
      const store = await stores.connected({
        uri: relayedUri(stores.uri, relay.port),
        connectionOptions: { serverSelectionTimeoutMS: 2000, heartbeatFrequencyMS: 500 }
      });
      const heard = [];
      store.on('error', error => heard.push(error.message));
      const site = await sites.serve(sessionApp(express, store, options));
      return { browser: site.browser(), site, heard };
    }

    it('answers with the error page, and tells the listener', async () => {
      const { browser, heard } = await visit();
      await browser.get('/view');
      await relay.cut();
      const started = Date.now();
      const answer = await browser.get('/view');
      assert.equal(answer.status, 500);
      assert.match(answer.json().error, new RegExp(`^Error finding ${browser.sessionId()}: `));
      assert.deepEqual(heard, [answer.json().error]);
      // The default is 30 seconds.
      assert.ok(Date.now() - started < 10_000, 'in bounded time');
    });

    it('answers when logging in fails', async () => {
      const { browser } = await visit();
      await relay.cut();
      const answer = await browser.post('/login', { name: 'ada' });
      assert.equal(answer.status, 500);
      assert.match(answer.json().error, /^Error (destroying|setting) /);
    });

    it('answers who has no session and needs none', async () => {
      const { site } = await visit();
      await relay.cut();
      assert.equal((await site.browser().get('/')).status, 200);
    });

    it('goes on with the same session once MongoDB is back', async () => {
      const { browser } = await visit();
      await browser.get('/view');
      await relay.cut();
      assert.equal((await browser.get('/view')).status, 500);
      await relay.open();
      const answer = await eventually(async () => {
        const got = await browser.get('/view');
        return got.status === 200 && got;
      }, 30_000);
      assert.deepEqual(answer.json(), { views: 2 });
    });
  });
}
