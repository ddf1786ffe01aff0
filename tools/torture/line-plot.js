'use strict';

/** Panels of lines as SVG, readable on light and dark pages. */

const WIDTH = 960;
const MARGIN = 24;
const COLUMNS = 3;
const GAP = 28;
const PANEL = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS;
const HEIGHT = 120;
const TOP = 92;
const ROW = HEIGHT + 58;

const STYLE = `
  svg { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  .page { fill: #ffffff; stroke: #d1d9e0; } text { fill: #1f2328; } .soft { fill: #59636e; } .axis { stroke: #d1d9e0; }
  .title { font-size: 17px; font-weight: 600; } .panel { font-weight: 600; } polyline { fill: none; stroke-width: 2; }
  .original { stroke: #8c959f; } .ours { stroke: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d; } text { fill: #f0f6fc; } .soft { fill: #9198a1; } .axis { stroke: #3d444d; }
    .original { stroke: #9198a1; } .ours { stroke: #3fb950; }
  }`;

function escape(content) {
  return String(content).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escape(content)}</text>`;
}

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
  const drawn = panels.map((one, n) => panel(one, MARGIN + (n % COLUMNS) * (PANEL + GAP), TOP + 8 + Math.floor(n / COLUMNS) * ROW, unit));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">
<style>${STYLE}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6" class="page"/>
${text(MARGIN, 38, title, 'class="title"')}
${text(MARGIN, 58, subtitle, 'class="soft"')}
${key.join('\n')}
${drawn.join('\n')}
${text(MARGIN, height - 12, note, 'class="soft" font-size="11"')}
</svg>
`;
}

module.exports = { linePlot };
