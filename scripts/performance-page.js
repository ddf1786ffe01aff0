'use strict';

/** docs/performance.md: every benchmark that is kept, store by store. */

const fs = require('fs');
const path = require('path');
const { describeScenario, describeSize } = require('../benchmark/stores');
const { machineLine, short } = require('../benchmark/report');

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
  ['opsPerSecond', 'Per second, and over the original'],
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
function table(measured, stores, figure, limits) {
  const columns = stores.map(({ label }) => label);
  const rows = measured.map(({ title, contestants, limits: limit }) => {
    const reference = contestants.original?.figures?.opsPerSecond?.median;
    const cells = stores.map(({ id }) => cell(contestants[id]?.figures, figure, id === 'original' ? null : reference));
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

function part(name, heading) {
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
      `### ${title}`,
      table(measured, stores, figure, limits && (figure === 'opsPerSecond' || figure === 'serverUsPerOp'))
    ])
  ].join('\n\n');
}

/** @returns {string} the page */
function page() {
  return [
    '# Performance in full',
    'Every benchmark whose figures are kept, with all stores that were measured, whoever is ahead. What was measured and how is in ' +
      '[benchmark/README.md](../benchmark/README.md); store, MongoDB and load share the cores of one machine, so that a store that spends ' +
      'less leaves more to the others. Written by `npm run docs`.',
    ...PARTS.map(([name, heading]) => part(name, heading))
  ].join('\n\n') + '\n';
}

module.exports = { page };
