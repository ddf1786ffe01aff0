'use strict';

/**
 * Fidelity with the `bson` packages of other majors: what the tests beside this one say holds for each. Random sessions are
 * fewer here. Most of what they find is about the codec, which is the same for every major; what a major does differently
 * (types, nesting, what it refuses) are a few things, which a thousand sessions have many times each.
 */

const assert = require('node:assert/strict');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { ROOT } = require('../support/impl');
const { mongoUri } = require('../support/server');

const MOCHA = path.join(path.dirname(require.resolve('mocha/package.json')), 'bin', 'mocha.js');
const RUNS = 1000;
const SUITES = ['codec', 'codec-foreign', 'codec-properties', 'hostile-sessions', 'store'];

for (const major of [5, 7]) {
  describe(`With bson ${major}`, function() {
    this.timeout(240_000);

    for (const suite of SUITES) {
      it(`${suite}.test.js holds`, async () => {
        const env = { ...process.env, BSON_MAJOR: String(major), CODEC_RUNS: String(RUNS), MONGODB_URI: await mongoUri() };
        const { stdout } = await promisify(execFile)(process.execPath, [MOCHA, '--reporter', 'dot', `__test__/values/${suite}.test.js`], { cwd: ROOT, env });
        assert.match(stdout, /passing/);
      });
    }
  });
}
