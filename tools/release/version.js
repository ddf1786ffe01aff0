#!/usr/bin/env node
'use strict';

/**
 * The version to release, which CHANGELOG.md decides: the first heading, `## [VERSION] - DATE`.
 *
 *     node tools/release/version.js            checks that package.json, package-lock.json, Cargo.toml and Cargo.lock agree
 *     node tools/release/version.js --release  also that it has a date; prints version, dist-tag and notes as the
 *                                                outputs of a workflow step
 */

const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..');
const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');

/**
 * @param {string} changelog its text
 * @returns {{version: string, date: string|null, notes: string}} the newest entry; no date where it is unreleased
 * @throws {Error} when there is none, or its heading has another form
 */
function newest(changelog) {
  const [, entry] = changelog.split(/^(?=## )/m);
  const [heading, version, date] = /^## \[(\d+\.\d+\.\d+(?:-[\w.]+)?)\] - (\d{4}-\d\d-\d\d|unreleased)\n/.exec(entry ?? '') ?? [];
  if (heading === undefined) throw new Error('the first heading of CHANGELOG.md must be `## [VERSION] - DATE` or `- unreleased`');
  return { version, date: date === 'unreleased' ? null : date, notes: entry.slice(heading.length).trim() };
}

/** @returns {Record<string, string|undefined>} the version that stands in each file */
function versions() {
  return {
    'package.json': JSON.parse(read('package.json')).version,
    'package-lock.json': JSON.parse(read('package-lock.json')).version,
    'Cargo.toml': /^version = "(.*)"$/m.exec(read('Cargo.toml'))?.[1],
    'Cargo.lock': /^name = "connect-mongodb-session"\nversion = "(.*)"$/m.exec(read('Cargo.lock'))?.[1]
  };
}

/** @param {string} version @returns {string} the dist-tag: `alpha` for 6.0.0-alpha.1, `latest` for 6.0.0 */
function distTag(version) {
  return /-([a-z]+)/.exec(version)?.[1] ?? 'latest';
}

function main(release) {
  const { version, date, notes } = newest(read('CHANGELOG.md'));
  const wrong = Object.entries(versions()).filter(([, found]) => found !== version);
  if (wrong.length > 0) {
    const said = wrong.map(([file, found]) => `${file} has ${found}`).join(', ');
    throw new Error(`CHANGELOG.md speaks of ${version}, but ${said}`);
  }
  if (!release) return;
  if (date === null) throw new Error(`${version} is unreleased: give its heading in CHANGELOG.md a date`);
  console.log(`version=${version}\ntag=${distTag(version)}\nnotes<<END-OF-NOTES\n${notes}\nEND-OF-NOTES`);
}

if (require.main === module) {
  try {
    main(process.argv.includes('--release'));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

module.exports = { distTag, newest, versions };
