'use strict';

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const mongodb = require('mongodb');
const { mongoUri } = require('../support/server');
const { hostOf } = require('../support/relay');
const { FRAMING, UNNOTICED } = require('./hostile-server/framing');
const { READS, REFUSALS, WRITES } = require('./hostile-server/replies');

/** What the store's options allow for one operation, several times over: all of it may be tried twice, on a slow machine. */
const BOUND_MS = 25_000;
const GROUP_MS = 600_000;

/** Runs a group of lies in a process of its own. */
function useOutcomes(group, encrypted = '') {
  const found = { byName: new Map() };
  before(`tell the lies of ${group}`, async function() {
    this.timeout(GROUP_MS);
    const { port } = hostOf(await mongoUri());
    const child = fork(path.join(__dirname, 'hostile-server', 'run.js'), [port, group, encrypted], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
    child.on('message', (outcome) => found.byName.set(outcome.name, outcome));
    const timer = setTimeout(() => child.kill('SIGKILL'), GROUP_MS - 10_000);
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    Object.assign(found, { code, signal, errors });
    const client = await mongodb.MongoClient.connect(await mongoUri());
    await client.db(`hostile_${child.pid}`).dropDatabase();
    await client.close();
  });
  it('is no reason for a crash, or not to end', () => {
    assert.deepEqual([found.code, found.signal, found.errors], [0, null, '']);
  });
  return (name) => {
    const outcome = found.byName.get(name);
    assert.ok(outcome, `no outcome: the process ended with ${found.code ?? found.signal} ${found.errors}`);
    return outcome;
  };
}

/** What must hold whatever the server says. */
function assertUnharmed({ told, recoveredMs, polluted, outcomes }) {
  assert.ok(told > 0, 'the lie was told');
  for (const { method, id, calls, ms, error, got } of outcomes) {
    const what = `${method}(${id ?? ''})`;
    assert.equal(calls, 1, `${what} ended ${calls} times`);
    assert.ok(ms < BOUND_MS, `${what} took ${ms} ms: ${error}`);
    if (got?.owner !== undefined) assert.equal(got.owner, id, `${what} gave somebody else's session`);
    if (id === 'nobody') assert.equal(got, undefined, 'a session that is not there');
    if (error !== undefined) assert.match(error, /^Error (finding|setting|touching|destroying|gathering|counting|listing) /);
  }
  assert.notEqual(recoveredMs, null, 'serves again once the server is honest');
  assert.equal(polluted, false, 'no prototype was changed');
}

const failed = (outcomes) => outcomes.filter(({ error }) => error !== undefined);

describe('a hostile server', () => {
  describe('that breaks its messages', () => {
    const outcomeOf = useOutcomes('framing');
    for (const name of Object.keys(FRAMING)) {
      it(name, () => {
        const outcome = outcomeOf(name);
        assertUnharmed(outcome);
        if (!UNNOTICED.includes(name)) assert.equal(failed(outcome.outcomes).length, outcome.outcomes.length, 'errors, not results');
      });
    }
  });

  describe('that answers reads with something else', () => {
    const outcomeOf = useOutcomes('reads');
    for (const name of Object.keys(READS)) it(name, () => assertUnharmed(outcomeOf(name)));
  });

  describe('that answers writes with something else', () => {
    const outcomeOf = useOutcomes('writes');
    for (const name of Object.keys(WRITES)) it(name, () => assertUnharmed(outcomeOf(name)));
  });

  describe('that says it did not write', () => {
    const outcomeOf = useOutcomes('refusals');
    for (const name of Object.keys(REFUSALS)) {
      it(name, () => {
        const { outcomes, ...more } = outcomeOf(name);
        assertUnharmed({ outcomes, ...more });
        // The first went out alone: it is the one that was not written.
        assert.ok(outcomes[0].error, 'is believed');
        assert.ok(failed(outcomes).length > 1, 'by those that went out together as well');
      });
    }
  });

  describe('whose answers are damaged at random', () => {
    const outcomeOf = useOutcomes('flips');
    for (const n of Array.from({ length: Number(process.env.FLIP_SEEDS ?? 12) }, (_, at) => at + Number(process.env.FLIP_SEED ?? 1))) {
      it(`seed ${n}`, () => {
        const { outcomes, ...more } = outcomeOf(`seed ${n}`);
        // A bit of the owner's own name may be another: that is damage, not somebody else.
        const named = outcomes.map((one) => (['ada', 'bob', 'eve'].includes(one.got?.owner) ? one : { ...one, got: undefined }));
        assertUnharmed({ outcomes: named, ...more });
      });
    }
  });

  describe('whose answers are damaged at random, with encrypted sessions', () => {
    const outcomeOf = useOutcomes('flips', 'encrypted');
    for (const n of Array.from({ length: Number(process.env.FLIP_SEEDS ?? 12) }, (_, at) => at + Number(process.env.FLIP_SEED ?? 1))) {
      it(`seed ${n}`, () => {
        const { outcomes, ...more } = outcomeOf(`seed ${n}`);
        assertUnharmed({ outcomes, ...more });
        for (const { got, id } of outcomes.filter((one) => one.got !== undefined)) assert.deepEqual(got, { owner: id, kind: 'object', whole: true });
      });
    }
  });
});
