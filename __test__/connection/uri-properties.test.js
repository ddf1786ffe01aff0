'use strict';

/** Random connection strings and options, understood and refused as the Node driver does. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const fc = require('fast-check');
const { openClient } = require('../../lib/native/realm');
const { argumentsOf, connection } = require('./arbitraries');
const { agreed } = require('./differences');
const { ofDriver, ofOurs } = require('./outcomes');

const RUNS = 3000;
const SEED = Number(process.env.FC_SEED ?? 20240229);

function outcomeOf(one) {
  const [uri, options] = argumentsOf(one);
  return { uri, options, driver: ofDriver(uri, options), ours: ofOurs(uri, options) };
}

/** The same with one or two of its options only. */
function* withFewOptions({ parts, entries }) {
  const all = [...parts.query.map((pair) => ({ pair })), ...entries.map((entry) => ({ entry }))];
  for (let first = -1; first < all.length; first++) {
    for (let second = first === -1 ? -1 : first; second < (first === -1 ? 0 : all.length); second++) {
      const kept = all.filter((_, index) => index === first || index === second);
      yield {
        parts: { ...parts, query: kept.flatMap(({ pair }) => pair ?? []) },
        entries: kept.flatMap(({ entry }) => (entry ? [entry] : []))
      };
    }
  }
}

/**
 * Of several faults either may be named: ours must be the one that the driver, or a listed
 * difference, has where there is nothing else.
 */
function isAnotherFault(one, { driver, ours }) {
  if (driver.error === undefined || ours.error === undefined) return false;
  for (const fewer of withFewOptions(one)) {
    const outcome = outcomeOf(fewer);
    if (outcome.ours.error === ours.error && agreed(outcome)) return true;
  }
  return false;
}


describe('random connection strings and options', () => {
  const { emitWarning } = process;
  // The Node driver warns of every deprecated option, every time.
  before('no warnings', () => (process.emitWarning = () => {}));
  after('warnings again', () => (process.emitWarning = emitWarning));

  it('are accepted, refused and read as by the Node driver', function property() {
    this.timeout(180_000);
    const accepted = { driver: 0, ours: 0 };
    fc.assert(fc.property(connection, (one) => {
      const outcome = outcomeOf(one);
      if (outcome.driver.settings) accepted.driver++;
      if (outcome.ours.settings) accepted.ours++;
      if (agreed(outcome) || isAnotherFault(one, outcome)) return;
      assert.fail(inspect(outcome, { depth: 6, breakLength: 140 }));
    }), { seed: SEED, numRuns: RUNS });
    // The property says little where everything is refused, or nothing is.
    for (const [who, count] of Object.entries(accepted)) {
      assert.ok(count > RUNS / 4 && count < RUNS * 3 / 4, `${who} accepted ${count} of ${RUNS}`);
    }
  });

  it('are settings that the native half takes, when they are accepted', function property() {
    this.timeout(180_000);
    fc.assert(fc.property(connection, (one) => {
      const { native } = ofOurs(...argumentsOf(one));
      if (native) assert.ok(openClient(JSON.stringify(native)) > 0);
    }), { seed: SEED, numRuns: 500 });
  });
});
