'use strict';

/** The short form of each scenario of `npm run torture`: every promise holds here, and the original is asked the same. */

const assert = require('node:assert/strict');
const { SCENARIOS } = require('../../torture/scenarios');
const { runScenario } = require('../../torture/run');

describe('what the store survives', function survives() {
  this.timeout(180_000);

  for (const [name, { title }] of Object.entries(SCENARIOS)) {
    it(title, async () => {
      const { contestants } = await runScenario(name, { contestants: ['ours', 'original'], form: 'short', progress: () => {} });
      const broken = contestants.ours.checks.filter(({ held }) => !held);
      assert.deepEqual(broken.map(({ promise, detail }) => `${promise}: ${detail}`), []);
      assert.ok(contestants.ours.checks.length > 0);
    });
  }
});
