'use strict';

/** The page of connection options, made from the table that decides what becomes of each. */

const { LEGACY } = require('../../lib/connection/legacy');
const { SECTIONS } = require('../../lib/connection/table');

const INTRODUCTION = `# Connection options

What may stand in \`uri\` and in \`connectionOptions\`: the options of the Node.js driver 6, and what becomes of
them here. Names in the URI have no case; \`connectionOptions\` win over the URI. An option that is in none of
these tables is refused with \`MongoParseError: option … is not supported\`.

Which certificates are accepted is told in [tls.md](tls.md).

This page is generated from the table in \`lib/connection/table.js\`.
`;

function cell(text) {
  return String(text ?? '').replaceAll('|', '\\|');
}

function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n') + '\n';
}

function meaning({ description, note }) {
  return note === undefined ? description : `${description}; ${note}`;
}

function section([title, options]) {
  const by = (...uses) => Object.entries(options).filter(([, { use }]) => uses.includes(use));
  const used = by('mapped', 'converted').map(([name, option]) => [
    `\`${name}\``,
    option.unit === undefined ? option.type : `${option.type}, ${option.unit}`,
    option.fallback === undefined ? '' : `\`${option.fallback}\``,
    meaning(option)
  ]);
  const ignored = by('ignored').map(([name, { note }]) => [`\`${name}\``, note]);
  const refused = by('refused').map(([name, { note }]) => [`\`${name}\``, note]);
  return [
    `## ${title}\n`,
    table(['option', 'type', 'default', 'meaning'], used),
    table(['accepted, without effect', 'because'], ignored),
    table(['refused', 'what to do'], refused)
  ].filter(Boolean).join('\n');
}

/** @returns {string} the page, as Markdown */
function asMarkdown() {
  const legacy = Object.entries(LEGACY).map(([old, { name }]) => [`\`${old}\``, `\`${name}\``]);
  return [
    INTRODUCTION,
    ...Object.entries(SECTIONS).map(section),
    '## Earlier names\n',
    table(['earlier (any case)', 'today'], legacy)
  ].join('\n');
}

module.exports = { asMarkdown };
