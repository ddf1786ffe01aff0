'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');
const session = require('express-session');
const { createApp } = require('../../examples/express/app');
const { serve } = require('../support/http');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { Example, Visitor } = require('./example');

describe('the example app', function() {
  this.timeout(300_000);
  this.slow(3000);

  const database = uniqueName('example');
  const env = {};
  const running = [];
  let sessions;
  let example;

  /** Starts the app; it is stopped after the tests. */
  async function open(options = { env }) {
    const started = new Example(options);
    running.push(started);
    return started.open();
  }

  before(async () => {
    env.MONGODB_URI = await mongoUri(database);
    sessions = (await testClient()).db(database).collection('exampleSessions');
    example = await open();
  });

  after(async () => {
    await Promise.all(running.map((started) => started.stop('SIGKILL')));
    await sessions.db.dropDatabase();
  });

  describe('login', () => {
    it('is asked of who comes first', async () => {
      const page = await example.visitor().look();
      assert.equal(page.status, 200);
      assert.match(page.text, /<label for="password">/);
      assert.doesNotMatch(page.text, /Sign out/);
    });

    it('leads to the shop, in a session with a new id', async () => {
      const visitor = example.visitor();
      await visitor.look();
      const before = visitor.sid;
      const { status, location } = await visitor.submit('/login', { name: 'demo', password: 'demo' });
      assert.deepEqual([status, location], [303, '/']);
      assert.notEqual(visitor.sid, before);
      assert.equal(await sessions.countDocuments({ _id: before }), 0, 'the session before the login is gone');
      assert.equal((await sessions.findOne({ _id: visitor.sid })).session.user, 'demo');
      assert.match((await visitor.get('/')).text, /Good to see you, demo/);
    });

    it('is refused with a wrong password or a name nobody has', async () => {
      for (const [name, password] of [['demo', 'Demo'], ['', ''], ['nobody', 'demo'], ['__proto__', 'demo']]) {
        const visitor = example.visitor();
        const { status, text } = await visitor.signIn(name, password);
        assert.equal(status, 401, name);
        assert.match(text, /role="alert"/);
        assert.equal((await sessions.findOne({ _id: visitor.sid })).session.user, undefined);
      }
    });

    it('gives back what was typed as text, not as HTML', async () => {
      const { text } = await example.visitor().signIn('"><script>alert(1)</script>', 'x');
      assert.ok(text.includes('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"'));
      assert.ok(!text.includes('<script'));
    });

    it('sets a cookie that scripts and other sites cannot use', async () => {
      const [cookie] = (await example.visitor().look()).setCookie;
      assert.match(cookie, /; HttpOnly/);
      assert.match(cookie, /; SameSite=Lax/);
      const days = (new Date(/Expires=([^;]+)/.exec(cookie)[1]) - Date.now()) / 86400000;
      assert.ok(Math.abs(days - 7) < 0.01, `${days} days`);
    });
  });

  describe('the shop', () => {
    it('counts views', async () => {
      const visitor = example.visitor();
      await visitor.signIn();
      assert.equal((await visitor.shop()).views, 1);
      assert.equal((await visitor.shop()).views, 2);
      assert.equal((await sessions.findOne({ _id: visitor.sid })).session.views, 2);
    });

    it('puts teas into the cart and takes them out', async () => {
      const visitor = example.visitor();
      await visitor.signIn();
      await visitor.look();
      for (const tea of ['sencha', 'oolong', 'sencha']) await visitor.submit('/cart', { tea, action: 'add' });
      const filled = await visitor.shop();
      assert.deepEqual(filled.cart, ['2 Sencha $17.80', '1 Oolong $10.80']);
      assert.equal(filled.total, '$28.60');
      await visitor.submit('/cart', { tea: 'sencha', action: 'remove' });
      await visitor.submit('/cart', { tea: 'oolong', action: 'remove' });
      const left = await visitor.shop();
      assert.deepEqual(left.cart, ['1 Sencha $8.90']);
      assert.equal(left.notice, 'Took a packet of Oolong out of your cart.');
      assert.equal((await visitor.shop()).notice, undefined, 'a notice is shown once');
    });

    it('ignores teas that it does not sell, and does not sell more than it has', async () => {
      const visitor = example.visitor();
      await visitor.signIn();
      await visitor.look();
      for (const tea of ['coffee', '__proto__', 'constructor']) await visitor.submit('/cart', { tea, action: 'add' });
      await visitor.submit('/cart', { tea: 'rooibos', action: 'remove' });
      assert.deepEqual((await visitor.shop()).cart, []);
      for (let n = 0; n < 21; n++) await visitor.submit('/cart', { tea: 'rooibos', action: 'add' });
      assert.deepEqual((await visitor.shop()).cart, ['20 Rooibos $128.00']);
    });

    it('takes no form without its token', async () => {
      const visitor = example.visitor();
      await visitor.signIn();
      await visitor.look();
      const stranger = example.visitor();
      await stranger.look();
      for (const csrf of [undefined, '', 'x'.repeat(64), stranger.token]) {
        const { status } = await visitor.post('/cart', { tea: 'sencha', action: 'add', ...(csrf !== undefined && { csrf }) });
        assert.equal(status, 403);
      }
      assert.equal((await visitor.post('/logout')).status, 403);
      assert.deepEqual((await visitor.shop()).cart, []);
    });
  });

  describe('logout', () => {
    it('destroys the session and takes the cookie away', async () => {
      const visitor = example.visitor();
      await visitor.signIn();
      await visitor.look();
      const { sid } = visitor;
      const again = visitor.at(example.base);
      const { status, setCookie } = await visitor.submit('/logout');
      assert.equal(status, 303);
      assert.match(setCookie[0], /^leaf\.sid=; .*Expires=Thu, 01 Jan 1970/);
      assert.equal(await sessions.countDocuments({ _id: sid }), 0);
      assert.match((await again.get('/')).text, /<label for="password">/, 'the cookie of before is worth nothing');
    });
  });

  it('redirects only when the session is saved', async () => {
    const events = [];
    class Store extends session.MemoryStore {
      set(sid, data, callback) {
        super.set(sid, data, () => {
          if (data.user) events.push('saved');
          callback();
        });
      }
    }
    const app = createApp({ store: new Store(), secret: 'secret' });
    const served = await serve((req, res) => {
      const { writeHead } = res;
      res.writeHead = function(status, ...rest) {
        if (status === 303) events.push('redirected');
        return writeHead.call(this, status, ...rest);
      };
      app(req, res);
    });
    try {
      const visitor = new Visitor(served.url);
      await visitor.signIn();
      assert.deepEqual(events.slice(0, 2), ['saved', 'redirected']);
    } finally {
      await served.close();
    }
  });

  describe('your devices', () => {
    const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';
    /** What the page lists: each device, and whether there is a button to end it. */
    const devicesIn = (text) => [...text.matchAll(/<h2>([^<]+)<\/h2>[^]*?<\/li>/g)].map(([item, name]) => {
      const [, handle] = /name="device" value="([0-9a-f]+)"/.exec(item) ?? [];
      return { name, handle, isCurrent: item.includes('This device') };
    });

    async function signedIn(userAgent) {
      const visitor = example.visitor();
      if (userAgent) visitor.userAgent = userAgent;
      await visitor.signIn();
      await visitor.look();
      return visitor;
    }

    // So that no device of another test is listed.
    beforeEach(() => sessions.deleteMany({}));

    it('are listed with their browsers, this one first, and never by their ids', async () => {
      const other = await signedIn();
      const visitor = await signedIn(FIREFOX);
      const { text } = await visitor.get('/devices');
      assert.deepEqual(devicesIn(text).map(({ name, isCurrent }) => [name, isCurrent]), [['Firefox on Linux', true], ['A browser', false]]);
      assert.match(text, /Last used <time/);
      for (const { sid } of [other, visitor]) assert.ok(!text.includes(sid));
    });

    it('can be ended one by one, and all but this one', async () => {
      const visitor = await signedIn();
      const others = [await signedIn(), await signedIn(), await signedIn()];
      const [, { handle }] = devicesIn((await visitor.get('/devices')).text);
      const { status, location } = await visitor.submit('/devices/end', { device: handle });
      assert.deepEqual([status, location], [303, '/devices']);
      assert.equal(await sessions.countDocuments({ user: 'demo' }), 3);
      await visitor.submit('/devices/end-others');
      const { text } = await visitor.get('/devices');
      assert.match(text, /Signed out on 2 other devices\./);
      assert.equal(devicesIn(text).length, 1);
      for (const other of others) assert.match((await other.get('/')).text, /<label for="password">/);
    });

    it('are one\'s own: of another\'s, or of none, nothing is ended', async () => {
      const visitor = await signedIn();
      await sessions.updateOne({ _id: (await signedIn()).sid }, { $set: { user: 'somebody else' } });
      for (const device of ['', 'x', undefined, 'a'.repeat(64)]) await visitor.submit('/devices/end', device === undefined ? {} : { device });
      await visitor.submit('/devices/end-others');
      assert.equal(await sessions.countDocuments(), 2);
    });

    it('are shown to nobody who is not signed in', async () => {
      const { status, location } = await example.visitor().get('/devices');
      assert.deepEqual([status, location], [303, '/']);
      assert.equal((await example.visitor().get('/session')).status, 204);
    });
  });

  describe('every page', () => {
    it('runs no scripts but its own, loads nothing and is not kept by caches', async () => {
      const response = await fetch(example.base);
      const policy = response.headers.get('content-security-policy');
      assert.match(policy, /default-src 'none'/);
      const [, nonce] = /style-src 'nonce-([^']+)'/.exec(policy);
      assert.ok((await response.text()).includes(`<style nonce="${nonce}">`));
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(response.headers.get('x-powered-by'), null);
    });

    it('makes no session for an address that does not exist', async () => {
      const before = await sessions.countDocuments();
      const { status, text, setCookie } = await example.visitor().get('/nowhere');
      assert.equal(status, 404);
      assert.match(text, /No such page/);
      assert.deepEqual(setCookie, []);
      assert.equal(await sessions.countDocuments(), before);
    });
  });

  describe('the process', () => {
    it('keeps sessions over a restart on the same MongoDB', async () => {
      const first = await open();
      const visitor = first.visitor();
      await visitor.signIn();
      await visitor.look();
      await visitor.submit('/cart', { tea: 'darjeeling', action: 'add' });
      assert.deepEqual(await first.stop(), { code: 0, signal: null });

      const second = await open();
      const returned = Object.assign(second.visitor(), { cookies: visitor.cookies });
      const { views, cart } = await returned.shop();
      assert.deepEqual([views, cart], [2, ['1 Darjeeling $12.40']]);
      assert.deepEqual(await second.stop('SIGINT'), { code: 0, signal: null });
    });

    it('answers the request that is under way before it ends', async () => {
      const started = await open();
      const visitor = started.visitor();
      await visitor.look();
      const body = new URLSearchParams({ csrf: visitor.token, name: 'demo', password: 'demo' }).toString();
      const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const socket = net.connect(Number(new URL(started.base).port), '127.0.0.1').setEncoding('utf8');
      let answer = '';
      socket.on('data', (text) => { answer += text; });
      socket.write('POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n' +
        `Cookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`);
      while (!answer.includes('100 Continue')) await once(socket, 'data');
      const ended = started.stop();
      // It listens no more, so it has understood.
      while (await connects(started.base));
      socket.write(body);
      await once(socket, 'close');
      assert.match(answer, /HTTP\/1\.1 303 See Other/);
      assert.deepEqual(await ended, { code: 0, signal: null });
    });

    it('takes another port when 3000 is taken', async () => {
      const blocker = net.createServer().listen(3000, '127.0.0.1');
      await Promise.race([once(blocker, 'listening'), once(blocker, 'error')]).catch(() => {});
      try {
        const started = await open({ env: { ...env, PORT: undefined } });
        assert.notEqual(new URL(started.base).port, '3000');
        assert.equal((await started.visitor().look()).status, 200);
      } finally {
        blocker.close();
      }
    });

    it('says so and ends when there is no MongoDB, without telling the password', async () => {
      const started = new Example({ env: { MONGODB_URI: 'mongodb://user:opensesame@127.0.0.1:1/?serverSelectionTimeoutMS=300' } });
      running.push(started);
      assert.deepEqual(await started.ended, { code: 1, signal: null });
      assert.match(started.output, /Error connecting to db: /);
      assert.doesNotMatch(started.output, /opensesame/);
    });

    it('brings a MongoDB of its own when none is given', async () => {
      const started = await open({ env: { MONGODB_URI: undefined } });
      const visitor = started.visitor();
      await visitor.signIn();
      assert.equal((await visitor.shop()).views, 1);
      assert.deepEqual(await started.stop('SIGINT'), { code: 0, signal: null });
    });
  });
});

/** @returns {Promise<boolean>} whether anyone listens there */
async function connects(base) {
  const socket = net.connect(Number(new URL(base).port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
