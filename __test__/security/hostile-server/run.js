'use strict';

/**
 * A process of its own, which a crash would end: tells a store every lie of a group and sends its parent what became
 * of each operation. Arguments: the server's port, the group and `encrypted` or nothing.
 */

const session = require('express-session');
const factory = require('../../..');
const { HostileServer } = require('../../support/hostile-server');
const { flips } = require('./flips');
const { FRAMING } = require('./framing');
const { READS, REFUSALS, WRITES } = require('./replies');

const [port, group, encrypted] = process.argv.slice(2);
const Store = factory(session);
const READING = ['find', 'getMore', 'aggregate'];
const WRITING = ['update', 'delete'];
const SEEDS = Number(process.env.FLIP_SEEDS ?? 12);
const FIRST_SEED = Number(process.env.FLIP_SEED ?? 1);
/** Most of the time is spent on waiting for answers that do not come. */
const AT_ONCE = 12;
const RECOVERY_MS = 60_000;
const CONNECTION = { serverSelectionTimeoutMS: 1500, socketTimeoutMS: 1000, connectTimeoutMS: 10_000, directConnection: true };
/** Random bytes: a passphrase would take its time at the start. */
const OPTIONS = encrypted === 'encrypted' ? { crypto: { secret: Buffer.alloc(32, 7), required: true } } : {};
const IDS = ['ada', 'bob', 'eve'];

const flipped = Object.fromEntries(Array.from({ length: SEEDS }, (_, n) => [`seed ${FIRST_SEED + n}`, flips(FIRST_SEED + n)]));
const GROUPS = {
  framing: [FRAMING, [...READING, ...WRITING], [...reads(), ...writes()]],
  reads: [READS, ['find'], reads()],
  writes: [WRITES, WRITING, writes()],
  refusals: [REFUSALS, WRITING, writes()],
  flips: [flipped, [...READING, ...WRITING], [...reads(), ...writes()]]
};

const sessionOf = (owner, more) => ({ cookie: { path: '/', expires: new Date(Date.now() + 3.6e6) }, owner, text: 'x'.repeat(20), ...more });

/** Alone, and then many in one tick, which go out together. */
function reads() {
  return [[['get', 'ada']], [...IDS, 'nobody', ...IDS].map((id) => ['get', id]), [['all'], ['length'], ['ids']]];
}

function writes() {
  return [
    [['set', 'bob', true]],
    [['touch', 'ada', true], ['destroy', 'gone'], ...IDS.flatMap((id) => [['set', id, true], ['touch', id, true]]), ['set', 'new', true], ['destroy', 'old']]
  ];
}

function start(store, [method, id, withSession]) {
  const began = Date.now();
  const outcome = { method, id, calls: 0 };
  const args = [id, withSession && sessionOf(id)].filter((one) => one !== undefined && one !== false);
  outcome.ended = new Promise((resolve) => {
    store[method](...args, (error, value) => {
      outcome.calls++;
      outcome.ms = Date.now() - began;
      outcome.error = error?.message.slice(0, 300);
      outcome.named = error?.cause?.name;
      if (method === 'get' && value !== undefined) outcome.got = { owner: value?.owner, kind: typeof value, whole: value?.text === 'x'.repeat(20) };
      resolve();
    });
  });
  return outcome;
}

/** On a busy machine the first connections take longer than these stores wait. */
async function connected(store) {
  for (const until = Date.now() + RECOVERY_MS; Date.now() < until;) {
    const [counted] = await Promise.allSettled([store.length()]);
    if (counted.status === 'fulfilled') return;
  }
  throw new Error('no connection');
}

async function recovered(store, server) {
  const began = Date.now();
  server.honest();
  // A connection on which the server has lied may be out of step for good: honesty takes new ones.
  server.drop();
  while (Date.now() - began < RECOVERY_MS) {
    const [written] = await Promise.allSettled([store.set('ada', sessionOf('ada', { again: true }))]);
    const [read] = await Promise.allSettled([store.get('ada')]);
    if (written.status === 'fulfilled' && read.value?.again === true && read.value.owner === 'ada') return Date.now() - began;
  }
  return null;
}

async function tell(name, lie, about, operations, serial) {
  const server = await new HostileServer(Number(port)).open();
  const place = { collection: `c${serial}`, databaseName: `hostile_${process.pid}`, ...OPTIONS };
  const straight = new Store({ uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, ...place });
  await Promise.all([...IDS, 'old'].map((id) => straight.set(id, sessionOf(id))));
  const store = new Store({ uri: `mongodb://127.0.0.1:${server.port}/`, connectionOptions: CONNECTION, ...place });
  store.on('error', () => {});
  await connected(store);
  server.lies(lie, about);
  const outcomes = [];
  for (const together of operations) {
    const started = together.map((operation) => start(store, operation));
    outcomes.push(...started);
    await Promise.all(started.map(({ ended }) => ended));
  }
  const { told } = server;
  const recoveredMs = await recovered(store, server);
  await Promise.all([store.close(), straight.close()]);
  server.close();
  process.send({ name, told, recoveredMs, polluted: {}.polluted !== undefined, outcomes: outcomes.map((outcome) => ({ ...outcome, ended: undefined })) });
}

async function main() {
  const [lies, about, operations] = GROUPS[group];
  const left = Object.entries(lies).filter(([name]) => !process.env.LIE || name === process.env.LIE);
  let serial = 0;
  const tellNext = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await tell(...next, about, operations, serial++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, tellNext));
  process.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exit(3);
});
