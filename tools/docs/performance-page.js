'use strict';

/** docs/performance.md: every benchmark that is kept, store by store. */

const fs = require('fs');
const path = require('path');
const { describeScenario, describeSize } = require('../benchmark/stores');
const { machineLine, short } = require('../benchmark/report');
const { start } = require('./performance-table');
const size = require('./size-table');

const RESULTS = path.join(__dirname, '..', 'benchmark', 'results');

/** The kept results, by file, in the order of the page. */
const PARTS = [
  ['latest', 'The usual set'],
  ['loads', 'Other operations and loads'],
  ['arrivals', 'Operations that arrive by themselves'],
  ['network-delay', 'A network between store and MongoDB'],
  ['replica-set', 'A replica set, and writes to its majority'],
  ['apps', 'Express 4 and 5']
];

const FIGURES = [
  ['opsPerSecond', 'Per second, and over $'],
  ['mainUsPerOp', 'Main thread, µs per operation'],
  ['p99Ms', '99th percentile of latency, ms'],
  ['serverUsPerOp', 'MongoDB, µs of CPU per operation']
];

const MISSING = '–';

function cell(figures, figure, reference) {
  const value = figures?.[figure]?.median ?? null;
  if (value === null) return MISSING;
  const times = figure === 'opsPerSecond' && reference ? ` (${(value / reference).toFixed(2)}x)` : '';
  return `${short(value)}${times}`;
}

/** One figure of all measurements: a row each, and a column for each store. */
function table(measured, stores, figure, limits, references = {}) {
  const columns = stores.map(({ label }) => label);
  const rows = measured.map(({ title, contestants, limits: limit }) => {
    const perSecond = (id) => contestants[id]?.figures?.opsPerSecond?.median;
    const reference = perSecond('original');
    const cells = stores.map(({ id }) => cell(contestants[id]?.figures, figure, id === 'original' ? null : reference ?? perSecond(references[id])));
    return [title, ...cells, ...(limits ? [cell({ [figure]: (limit?.batched ?? limit?.unbatched)?.[figure] }, figure, reference)] : [])];
  });
  const heads = ['', ...columns, ...(limits ? ['the wire limit'] : [])];
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function measurements({ stores, apps }) {
  return [
    ...stores.map((one) => {
      const delay = one.delayMs > 0 ? `, ${one.delayMs} ms of delay` : '';
      return { ...one, title: `${describeScenario(one)}, ${describeSize(one.size)}${delay}` };
    }),
    ...apps.map((one) => ({ ...one, title: `${one.framework}, ${one.kind === 'read' ? 'reading' : 'saving'}, ${short(one.bytes)} B` }))
  ];
}

/** What is compared with what, where the original is not among the stores. */
const DOORS = {
  name: 'connect-mongo',
  heading: "connect-mongo's API, with encrypted sessions and without",
  over: 'connect-mongo',
  references: { door: 'connect-mongo', 'door-crypto': 'connect-mongo-crypto' }
};

function part(name, heading, over = 'the original', references = undefined) {
  const results = JSON.parse(fs.readFileSync(path.join(RESULTS, `${name}.json`), 'utf8'));
  const measured = measurements(results);
  const present = (id) => measured.some(({ contestants }) => contestants[id]?.figures);
  const stores = [...results.contestants, { id: 'memory', label: 'MemoryStore' }].filter(({ id }) => present(id));
  const limits = measured.some((one) => one.limits);
  const { rounds, measureMs, appMeasureMs } = results.method;
  return [
    `## ${heading}`,
    `\`npm run bench${results.arguments.length > 0 ? ` -- ${results.arguments.join(' ')}` : ''}\`: ${results.topology}. ${machineLine(results)}. ` +
      `Medians of ${rounds} rounds of ${measureMs / 1000} s (apps: ${appMeasureMs / 1000} s).`,
    ...FIGURES.flatMap(([figure, title]) => [
      `### ${title.replace('$', over)}`,
      table(measured, stores, figure, limits && (figure === 'opsPerSecond' || figure === 'serverUsPerOp'), references)
    ])
  ].join('\n\n');
}

const PICTURES = [
  '![Operations per second of the stores](images/bench-throughput.svg)',
  '![Latency of the stores](images/bench-latency.svg)',
  '![Time of the main thread per operation](images/bench-main-thread.svg)',
  '![Express on the stores](images/bench-apps.svg)'
];

/** What an application has of the store before its first session. */
function sizeAndStart() {
  return [
    '## Size and start',
    '`npm run test:package -- --save` takes these figures; more than a quarter of what is installed is the addon once more, as text, for bundlers that take JavaScript only.',
    size.asMarkdown(),
    start(),
    '![Time to the first result, memory and installed size](images/bench-footprint.svg)'
  ].join('\n\n');
}

function kept(name) {
  return JSON.parse(fs.readFileSync(path.join(RESULTS, `${name}.json`), 'utf8'));
}

/** What the options `user` and `watch` take. */
function usersAndWatching() {
  const { sessions, perUser, rounds, variants } = kept('users');
  const users = Object.entries(variants).map(([name, { sessionsOf, destroyUser, stage }]) => {
    return `| ${name} | ${short(sessionsOf)} | ${short(destroyUser)} | ${stage} |`;
  });
  const { without, watching, perSecond, seconds, rounds: watched, version } = kept('watch');
  const row = (name, { serverMsPerSecond, processMsPerSecond, lateMs }, last) => {
    return `| ${name} | ${short(serverMsPerSecond)} | ${short(processMsPerSecond)} | ${last ? short(lateMs) : MISSING} |`;
  };
  return [
    '## Users, and watching',
    `\`node tools/benchmark/users.js --save\`: ${perUser} sessions of one user among ${sessions.toLocaleString('en')}; medians of ${rounds} rounds.`,
    ['| | `sessionsOf`, ms | `destroyUser`, ms | how MongoDB finds them |', '|---|---|---|---|', ...users].join('\n'),
    `\`node tools/benchmark/watch.js --save\`: one process saves ${perSecond.toLocaleString('en')} sessions per second for ${seconds} s, ` +
      `another one has a store of the same collection; a replica set of one (MongoDB ${version}), medians of ${watched} rounds each, in turns.`,
    [
      '| the other store | MongoDB, ms of CPU per second | its process, ms of CPU per second | the last change was told after, ms |',
      '|---|---|---|---|',
      row('does not watch', without, false),
      row('watches', watching, true)
    ].join('\n')
  ].join('\n\n');
}

/** @returns {string} the page */
function page() {
  return [
    '# Performance in full',
    'Every benchmark whose figures are kept, with all stores that were measured, whoever is ahead. What was measured and how is in ' +
      '[tools/benchmark/README.md](../tools/benchmark/README.md); store, MongoDB and load share the cores of one machine, so that a store that spends ' +
      'less leaves more to the others. Written by `npm run docs`.',
    ...PICTURES,
    sizeAndStart(),
    ...PARTS.map(([name, heading]) => part(name, heading)),
    part(DOORS.name, DOORS.heading, DOORS.over, DOORS.references),
    'connect-mongo derives a key from the secret, on the main thread, for each session that it encrypts or decrypts; this package derives ' +
      'its key once, on the background thread.',
    usersAndWatching()
  ].join('\n\n') + '\n';
}

module.exports = { page };
