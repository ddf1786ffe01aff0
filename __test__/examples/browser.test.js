'use strict';

/* global document, getComputedStyle */

/**
 * The example in a real browser. With UPDATE_SCREENSHOT=1 it writes the picture that the README shows.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { mongoUri, testClient, uniqueName } = require('../support/server');
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
  this.timeout(120000);
  this.slow(10000);

  const database = uniqueName('example');
  let example;
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
    example = await new Example({ env: { MONGODB_URI: await mongoUri(database) } }).open();
    browser = await require('playwright-core').chromium.launch({ executablePath, args: ARGS });
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
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
    if (!example) return;
    await example.stop();
    await (await testClient()).db(database).dropDatabase();
  });

  async function signIn() {
    await page.getByLabel('Name').fill('demo');
    await page.getByLabel('Password').fill('demo');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Good to see you, demo' }).waitFor();
  }

  const add = (tea) => page.getByRole('button', { name: `Add ${tea} to the cart` }).click();
  const cart = () => page.getByRole('region', { name: 'Cart' });
  const views = () => page.getByRole('region', { name: 'Session' }).locator('.count').innerText();
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
    });
  }

  it('two browsers have two sessions', async () => {
    await signIn();
    await add('Rooibos');
    const other = await browser.newContext();
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
