'use strict';

/** Results as text for a terminal. */

const { describeScenario, describeSize } = require('./stores');

const MISSING = '–';

/** About three digits, with thousands separated. */
function short(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return MISSING;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function median(figure) {
  return figure?.median ?? null;
}

/** How far the rounds are apart, as a share of their median. */
function spread(figure) {
  return figure?.median ? `±${(((figure.max - figure.min) / 2 / figure.median) * 100).toFixed(0)} %` : MISSING;
}

function ratio(value, reference) {
  return value && reference ? `${(value / reference).toFixed(2)}x` : MISSING;
}

/** Columns as wide as they must be: the first to the left, the others to the right. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ').trimEnd())
    .map((line) => `  ${line}`)
    .join('\n');
}

const HEADINGS = ['per s', 'ratio', 'spread', 'p50 ms', 'p99 ms', 'p99.9 ms', 'main us', 'process us', 'server us', 'loop p99 ms', 'RSS MB'];

function figureCells(figures, reference) {
  const { opsPerSecond: ops } = figures;
  return [
    short(median(ops)), ratio(median(ops), reference), spread(ops),
    ...['p50Ms', 'p99Ms', 'p999Ms', 'mainUsPerOp', 'processUsPerOp', 'serverUsPerOp', 'loopDelayP99Ms', 'rssMB']
      .map((name) => short(median(figures[name])))
  ];
}

/** One block: a title and a line for each contestant. Absent ones are listed as such. */
function block(title, contestants, labels) {
  const measured = Object.values(contestants).filter(({ figures }) => figures);
  const reference = median((contestants.original ?? measured[0])?.figures?.opsPerSecond);
  const rows = [['', ...HEADINGS]];
  const absent = [];
  for (const [id, result] of Object.entries(contestants)) {
    const label = result.label ?? labels[id];
    if (result.absent) absent.push(`  ${label}: ${result.absent}`);
    else rows.push([label, ...figureCells(result.figures, reference)]);
    if (result.dropped > 0) absent.push(`  ${label} did not keep up: ${result.dropped} of its arrivals were dropped`);
  }
  return [title, table(rows), ...absent].join('\n');
}

const LIMITS = { unbatched: 'one operation in a message', batched: 'batched' };

/** What the server does for a program that only sends prebuilt messages, and how much of it each store reaches. */
function limitLines({ contestants, limits }, labels) {
  return Object.entries(limits ?? {}).map(([name, figures]) => {
    const limit = median(figures.opsPerSecond);
    const shares = Object.entries(contestants)
      .filter(([, { figures: measured }]) => measured)
      .map(([id, { figures: measured }]) => `${labels[id]} ${((median(measured.opsPerSecond) / limit) * 100).toFixed(0)} %`);
    return `  wire limit, ${LIMITS[name]}: ${short(limit)} per s (${spread(figures.opsPerSecond)}), server ${short(median(figures.serverUsPerOp))} us; ` +
      `of that: ${shares.join(', ')}`;
  });
}

function storeBlocks({ stores }, labels) {
  return stores.map((result) => {
    const delay = result.delayMs > 0 ? `, ${result.delayMs} ms of added network delay` : '';
    const title = `${describeScenario(result)} · ${describeSize(result.size)} (${short(result.bytes)} B of BSON), ` +
      `${result.sids.toLocaleString('en')} sessions · ${result.topology}${delay}`;
    return [block(title, result.contestants, labels), ...limitLines(result, labels)].join('\n');
  });
}

function appBlocks({ apps }, labels) {
  const does = { read: 'requests that read their session', save: 'requests that change and save their session' };
  return apps.map((app) => {
    const title = `${app.framework} and express-session, ${does[app.kind]} · ${short(app.bytes)} B, ` +
      `${app.connections} connections, ${app.visitors.toLocaleString('en')} visitors · ${app.topology}`;
    return block(title, app.contestants, labels);
  });
}

function footprintBlock({ footprints }, labels) {
  const entries = Object.entries(footprints);
  if (entries.length === 0) return [];
  const rows = [['', 'first result ms', 'spread', 'memory MB', 'after reads MB', 'installed MB', 'packages']];
  for (const [id, { firstResultMs, idleMB, usedMB, installed }] of entries) {
    rows.push([
      labels[id], short(median(firstResultMs)), spread(firstResultMs), short(median(idleMB)), short(median(usedMB)),
      short(installed.bytes / 1e6), String(installed.packages)
    ]);
  }
  const title = 'From `require` to the first result in a fresh process · resident memory over a bare process, connected and after 2,000 reads · disk space';
  return [[title, table(rows)].join('\n')];
}

/** @returns {string} one line: where and on what */
function machineLine({ machine, versions, takenAt }) {
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB.toFixed(0)} GB, ${machine.system}; ` +
    `Node ${versions.node}, MongoDB ${versions.mongod}; ${takenAt.slice(0, 10)}`;
}

/** What the numbers are and are not, in sentences. */
function methodLines({ contestants, machine, method }) {
  const pool = method.pool ? `Every pool has a maxPoolSize of ${method.pool}` : 'Every pool has its default maxPoolSize, 100';
  return [
    `Compared: ${contestants.map(({ label, version }) => (version ? `${label} (${version})` : label)).join('; ')}.`,
    `Medians of ${method.rounds} round${method.rounds > 1 ? 's' : ''} of ${method.measureMs / 1000} s (apps: ${method.appMeasureMs / 1000} s) after ` +
      `${method.warmupMs / 1000} s of warm-up; "spread" is half the distance of the slowest and the fastest round. ` +
      'One process per store; in each round every store has its turn, and each round starts with another one.',
    `The ${machine.cores} cores are shared by the store's process, mongod, and where there are any the clients or the relay: ` +
      'what a store does not spend there, the others get.',
    `${pool}; every store has its own defaults otherwise.`,
    'All answers are checked, and after each round the number of stored sessions and a sample of them, directly on the server.',
    `"main us" and "process us": CPU per operation of the store's main thread (${method.mainThread}) and of its whole process; ` +
      '"server us": CPU of all mongod processes. "loop p99 ms": delay of the event loop. In apps they are those of the app, per request; ' +
      'latencies are those its clients see.',
    `The load generator is in the store's process; by itself it takes ${short(method.generator.get)} us of the main thread for a get ` +
      `and ${short(method.generator.set)} us for a set, 64 at a time; all figures include it. Arrivals of an open loop come by a timer of ` +
      'a millisecond, which costs each operation more the fewer there are.',
    'The wire limit is a Rust program that sends prebuilt messages on the same machine, one operation each on as many connections as ' +
      'there are callers, or batched on two; it makes no sessions of what it reads.',
    'Added network delay comes from a relay process, which adds some 0.3 ms more to each round trip and takes its share of the cores.',
    '`touch` of connect-mongo moves the expiry alone; the other ones also store the new cookie. connect-mongodb-session 5 has none, ' +
      'so that apps with it write nothing when a session is only read, and their sessions expire earlier.'
  ];
}

/**
 * @param {object} results of `run`
 * @returns {string}
 */
function report(results) {
  const labels = Object.fromEntries(results.contestants.map(({ id, label }) => [id, label]));
  return [
    machineLine(results),
    ...storeBlocks(results, labels),
    ...appBlocks(results, labels),
    ...footprintBlock(results, labels),
    methodLines(results).map((line) => `- ${line}`).join('\n')
  ].join('\n\n');
}

module.exports = { machineLine, report, short };
