'use strict';

/** The tables of docs/reliability.md, promises and every check, made from the last torture that was kept. */

const fs = require('fs');
const path = require('path');

const RESULTS = path.join(__dirname, '..', 'torture', 'results');
const SCENARIOS = [
  'failover', 'slow-commands', 'slow-connections', 'locked-document', 'lossy-link', 'paused-primary', 'silent-connections',
  'stopped-server', 'stopped-client', 'standalone', 'network', 'overload', 'lifecycle', 'leaks', 'memory', 'fuzz'
];

const count = (value) => value.toLocaleString('en-US');
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const megabytes = (value) => `${count(Math.round(value))} MB`;

/** Whether checks held, by the beginning of their promise; all of them if none is named. */
function held(result, ...beginnings) {
  const chosen = result.checks.filter(({ promise }) => beginnings.length === 0 || beginnings.some((beginning) => promise.startsWith(beginning)));
  if (chosen.length === 0) return 'not tested';
  const broken = chosen.filter((check) => !check.held);
  return broken.length === 0 ? 'yes' : chosen.length === 1 ? 'no' : `no, ${broken.length} of ${chosen.length} fail`;
}

function halves(samples) {
  const warm = samples.slice(Math.ceil(samples.length / 5));
  const middle = (part) => part.map(({ rssMB }) => rssMB).sort((a, b) => a - b)[part.length >> 1];
  return `${middle(warm.slice(0, warm.length >> 1)).toFixed(0)} → ${middle(warm.slice(warm.length >> 1)).toFixed(0)} MB`;
}

function recovery({ figures }) {
  return Object.entries(figures.recovery).map(([fault, { medianMs, worstMs }]) => `${fault} ${seconds(medianMs)} (${seconds(worstMs)})`).join(', ');
}

/** What the table says of a lossy link: figures of 64 callers at 1 %, so many ms apart, on so many sessions. */
function lossy({ figures: { cells } }, pauseMs, many) {
  const { perSecond, p90Ms, p99Ms } = cells.find(({ lost, callers, apartMs, sessions }) => lost === 10 && callers === 64 && apartMs === pauseMs && sessions === many);
  return `${count(Math.round(perSecond))} per second, p90 ${p90Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(0)} ms`;
}

/** A promise, the scenario, how it is tested, and what was seen of one contestant. */
const ROWS = [
  ['No acknowledged write is lost when a primary fails', 'failover', ({ options }) => `primary of three killed, stepped down and paused ${options.rounds} times each under load, \`w: majority\``,
    ({ figures }) => `${count(figures.lost)} of ${count(figures.acknowledged)} lost`],
  ['Operations during an election succeed', 'failover', () => 'the same; store API and Express', ({ figures }) => `${count(figures.failed)} of ${count(figures.operations)} failed`],
  ['Everybody is served again: median (worst)', 'failover', () => 'the same; MongoDB\'s election included', recovery],
  ['Slow commands hold up nobody else', 'slow-commands', ({ options }) => `2 finds, then updates, then deletes take ${options.slowMs / 1000} s, ${options.perSecond} operations per second arrive for ${options.forMs / 1000} s; how many took longer than 1 s`,
    ({ figures }) => ['find', 'update', 'delete'].map((name) => `${figures[name].late} of ${count(figures[name].arrived)}`).join(', ')],
  ['Slow connections hold up nobody else', 'slow-connections', ({ options }) => `one answer in three comes after ${options.lateMs / 1000} s; the same, \`get\` and \`set\``,
    ({ figures }) => ['get', 'set'].map((name) => `${figures[name].late} of ${count(figures[name].arrived)}`).join(', ')],
  ['A locked document holds up its session', 'locked-document', ({ options }) => `locked ${options.locks} times by another client; other sessions that waited, by lock`,
    ({ figures }) => `${figures.others.join(', ')} of ${figures.sessions}`],
  ['Lost packets are hardly noticed', 'lossy-link', () => '1 % lost each way, 64 callers 20 ms apart', (result) => lossy(result, 20, 1000)],
  ['Commands are shared on a lossy link, too', 'lossy-link', () => '1 % lost each way, 64 callers without a pause on 20,000 sessions; on 1,000, each written some 20 times a second',
    (result) => [20_000, 1000].map((many) => lossy(result, 0, many)).join('; ')],
  ['Connections that went silent are replaced', 'silent-connections', () => '`get` and `set` on a standalone server and a replica set, no options; the slowest',
    ({ figures }) => Object.values(figures.calls).map(({ slowestMs, errors }) => seconds(slowestMs) + (errors > 0 ? ' (an error)' : '')).join(', ')],
  ['A server that answers nothing is an error in time', 'stopped-server', () => 'no options, one to sixty operations; the slowest',
    ({ figures }) => seconds(Math.max(...Object.values(figures.calls).map(({ slowestMs }) => slowestMs)))],
  ['No write acknowledged with `journal: true` is lost', 'standalone', ({ options }) => `one server killed and restarted ${options.rounds} times under load`,
    ({ figures }) => `${count(figures.lost)} of ${count(figures.acknowledged)} lost, ${count(figures.failed)} operations failed`],
  ['A first start without MongoDB is made up for', 'standalone', () => 'MongoDB comes up later; sessions are served, the TTL index is made',
    (result) => held(result, 'sessions are served', 'the expiry index')],
  ['A full disk and missing rights reach the callback', 'standalone', () => 'a small file system; a user with the role `read`', (result) => held(result, 'a full disk', 'who may not write')],
  ['Operations end once, in bounded time, on a bad network', 'network', () => 'delays, cut and garbled answers, silence, dead addresses',
    (result) => `${held(result, 'every operation ends', 'in bounded time', 'an address')}; slowest ${seconds(result.figures.slowestMs)}, ${count(result.figures.failed)} of ${count(result.figures.operations)} failed`],
  ['The pool recovers', 'network', () => 'the same; the longest it took', ({ figures }) => seconds(Math.max(...Object.values(figures.recovery)))],
  ['Any number of operations at once', 'overload', ({ options }) => `${count(options.burst)} \`set\`, then \`get\``,
    ({ figures }) => ['set', 'get'].map((method) => `${seconds(figures[method].tookMs)}, ${megabytes(figures[method].peakMoreMB)} more`).join('; ')],
  ['Requests while MongoDB is away end with an error, then are served', 'overload', ({ options }) => `${options.waves} waves of ${count(options.wave)}`,
    (result) => held(result, 'without a server', 'memory stays bounded while', 'what waits', 'it serves again')],
  ['What is too much to keep is refused at once', 'overload', ({ options }) => `${count(options.most)} operations without a server`, (result) => held(result, 'more than can be kept')],
  ['Threads, processes and modules may end at any time', 'lifecycle', ({ options }) => `${options.workers} terminated workers; exits, exceptions, SIGTERM; cluster; module resets; two copies`,
    (result) => held(result, 'worker', 'process', 'an uncaught', 'SIGTERM', 'a cluster', 'module', 'two')],
  ['A script that is done ends by itself', 'lifecycle', () => 'one `get`, no `close`', (result) => held(result, 'a script')],
  ['Nothing leaks', 'leaks', () => 'memory, heap, threads, files and connections level; resident memory, first → second half',
    (result) => `${held(result)}: ${count(result.figures.operations)} operations ${halves(result.figures.soak)}, ${count(result.figures.stores)} stores ${halves(result.figures.opened)}`],
  ['No invalid reads, no lost memory in Rust', 'memory', ({ how }) => how, ({ figures }) => `${figures.errors} errors in ${figures.tests} tests`],
  ['Any bytes from outside are read or refused', 'fuzz', ({ options }) => `fuzzing with AddressSanitizer, at least ${options.seconds} s per target`,
    ({ figures }) => `${figures.findings} findings in ${count(figures.runs)} runs of ${figures.targets} targets`]
];

