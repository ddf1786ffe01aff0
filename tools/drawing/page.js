'use strict';

/**
 * A page as SVG with a title, a legend, panels in columns and a note. It brings its own background and follows the reader's
 * colour scheme, so that it is readable on light and dark pages.
 */

const WIDTH = 960;
const MARGIN = 24;
const COLUMNS = 3;
const GAP = 28;
const PANEL = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS;

function escape(content) {
  return String(content).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escape(content)}</text>`;
}

/** @returns {number} where a panel begins, from the left */
function columnAt(number) {
  return MARGIN + (number % COLUMNS) * (PANEL + GAP);
}

/**
 * @param {object} page
 * @param {string} page.title
 * @param {string} page.subtitle
 * @param {number} page.height
 * @param {string} page.light CSS of what is drawn
 * @param {string} page.dark what of it is different on dark pages
 * @param {string} page.key the legend, drawn
 * @param {string[]} page.panels drawn
 * @param {string} page.note where and how
 * @returns {string} an SVG document
 */
function page({ title, subtitle, height, light, dark, key, panels, note }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">
<style>
  svg { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  .page { fill: #ffffff; stroke: #d1d9e0; } text { fill: #1f2328; } .soft { fill: #59636e; }
  .title { font-size: 17px; font-weight: 600; } .panel { font-weight: 600; }
  ${light}
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d; } text { fill: #f0f6fc; } .soft { fill: #9198a1; }
    ${dark}
  }
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6" class="page"/>
${text(MARGIN, MARGIN + 14, title, 'class="title"')}
${text(MARGIN, MARGIN + 36, subtitle, 'class="soft"')}
${key}
${panels.join('\n')}
${text(MARGIN, height - 14, note, 'class="soft" font-size="11"')}
</svg>
`;
}

module.exports = { COLUMNS, MARGIN, PANEL, WIDTH, columnAt, page, text };
