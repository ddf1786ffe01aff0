'use strict';

/** A small application on every runtime that is promised. `npm run test:runtimes` fetches them. */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { installed, runtimes } = require('../../tools/runtime');

const SMOKE = path.join(__dirname, 'smoke.js');
const WITHIN_MS = 120_000;
/** What docs/platforms.md says that it takes. */
const DENO = ['run', '--no-prompt', '--no-lock', '--allow-net', '--allow-read', '--allow-env', '--allow-sys', '--allow-ffi'];
const PARTS = ['servesSessions', 'keepsValues', 'answersMany', 'keepsContext', 'tellsErrors', 'done'];

describe('a small application runs and ends by itself on', function() {
  this.timeout(150_000);
  this.slow(10000);

  const database = uniqueName('runtimes');
  let uri;

  before(async () => {
    uri = await mongoUri(database);
  });

  after(async () => {
    await (await testClient()).db(database).dropDatabase();
  });

  async function run(program, args) {
    const env = { ...process.env, MONGODB_URI: uri };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: WITHIN_MS, killSignal: 'SIGKILL' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    const [code, signal] = await once(child, 'close');
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, output);
    assert.deepEqual([...output.matchAll(/^ok (\w+)$/gm)].map(([, part]) => part), PARTS, output);
  }

  it(`this Node.js, ${process.version}`, () => run(process.execPath, [SMOKE]));

  for (const runtime of runtimes()) {
    it(runtime, async function() {
      const program = installed(runtime);
      if (program === null) {
        console.log(`      skipped ${runtime}: \`npm run test:runtimes\` fetches it`);
        this.skip();
      }
      // Deno asks before a program may do anything.
      await run(program, runtime === 'deno' ? [...DENO, SMOKE] : [SMOKE]);
    });
  }
});
