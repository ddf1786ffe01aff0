'use strict';

/** Results as drawings: which figures go where. */

const { barPlot } = require('../drawing/bar-plot');
const { MEMORY } = require('./app');
const { CONTESTANTS } = require('./contestants');
const { machineLine, short } = require('./report');
const { describeSize } = require('./stores');

const SHORT = { get: 'get', set: 'set', change: 'one key changed', touch: 'touch', mix80: 'mix 80/20', mix50: 'mix 50/50' };
const MOST_PANELS = 15;

/** A contestant has the same colour in every drawing, whoever else is in it. */
const COLORS = new Map(CONTESTANTS.map(({ id }, number) => [id, `c${number}`]));
COLORS.set(MEMORY.id, 'c6');

function panelTitle({ operation, size, concurrency, rate, delayMs }) {
  const load = rate ? `${short(rate)}/s arriving` : `${concurrency} at a time`;
  return `${SHORT[operation]}, ${describeSize(size)}, ${load}${delayMs > 0 ? `, +${delayMs} ms` : ''}`;
}

/** Bars of one figure; `better` is +1 where more is better. The ratio is to the original. */
function bars(contestants, figure, unit) {
  const reference = contestants.original?.figures?.[figure]?.median;
  return Object.entries(contestants).map(([id, { figures, absent }]) => {
    const value = figures?.[figure]?.median ?? null;
    const times = value !== null && reference && id !== 'original' ? ` · ${(value / reference).toFixed(2)}x` : '';
    const label = absent ? 'has none' : value === null ? 'not measured' : `${short(value)}${unit}${times}`;
    return { value, label, color: COLORS.get(id) };
  });
}

function legendOf(results, contestants) {
  const labels = Object.fromEntries(results.contestants.map(({ id, label }) => [id, label]));
  return Object.entries(contestants).map(([id, { label }]) => ({ label: label ?? labels[id], color: COLORS.get(id) }));
}

/** What is left out is said. */
function shownOf(measured) {
  const shown = measured.slice(0, MOST_PANELS);
  return { shown, more: shown.length < measured.length ? ` The first ${shown.length} of ${measured.length} measurements.` : '' };
}

function storePlot(results, chosen, { title, subtitle, figure, unit }) {
  const { shown, more } = shownOf(chosen);
  return barPlot({
    title,
    subtitle: `${subtitle} Ratios to connect-mongodb-session 5; ${results.topology}.${more}`,
    legend: legendOf(results, Object.assign({}, ...shown.map((one) => one.contestants))),
    panels: shown.map((one) => ({ title: panelTitle(one), bars: bars(one.contestants, figure, unit) })),
    note: machineLine(results)
  });
}

function appPlot(results) {
  const { shown, more } = shownOf(results.apps);
  return barPlot({
    title: 'Express and express-session: requests per second',
    subtitle: `More is better. Ratios to connect-mongodb-session 5; clients, app and MongoDB share the cores.${more}`,
    legend: legendOf(results, Object.assign({}, ...shown.map((one) => one.contestants))),
    panels: shown.map((app) => ({
      title: `${app.framework}, ${app.kind}, ${short(app.bytes)} B`,
      bars: bars(app.contestants, 'opsPerSecond', '')
    })),
    note: machineLine(results)
  });
}

function footprintPlot(results) {
  const entries = Object.entries(results.footprints);
  const asBars = (read, unit) => entries.map(([id, footprint]) => {
    const value = read(footprint);
    return { value, label: `${short(value)}${unit}`, color: COLORS.get(id) };
  });
  return barPlot({
    title: 'What a store costs before it does anything',
    subtitle: 'Less is better.',
    legend: legendOf(results, Object.fromEntries(entries.map(([id]) => [id, {}]))),
    panels: [
      { title: 'require to first result', bars: asBars(({ firstResultMs }) => firstResultMs.median, ' ms') },
      { title: 'memory over a bare process', bars: asBars(({ idleMB }) => Math.max(0, idleMB.median), ' MB') },
      { title: 'installed size', bars: asBars(({ installed }) => installed.bytes / 1e6, ' MB') }
    ],
    note: machineLine(results)
  });
}

/**
 * @param {object} results of `run`
 * @returns {Object<string, string>} SVG documents by file name; only those there are figures for
 */
function plots(results) {
  const { stores, apps, footprints } = results;
  const closed = stores.filter(({ rate }) => !rate);
  const drawn = {};
  if (closed.length > 0) {
    drawn['bench-throughput.svg'] = storePlot(results, closed, {
      title: 'Operations per second',
      subtitle: 'More is better.',
      figure: 'opsPerSecond',
      unit: ''
    });
    // Without open loops: the timers that make arrivals cost more than this does.
    drawn['bench-main-thread.svg'] = storePlot(results, closed, {
      title: 'Main-thread CPU per operation',
      subtitle: 'Less is better: what is left is the application\'s.',
      figure: 'mainUsPerOp',
      unit: ' us'
    });
  }
  if (stores.length > 0) {
    drawn['bench-latency.svg'] = storePlot(results, stores, {
      title: '99 of 100 operations are done within',
      subtitle: 'Less is better.',
      figure: 'p99Ms',
      unit: ' ms'
    });
  }
  if (apps.length > 0) drawn['bench-apps.svg'] = appPlot(results);
  if (Object.keys(footprints).length > 0) drawn['bench-footprint.svg'] = footprintPlot(results);
  return drawn;
}

module.exports = { plots };
