'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const { installed } = require('../../tools/runtime');
const { useStores } = require('../support/stores');

describe('Bun', () => {
  const stores = useStores();

  it('serves sessions with Hono', async function() {
    this.timeout(60_000);
    const program = installed('bun');
    if (program === null) {
      console.log('      skipped: `npm run test:runtimes` fetches it');
      this.skip();
    }
    const file = path.join(__dirname, 'bun-application.js');
    const { stdout } = await promisify(execFile)(program, [file], { env: { ...process.env, MONGODB_URI: stores.uri }, timeout: 50_000 });
    assert.deepEqual(stdout.trim().split('\n'), ['1', '2', '3']);
    assert.equal(await stores.db.collection('bun').countDocuments(), 1);
  });
});
