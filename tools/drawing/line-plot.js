'use strict';

/** Panels of lines. */

const { COLUMNS, MARGIN, PANEL, columnAt, page, text } = require('./page');

const HEIGHT = 120;
const TOP = 92;
const ROW = HEIGHT + 58;

const LIGHT = `.axis { stroke: #d1d9e0; } polyline { fill: none; stroke-width: 2; }
  .original { stroke: #8c959f; } .ours { stroke: #1a7f37; }`;
const DARK = `.axis { stroke: #3d444d; }
    .original { stroke: #9198a1; } .ours { stroke: #3fb950; }`;

function short(value) {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function panel({ title, lines }, x, top, unit) {
  const known = lines.map(({ contestant, points }) => ({ contestant, points: points.filter(([, value]) => value !== null) }));
  const most = Math.max(1, ...known.flatMap(({ points }) => points.map(([, value]) => value))) * 1.1;
  const bottom = top + 20 + HEIGHT;
  const drawn = [text(x, top + 12, title, 'class="panel"'), `<line x1="${x}" y1="${bottom}" x2="${x + PANEL}" y2="${bottom}" class="axis"/>`];
  const ends = [];
  for (const { contestant, points } of known.filter((line) => line.points.length > 0)) {
    const last = points.at(-1);
    const at = ([done, value]) => `${(x + (done / last[0]) * PANEL).toFixed(1)},${(bottom - (value / most) * HEIGHT).toFixed(1)}`;
    drawn.push(`<polyline class="${contestant}" points="${points.map(at).join(' ')}"/>`);
    drawn.push(text(x + PANEL, bottom - (last[1] / most) * HEIGHT - 4, short(last[1]), 'text-anchor="end"'));
    ends.push(`${last[0].toLocaleString('en')}`);
  }
  drawn.push(text(x, bottom + 16, `0 to ${[...new Set(ends)].join(' or ')} ${unit}`, 'class="soft" font-size="11"'));
  return drawn.join('\n');
}

/**
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.subtitle
 * @param {{label: string, contestant: string}[]} plot.legend
 * @param {{title: string, lines: {contestant: string, points: number[][]}[]}[]} plot.panels scales from zero
 * @param {string} plot.unit of the points' first number
 * @param {string} plot.note where and how
 * @returns {string} an SVG document
 */
function linePlot({ title, subtitle, legend, panels, unit, note }) {
  const height = TOP + 20 + Math.ceil(panels.length / COLUMNS) * ROW + 10;
  const key = legend.map(({ label, contestant }, n) => {
    const x = MARGIN + n * 220;
    return `<polyline class="${contestant}" points="${x},74 ${x + 18},74"/>${text(x + 24, 78, label)}`;
  });
  const drawn = panels.map((one, n) => panel(one, columnAt(n), TOP + 8 + Math.floor(n / COLUMNS) * ROW, unit));
  return page({ title, subtitle, height, light: LIGHT, dark: DARK, key: key.join('\n'), panels: drawn, note });
}

module.exports = { linePlot };
