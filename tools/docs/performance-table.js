'use strict';

/** The README's table of figures: a few of those on docs/performance.md, beside the original's. */

const fs = require('fs');
const path = require('path');
const { installed } = require('./size-table');

const RESULTS = path.join(__dirname, '..', 'benchmark', 'results', 'latest.json');
const NAMES = { get: 'get', set: 'set', mix80: '80 % get, 20 % set' };
const SIZES = { 300: '300 B', 4096: '4 KB' };

/** Operation, bytes of a session, and how many are under way at a time. */
const SHOWN = [
  ['mix80', 300, 1], ['get', 300, 64], ['set', 300, 64], ['mix80', 300, 64], ['get', 4096, 64], ['set', 4096, 64], ['mix80', 4096, 64]
];

function number(value, digits = 0) {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Numbers under ten with one digit after the point, which is what they differ in. */
const short = (value) => number(value, value < 10 ? 1 : 0);

function row(title, { original, ours }) {
  if (!original?.figures || !ours?.figures) return [];
  const median = ({ figures }, figure) => figures[figure].median;
  const pair = (figure) => `${short(median(original, figure))} | ${short(median(ours, figure))}`;
  const [before, now] = [median(original, 'opsPerSecond'), median(ours, 'opsPerSecond')];
  return [`| ${title} | ${number(before)} | ${number(now)} (${short(now / before)}x) | ${pair('mainUsPerOp')} | ${pair('p99Ms')} |`];
}

const load = () => JSON.parse(fs.readFileSync(RESULTS, 'utf8'));

/** @returns {string} a sentence on the time from `require` to the first result */
function start() {
  const { footprints } = load();
  const first = (id) => number(footprints[id].firstResultMs.median);
  return `From \`require\` to the first result it takes ${first('ours')} ms (original: ${first('original')} ms).`;
}

/** @returns {string} the table, and what it was measured on, as Markdown */
function asMarkdown() {
  const { takenAt, machine, versions, method, stores, apps } = load();
  const rows = [
    ...SHOWN.flatMap(([operation, size, concurrency]) => {
      const one = stores.find((each) => each.operation === operation && each.size === size && each.concurrency === concurrency);
      return one ? row(`${NAMES[operation]}, ${SIZES[size]}, ${concurrency} at a time`, one.contestants) : [];
    }),
    ...apps.flatMap(({ framework, kind, connections, contestants }) => {
      return row(`${framework}, ${kind === 'read' ? 'reading' : 'saving'}, ${connections} clients`, contestants);
    })
  ];
  const { ours, original } = installed();
  return [
    `Medians of ${method.rounds} rounds of \`npm run bench\`, on ${machine.cores} cores that each store shares with MongoDB ${versions.mongod} ` +
      `and the load (${machine.cpu}, Node.js ${versions.node}, ${takenAt.slice(0, 10)}):`,
    '',
    '| | per second: original | here | main thread, µs each: original | here | p99, ms: original | here |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    `${start()} Installed, with all that it needs, it takes ${ours} (original: ${original}).`
  ].join('\n');
}

module.exports = { asMarkdown, start };
