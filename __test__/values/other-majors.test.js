'use strict';

/** Fidelity with the `bson` packages of other majors: what the tests beside this one say holds for each. */

const assert = require('node:assert/strict');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { ROOT } = require('../support/impl');
const { mongoUri } = require('../support/server');

const MOCHA = path.join(path.dirname(require.resolve('mocha/package.json')), 'bin', 'mocha.js');
const SUITES = ['codec', 'codec-foreign', 'codec-properties', 'hostile-sessions', 'store'];

for (const major of [5, 7]) {
  describe(`With bson ${major}`, function() {
    this.timeout(240_000);

    for (const suite of SUITES) {
      it(`${suite}.test.js holds`, async () => {
        const env = { ...process.env, BSON_MAJOR: String(major), MONGODB_URI: await mongoUri() };
        const { stdout } = await promisify(execFile)(process.execPath, [MOCHA, '--reporter', 'dot', `__test__/values/${suite}.test.js`], { cwd: ROOT, env });
        assert.match(stdout, /passing/);
      });
    }
  });
}
