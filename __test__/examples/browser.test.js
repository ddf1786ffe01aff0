'use strict';

/* global document, getComputedStyle */

/**
 * The example in a real browser. With UPDATE_SCREENSHOT=1 it writes the picture that the README shows.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { MongoClient } = require('mongodb');
const { startMongod } = require('../../tools/mongod');
const { uniqueName } = require('../support/server');
const { ROOT } = require('../support/impl');
const { Example } = require('./example');

const SCREENSHOT = path.join(ROOT, 'docs', 'images', 'example.png');
const ARGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'
];

/** @returns {string|undefined} path of Chromium: CHROMIUM_PATH, or `chromium` on the PATH */
function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  return (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'chromium')).find((file) => fs.existsSync(file));
}

describe('the example app in a browser', function() {
  this.timeout(300_000);
  this.slow(10000);

  const database = uniqueName('example');
  let set;
  let example;
  /** The same shop on another server. */
  let elsewhere;
  let witness;
  let sessions;
  let browser;
  let context;
  let page;
  let complaints;

  before(async function() {
    const executablePath = findChromium();
    if (!executablePath) {
      console.log('      skipped: there is no `chromium` on the PATH, and CHROMIUM_PATH is not set');
      this.skip();
    }
    if (Number(process.versions.node.split('.')[0]) < 20) {
      // It would end the process. The example itself does not: its other tests run on every version.
      console.log('      skipped: Playwright needs Node.js 20 or newer');
      this.skip();
    }
    set = await startMongod({ own: true, replicaSet: 'shop', members: 1 });
    const env = { MONGODB_URI: set.uri.replace('/?', `/${database}?`) };
    [example, elsewhere] = await Promise.all([new Example({ env }).open(), new Example({ env }).open()]);
    witness = await MongoClient.connect(set.uri);
    sessions = witness.db(database).collection('exampleSessions');
    browser = await require('playwright-core').chromium.launch({ executablePath, args: ARGS, timeout: 90_000 });
  });

  beforeEach(async () => {
    // So that each test has the devices of its own.
    await sessions.deleteMany({});
    context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
    context.setDefaultTimeout(90_000);
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(example.url);
  });

  afterEach(() => context?.close());

  after(async () => {
    await browser?.close();
    await Promise.all([example?.stop(), elsewhere?.stop()]);
    await witness?.close();
    await set?.stop();
  });

  async function signIn(where = page) {
    await where.getByLabel('Name').fill('demo');
    await where.getByLabel('Password').fill('demo');
    await where.getByRole('button', { name: 'Sign in' }).click();
    await where.getByRole('heading', { name: 'Good to see you, demo' }).waitFor();
  }

  /** Signs in with another browser, at this server or another one, and does `work` with its page. */
  async function withSecond(url, work) {
    const other = await browser.newContext();
    other.setDefaultTimeout(90_000);
    try {
      const second = await other.newPage();
      await second.goto(url);
      await signIn(second);
      await work(second);
    } finally {
      await other.close();
    }
  }

  /** Waits for the page that a click leads to, by what it says. */
  async function add(tea) {
    const before = Number(await views());
    await page.getByRole('button', { name: `Add ${tea} to the cart` }).click();
    await viewed(before + 1);
  }
  const cart = () => page.getByRole('region', { name: 'Cart' });
  const count = () => page.getByRole('region', { name: 'Session' }).locator('.count');
  const views = () => count().innerText();
  const viewed = (times) => count().and(page.getByText(String(times), { exact: true })).waitFor();
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  it('signs in, fills the cart, counts views and signs out', async () => {
    await signIn();
    assert.equal(await views(), '1');
    for (const tea of ['Sencha', 'Sencha', 'Oolong', 'Darjeeling']) await add(tea);
    await page.getByRole('status').getByText('Put a packet of Darjeeling into your cart.').waitFor();
    assert.equal(await views(), '5');
    assert.match(await cart().innerText(), /Sencha\s+2\s+\$17\.80/);
    assert.match(await cart().innerText(), /Total\s+4\s+\$41\.00/);
    if (process.env.UPDATE_SCREENSHOT === '1') {
      fs.mkdirSync(path.dirname(SCREENSHOT), { recursive: true });
      await page.screenshot({ path: SCREENSHOT });
    }
    await page.reload();
    assert.equal(await views(), '6', 'a reload is a view');
    await page.getByRole('button', { name: 'Take a packet of Sencha out' }).click();
    await viewed(7);
    assert.match(await cart().innerText(), /Total\s+3\s+\$32\.10/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goBack();
    assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0, 'going back shows no page of before');
    assert.deepEqual(complaints, []);
  });

  it('signs in by keyboard', async () => {
    assert.equal(await page.evaluate(() => document.activeElement.id), 'name', 'the name is where one starts');
    await page.keyboard.type('demo');
    await page.keyboard.press('Tab');
    await page.keyboard.type('demo');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Good to see you, demo' }).waitFor();
  });

  it('says what was wrong with the login', async () => {
    await page.getByLabel('Name').fill('<b>demo</b>');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('That name and password do not go together.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), '<b>demo</b>');
  });

  it('keeps its session cookie from scripts, and its style to itself', async () => {
    await signIn();
    assert.equal(await page.evaluate(() => document.cookie), '');
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['leaf.sid', true, 'Lax']);
    const color = await page.getByRole('button', { name: 'Sign out' }).evaluate((button) => getComputedStyle(button).borderRadius);
    assert.equal(color, '9px', 'the style sheet is in force');
    assert.deepEqual(complaints, []);
  });

  for (const width of [320, 390, 768]) {
    it(`fits a screen ${width} pixels wide`, async () => {
      await page.setViewportSize({ width, height: 800 });
      assert.equal(await overflow(), 0);
      await signIn();
      await add('Darjeeling');
      assert.equal(await overflow(), 0);
      await page.getByRole('link', { name: 'Your devices' }).click();
      await page.getByText('This device').waitFor();
      assert.equal(await overflow(), 0);
    });
  }

  for (const [where, shop] of [['the same server', () => example], ['another server', () => elsewhere]]) {
    it(`a second browser at ${where} is thrown out at once, without a click in it`, async () => {
      await signIn();
      await withSecond(shop().url, async (second) => {
        await page.getByRole('link', { name: 'Your devices' }).click();
        await page.getByText('This device').waitFor();
        await page.getByRole('button', { name: 'Sign out Chrome' }).click();
        await page.getByRole('status').getByText('Signed out there.').waitFor();
        await second.getByLabel('Password').waitFor();
      });
      await page.getByRole('link', { name: 'Back to the shop' }).click();
      await page.getByRole('heading', { name: 'Good to see you, demo' }).waitFor();
      assert.deepEqual(complaints, []);
    });
  }

  it('all others are signed out by one button', async () => {
    await signIn();
    await withSecond(elsewhere.url, async (second) => {
      await withSecond(example.url, async (third) => {
        await page.getByRole('link', { name: 'Your devices' }).click();
        await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
        await Promise.all([second, third].map((each) => each.getByLabel('Password').waitFor()));
        await page.getByRole('status').getByText('Signed out on 2 other devices.').waitFor();
      });
    });
  });

  it('two browsers have two sessions', async () => {
    await signIn();
    await add('Rooibos');
    const other = await browser.newContext();
    other.setDefaultTimeout(90_000);
    try {
      const second = await other.newPage();
      await second.goto(example.url);
      assert.equal(await second.getByRole('button', { name: 'Sign out' }).count(), 0);
    } finally {
      await other.close();
    }
    assert.match(await cart().innerText(), /Rooibos\s+1/);
  });
});
