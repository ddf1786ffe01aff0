'use strict';

/** Panels of horizontal bars. */

const { COLUMNS, MARGIN, PANEL, WIDTH, columnAt, page, text } = require('./page');

const BAR = 14;
const ROW = 24;
const TITLE = 24;
const LEGEND = 20;
const VALUE = 108;

const LIGHT = `.track { fill: #f0f3f6; }
  .c0 { fill: #8c959f; } .c1 { fill: #d4a72c; } .c2 { fill: #e2c56a; } .c3 { fill: #6ea8d8; } .c4 { fill: #1a7f37; } .c5 { fill: #82509e; } .c6 { fill: #57606a; } .c7 { fill: #4ac26b; }`;
const DARK = `.track { fill: #1c222a; }
    .c0 { fill: #6e7681; } .c1 { fill: #bb8009; } .c2 { fill: #8f6a1c; } .c3 { fill: #388bfd; } .c4 { fill: #3fb950; } .c5 { fill: #a371f7; } .c6 { fill: #b1bac4; } .c7 { fill: #7ee787; }`;

function rect(x, y, width, height, className) {
  return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height}" rx="2" class="${className}"/>`;
}

function legend(entries, top) {
  let x = MARGIN;
  let y = top;
  const drawn = entries.map(({ label, color }) => {
    const width = 30 + label.length * 6.3;
    if (x + width > WIDTH - MARGIN) {
      x = MARGIN;
      y += LEGEND;
    }
    const entry = rect(x, y - 10, 12, 12, color) + text(x + 18, y, label);
    x += width + 6;
    return entry;
  });
  return { drawn: drawn.join('\n'), bottom: y };
}

function panel({ title, bars }, x, top) {
  const most = Math.max(...bars.map(({ value }) => value ?? 0)) || 1;
  const room = PANEL - VALUE;
  const drawn = [text(x, top + 12, title, 'class="panel"')];
  bars.forEach(({ value, label, color }, row) => {
    const y = top + TITLE + row * ROW;
    drawn.push(rect(x, y, room, BAR, 'track'));
    if (value !== null) drawn.push(rect(x, y, Math.max(1.5, (value / most) * room), BAR, color));
    drawn.push(text(x + room + 8, y + 11, label));
  });
  return drawn.join('\n');
}

/**
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.subtitle says what is better
 * @param {{label: string, color: string}[]} plot.legend
 * @param {{title: string, bars: {value: number|null, label: string, color: string}[]}[]} plot.panels bars in the
 *   legend's order; each panel has a scale of its own, from zero
 * @param {string} plot.note where and how
 * @returns {string} an SVG document
 */
function barPlot({ title, subtitle, legend: entries, panels, note }) {
  const key = legend(entries, MARGIN + 62);
  const drawn = [];
  let top = key.bottom + 26;
  for (let first = 0; first < panels.length; first += COLUMNS) {
    const row = panels.slice(first, first + COLUMNS);
    row.forEach((one, column) => drawn.push(panel(one, columnAt(column), top)));
    top += TITLE + Math.max(...row.map(({ bars }) => bars.length)) * ROW + 18;
  }
  return page({ title, subtitle, height: top + 14, light: LIGHT, dark: DARK, key: key.drawn, panels: drawn, note });
}

module.exports = { barPlot };
