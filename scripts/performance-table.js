'use strict';

/** The README's table of figures, made from the last benchmark that was kept. */

const fs = require('fs');
const path = require('path');

const RESULTS = path.join(__dirname, '..', 'benchmark', 'results', 'latest.json');
const NAMES = { get: 'get', set: 'set', change: 'set of one changed key (`partialUpdates`)', touch: 'touch', mix80: '80 % get, 20 % set', mix50: '50 % get, 50 % set' };
const SIZES = { 300: '300 B', 4096: '4 KB', 65536: '64 KB' };

function number(value, digits = 0) {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function pair(before, now, digits) {
  const places = digits ?? (now < 10 ? 1 : 0);
  return `${number(before, before < 10 ? places : 0)} | ${number(now, places)}`;
}

function row(title, { original, 'ours-partial': partial, ours: whole }) {
  const ours = partial ?? whole;
  if (!original?.figures || !ours?.figures) return [];
  const median = (store, figure) => store.figures[figure].median;
  const [before, now] = [median(original, 'opsPerSecond'), median(ours, 'opsPerSecond')];
  const ratio = now / before;
  return [[
    title,
    `${number(before)} | ${number(now)} (${number(ratio, ratio < 10 ? 1 : 0)}x)`,
    pair(median(original, 'mainUsPerOp'), median(ours, 'mainUsPerOp')),
    pair(median(original, 'p99Ms'), median(ours, 'p99Ms'))
  ]];
}

/** @returns {string} the table and what it was measured on, as Markdown */
function asMarkdown() {
  const { takenAt, machine, versions, method, stores, apps, footprints } = JSON.parse(fs.readFileSync(RESULTS, 'utf8'));
  const rows = [
    ...stores.filter(({ rate }) => !rate).flatMap(({ operation, size, concurrency, contestants }) => {
      return row(`${NAMES[operation]}, ${SIZES[size] ?? `${size} B`}, ${concurrency} at a time`, contestants);
    }),
    ...apps.flatMap(({ framework, kind, connections, contestants }) => {
      return row(`${framework}, requests that ${kind === 'read' ? 'read' : 'save'} their session, ${connections} clients`, contestants);
    })
  ];
  const first = (id) => number(footprints[id].firstResultMs.median);
  return [
    `Medians of ${method.rounds} rounds, on ${machine.cores} cores that every store shares with MongoDB ${versions.mongod} ` +
      `and the load (${machine.cpu}, Node.js ${versions.node}, ${takenAt.slice(0, 10)}):`,
    '',
    '| | per second: original | here | main thread, µs per operation: original | here | p99, ms: original | here |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `From \`require\` to the first result it takes ${first('ours')} ms, and ${first('original')} ms with the original.`
  ].join('\n');
}

module.exports = { asMarkdown };
