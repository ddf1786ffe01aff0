'use strict';

/** The short form of each scenario of `npm run torture`: every promise holds here. What the original does is asked there. */

const assert = require('node:assert/strict');
const { SCENARIOS } = require('../../../tools/torture/scenarios');
const { runScenario } = require('../../../tools/torture/run');

describe('what the store survives', function survives() {
  this.timeout(600_000);

  for (const [name, { title }] of Object.entries(SCENARIOS)) {
    it(title, async function survive() {
      const { contestants } = await runScenario(name, { contestants: ['ours'], form: 'short', progress: () => {} });
      const { skipped } = contestants.ours.figures;
      if (skipped) {
        console.log(`      skipped: ${skipped}`);
        this.skip();
      }
      const broken = contestants.ours.checks.filter(({ held }) => !held);
      assert.deepEqual(broken.map(({ promise, detail }) => `${promise}: ${detail}`), []);
      assert.ok(contestants.ours.checks.length > 0);
    });
  }
});
