#!/usr/bin/env node
'use strict';

/**
 * Writes docs/THIRD-PARTY-NOTICES.txt, the licences of what is linked into the addon: `npm run notices`. With `--check` it
 * changes nothing, needs neither cargo nor the network, and fails if Cargo.lock is not the one it was written for.
 */

const fs = require('fs');
const path = require('path');
const { ROOT, linkedCrates, lockFingerprint } = require('./crates');
const { chosen, noticeOf, textsOf } = require('./licences');

const FILE = path.join(ROOT, 'docs', 'THIRD-PARTY-NOTICES.txt');
const RULE = '-'.repeat(80);
const MARK = 'For Cargo.lock ';

/** Where a text stands for several crates, its line breaks are those of the first. */
function keyOf(body) {
  return body.replace(/[\W_]+/g, ' ').replace(/^the mit license mit |^mit license |^the mit license /i, '').toLowerCase().trim();
}

function grouped(crates) {
  const groups = new Map();
  for (const crate of crates) {
    for (const { licence, notices: lines, body } of textsOf(crate)) {
      const key = keyOf(body);
      if (!groups.has(key)) groups.set(key, { licence, body, crates: [] });
      groups.get(key).crates.push({ title: titleOf(crate), lines });
    }
  }
  return [...groups.values()].sort((a, b) => (a.licence < b.licence ? -1 : a.licence > b.licence ? 1 : b.crates.length - a.crates.length));
}

function titleOf({ name, version }) {
  return `${name} ${version}`;
}

/** @returns {string} the file's text */
function notices(crates = linkedCrates()) {
  const apache = crates.filter(({ license }) => chosen(license).includes('Apache-2.0'));
  const passedOn = apache.map((crate) => [crate, noticeOf(crate)]).filter(([, notice]) => notice !== null);
  const sections = [
    'THIRD-PARTY NOTICES\n\n' +
      'The native addon of connect-mongodb-session has the following software of others linked into it: on every platform\n' +
      'most of it, some only on one. It is used under the licences given here; of several that are offered, under one.\n\n' +
      `${MARK}${lockFingerprint()}; written by \`npm run notices\`.`,
    'Rust standard library, and what it is made of\nhttps://www.rust-lang.org; Copyright (c) The Rust Project contributors\n\n' +
      'Apache-2.0: the text is in the file LICENSE of this package.',
    `Apache-2.0: the text is in the file LICENSE of this package.\n\n${apache.map(titleOf).join('\n')}`,
    ...passedOn.map(([crate, notice]) => `NOTICE of ${titleOf(crate)}\n\n${notice}`),
    ...grouped(crates).map(({ licence, body, crates: those }) => {
      const list = those.map(({ title, lines }) => [title, ...lines.map((line) => `    ${line}`)].join('\n'));
      return `${licence}\n\n${list.join('\n')}\n\n${body}`;
    })
  ];
  return `${sections.join(`\n\n${RULE}\n`)}\n`;
}

/** @returns {boolean} whether a file is the one for a Cargo.lock */
function isFresh(text, lock) {
  return text.includes(`${MARK}${lockFingerprint(lock)};`);
}

function main(check) {
  if (!check) return fs.writeFileSync(FILE, notices());
  if (fs.existsSync(FILE) && isFresh(fs.readFileSync(FILE, 'utf8'))) return;
  console.error(`${path.basename(FILE)} is not the one for this Cargo.lock: run \`npm run notices\``);
  process.exitCode = 1;
}

if (require.main === module) main(process.argv.includes('--check'));

module.exports = { FILE, isFresh, notices };
