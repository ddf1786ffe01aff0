'use strict';

/** The command line, and what it asks to measure. */

const { parseArgs } = require('util');
const { FRAMEWORKS } = require('./app');
const { CONTESTANTS, contestant } = require('./contestants');
const { DOORS, doors, full, quick } = require('./suites');

const HELP = `Usage: npm run bench -- [options]

Measures session stores side by side on one MongoDB: the one that MONGODB_URI names, else one that it starts.

What (without any of these: a set that takes about ten minutes, and some more the first time, for
building what measures the wire limit)
  --full                 everything; takes hours
  --connect-mongo        connect-mongo beside connect-mongodb-session/connect-mongo, with crypto and without
  --operations LIST      of get, set, change (set of a session that was read, one key of it changed), touch,
                         mix80 (80 % get), mix50
  --sizes LIST           of sessions: 300, 4K, 64K
  --concurrency LIST     operations at a time (closed loop): 1,16,64,256
  --rates LIST           operations arriving per second (open loop)
  --delays LIST          ms that a relay adds to each round trip: 0,1,5
  --apps LIST            of ${Object.keys(FRAMEWORKS).join(', ')}
  --footprint            time to the first result, memory, installed size
  --wire-limit           what prebuilt wire messages reach, sent one by one and batched (needs Rust)
  --replica-set          three members and majority writes, instead of a single node

How
  --contestants LIST     of ${CONTESTANTS.map(({ id }) => id).join(', ')}
  --rounds N             default 3
  --seconds N            of each measurement; default 0.8
  --warmup N             seconds before each; default 0.2
  --sids N               distinct sessions; default 5000
  --pool N               maxPoolSize for all; default: each store's own (100 for all of them)
  --connections N        of each app's clients; default 64
  --visitors N           with a session each, of each app; default 1000

Results
  --out FILE             default tools/benchmark/results/latest.json
  --images DIRECTORY     for the plots; default docs/images
  --no-save              writes neither
  --report               only shows what FILE has, and draws it again
`;

const text = { type: 'string' };
const flag = { type: 'boolean' };

const FLAGS = {
  full: flag, 'connect-mongo': flag, operations: text, sizes: text, concurrency: text, rates: text, delays: text, apps: text, footprint: flag,
  'wire-limit': flag,
  'replica-set': flag, contestants: text, rounds: text, seconds: text, warmup: text, sids: text, pool: text,
  connections: text, visitors: text, out: text, images: text, 'no-save': flag, report: flag, help: flag
};

const OPERATIONS = ['get', 'set', 'change', 'touch', 'mix80', 'mix50'];
/** Flags that say where results go. Kept results do not name them. */
const UNNAMED = ['out', 'images', 'no-save', 'report'];

/** Asking for one of these means: this, and nothing of the quick set. */
const AXES = ['operations', 'sizes', 'concurrency', 'rates', 'delays'];

function list(value, read) {
  return value === undefined ? undefined : value.split(',').filter(Boolean).map(read);
}

function number(name, { least = 0, whole = false } = {}) {
  return (value) => {
    const read = Number(value);
    if (value.trim() === '' || !(read >= least) || (whole && !Number.isInteger(read))) {
      throw new Error(`--${name} takes ${whole ? 'whole ' : ''}numbers from ${least}; got "${value}"`);
    }
    return read;
  };
}

function size(value) {
  const [, digits, unit] = /^(\d+)(K?)B?$/i.exec(value) ?? [];
  const bytes = Number(digits) * (unit ? 1024 : 1);
  if (!(bytes >= 300)) throw new Error(`--sizes takes sizes from 300 bytes, such as 300 or 4K; got "${value}"`);
  return bytes;
}

function oneOf(name, allowed) {
  return (value) => {
    if (!allowed.includes(value)) throw new Error(`--${name} takes ${allowed.join(', ')}; got "${value}"`);
    return value;
  };
}

function chosenSet(values) {
  if (values['connect-mongo']) return doors();
  return values.full ? full() : quick();
}

/** @returns {object[]} the measurements that the flags ask for */
function suiteOf(values) {
  const byAxes = AXES.some((axis) => values[axis] !== undefined);
  const apps = list(values.apps, oneOf('apps', Object.keys(FRAMEWORKS)));
  if (!byAxes && !apps && !values.footprint) return chosenSet(values);
  for (const name of ['full', 'connect-mongo']) if (values[name]) throw new Error(`--${name} is a set of its own: leave it out to choose`);
  const rates = list(values.rates, number('rates', { least: 1 })) ?? [];
  const concurrency = list(values.concurrency, number('concurrency', { least: 1, whole: true }));
  const stores = byAxes ? {
    operations: list(values.operations, oneOf('operations', OPERATIONS)) ?? ['get', 'set', 'mix80'],
    sizes: list(values.sizes, size) ?? [300],
    concurrency: concurrency ?? (rates.length > 0 ? [] : [64]),
    rates,
    delays: list(values.delays, number('delays')) ?? [0]
  } : null;
  return {
    stores: stores ? [stores] : [],
    apps: (apps ?? []).map((framework) => ({ framework, sizes: list(values.sizes, size) ?? [300, 4096] })),
    footprint: Boolean(values.footprint),
    wireLimit: Boolean(values['wire-limit'])
  };
}

function usualContestants(values) {
  return values['connect-mongo'] ? DOORS.map(contestant) : CONTESTANTS.filter(({ byDefault }) => byDefault);
}

/**
 * @param {string[]} args
 * @returns {object} everything that `run` takes
 * @throws {Error} naming the flag that is wrong and what it takes
 */
function parse(args) {
  const { values } = parseArgs({ args, options: FLAGS, allowPositionals: false });
  if (values.help) return { help: HELP };
  const asNumber = (name, fallback, rule) => (values[name] === undefined ? fallback : number(name, rule)(values[name]));
  const options = {
    suite: suiteOf(values),
    contestants: list(values.contestants, contestant) ?? usualContestants(values),
    members: values['replica-set'] ? 3 : 0,
    rounds: asNumber('rounds', 3, { least: 1, whole: true }),
    measureMs: asNumber('seconds', 0.8, { least: 0.01 }) * 1000,
    warmupMs: asNumber('warmup', 0.2) * 1000,
    sids: asNumber('sids', 5000, { least: 2, whole: true }),
    pool: asNumber('pool', undefined, { least: 1, whole: true }),
    connections: asNumber('connections', 64, { least: 1, whole: true }),
    visitors: asNumber('visitors', 1000, { least: 1, whole: true }),
    out: values.out,
    images: values.images,
    save: !values['no-save'],
    report: Boolean(values.report)
  };
  check(options);
  // What was asked for, without where to write it.
  const asked = parseArgs({ args, options: FLAGS, tokens: true }).tokens.filter(({ name }) => !UNNAMED.includes(name));
  const told = asked.map(({ name, value }) => `--${name}${value === undefined ? '' : ` ${value}`}`);
  // Apps warm up more code than stores, and each request takes longer.
  return { ...options, arguments: told, appWarmupMs: options.warmupMs * 2, appMeasureMs: options.measureMs * 1.5 };
}

/** Loads pick sessions that nothing is under way on, so there must be more of them than callers. */
function check({ suite, sids, connections, visitors }) {
  if (visitors < connections * 2) throw new Error(`--visitors must be at least twice --connections; got ${visitors} and ${connections}`);
  for (const { concurrency } of suite.stores) {
    const most = Math.max(0, ...concurrency);
    if (sids < most * 1.5) throw new Error(`--sids must be at least 1.5 times --concurrency; got ${sids} and ${most}`);
  }
}


module.exports = { parse };
