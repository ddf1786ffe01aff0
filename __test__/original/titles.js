'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Where connect-mongodb-session 5.0.0 keeps its own tests. */
const DIRECTORY = path.join(path.dirname(require.resolve('connect-mongodb-session-original')), 'test');
const FILES = ['unit.test.js', 'examples.test.js'].map(name => path.join(DIRECTORY, name));

/**
 * The full titles of the tests in a file, read from its text: they are needed before anything has run.
 *
 * @param {string} file whose `describe` and `it` calls each start a line, nested by indentation
 * @returns {string[]}
 */
function titlesOf(file) {
  const suites = [];
  const titles = [];
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const match = /^( *)(describe|it)\('((?:[^'\\]|\\.)*)'/.exec(line);
    if (match) {
      const [, indent, kind, quoted] = match;
      suites.length = indent.length / 2;
      const title = quoted.replace(/\\(.)/g, '$1');
      if (kind === 'describe') {
        suites.push(title);
      } else {
        titles.push([...suites, title].join(' '));
      }
    }
  }
  return titles;
}

module.exports = { DIRECTORY, FILES, titles: FILES.flatMap(titlesOf) };