function load() {
  const results = {};
  for (const name of SCENARIOS) {
    const file = path.join(RESULTS, `${name}.json`);
    if (fs.existsSync(file)) results[name] = JSON.parse(fs.readFileSync(file, 'utf8'));
  }
  return results;
}

function measuredOn(results) {
  const days = [...new Set(Object.values(results).map(({ takenAt }) => takenAt.slice(0, 10)))].sort();
  const { machine, node } = Object.values(results)[0];
  const processors = [...new Set(Object.values(results).map((result) => result.machine.cpu))].join(' or ');
  return `${machine.cores} cores that the stores share with MongoDB and other work (${processors}, Node.js ${node}, ${[...new Set([days[0], days.at(-1)])].join(' to ')})`;
}

/** @returns {string} the table of promises, as Markdown */
function promises() {
  const results = load();
  const rows = ROWS.filter(([, scenario]) => results[scenario]).map(([promise, scenario, how, show]) => {
    const { ours, original } = results[scenario].contestants;
    return [promise, how(results[scenario]), show(ours), original ? show(original) : '–'];
  });
  return [
    `Measured on ${measuredOn(results)}:`,
    '',
    '| promise | tested by | here | original |',
    '|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`)
  ].join('\n');
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

/** @returns {string} a section with every check for each scenario, as Markdown */
function checks() {
  const results = load();
  const sections = Object.values(results).map(({ title, how, options, minutes, takenAt, machine, contestants: { ours, original } }) => {
    const names = [...new Set([...ours.checks, ...(original?.checks ?? [])].map(({ promise }) => promise.replace(/\d+ operations/, 'all operations')))];
    const find = (one, name) => one?.checks.find(({ promise }) => promise.replace(/\d+ operations/, 'all operations') === name);
    const show = (check) => (check ? `${check.held ? 'yes' : '**no**'}: ${cell(check.detail.trim())}` : '–');
    const rows = names.map((name) => `| ${cell(name)} | ${show(find(ours, name))} | ${show(find(original, name))} |`);
    const given = Object.entries(options).map(([name, value]) => [name, JSON.stringify(value)])
      .filter(([, value]) => value !== '{}').map((pair) => pair.join(' ')).join(', ');
    const took = minutes < 1.5 ? 'a minute' : `${minutes.toFixed(0)} minutes`;
    return [
      `## ${title}`,
      '',
      `Tested by: ${how}.${given ? ` Run with ${given}` : ' Run'} on ${takenAt.slice(0, 10)} (${machine.cpu}), in ${took}.`,
      '',
      '| promise | here | original |',
      '|---|---|---|',
      ...rows
    ].join('\n');
  });
  return sections.join('\n\n');
}

module.exports = { checks, promises };
