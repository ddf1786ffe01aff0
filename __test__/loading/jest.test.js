'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { node } = require('./run');

const JEST = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
const FILES = 4;
/** How often it is run where it says that it had to end a process by force: it does so after half a second, also on a busy machine. */
const ATTEMPTS = 3;
const BY_FORCE = /did not exit|failed to exit gracefully|force exited/i;

/**
 * What `--detectOpenHandles` lists. It cannot see that the addon's one thread-safe function is weak, which
 * means that it keeps no process.
 */
function handles(output) {
  const [, list = ''] = output.split(/open handles? potentially keeping/);
  return [...list.matchAll(/●\s+(\S+)/g)].map(([, name]) => name).filter((name) => name !== 'napi_rs_threadsafe_function');
}

describe('loading under jest', function() {
  this.timeout(300_000);
  this.slow(20000);

  const database = uniqueName('loading');
  let uri;

  before(async () => {
    uri = await mongoUri(database);
  });

  after(async () => {
    await (await testClient()).db(database).dropDatabase();
  });

  for (const [how, args] of Object.entries({
    'in one process': ['--runInBand'],
    'in one process, looking for open handles': ['--runInBand', '--detectOpenHandles'],
    'in two processes': ['--maxWorkers=2'],
    'in two worker threads': ['--maxWorkers=2', '--workerThreads']
  })) {
    it(`${how}: the tests pass and jest ends by itself`, async () => {
      let output;
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        let code;
        ({ code, output } = await node([JEST, '--config', path.join(__dirname, 'jest', 'jest.config.js'), '--ci', ...args], {
          // Another runner's variables are not jest's.
          env: { TEST_URI: uri, NODE_OPTIONS: '' }
        }));
        assert.equal(code, 0, output);
        assert.match(output, new RegExp(`Test Suites: +${FILES} passed, ${FILES} total`));
        assert.deepEqual(handles(output), []);
        if (!BY_FORCE.test(output)) break;
      }
      assert.doesNotMatch(output, BY_FORCE);
    });
  }
});
