'use strict';

/** The README's quick start, as a program that ends: on a given MongoDB and a free port, visited twice. */

const assert = require('assert/strict');
const fs = require('fs');
const path = require('path');

const README = path.join(__dirname, '..', '..', 'README.md');
const OUTPUT = 'Views: 1 - Views: 2';

const VISITS = `
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  const first = await fetch(url);
  const headers = { cookie: first.headers.get('set-cookie').split(';')[0] };
  console.log(await first.text(), '-', await (await fetch(url, { headers })).text());
  server.closeAllConnections();
  server.close();
});`;

/** Replaces what has to be there. */
function replaced(code, from, to) {
  assert.match(code, from);
  return code.replace(from, () => to);
}

/** @returns {string} its source, as the README has it */
function quickStart() {
  const found = [...fs.readFileSync(README, 'utf8').matchAll(/```javascript\n([\s\S]*?)```/g)]
    .map(([, code]) => code)
    .filter((code) => code.includes('app.listen(3000)'));
  assert.equal(found.length, 1, 'the README has one quick start');
  return found[0];
}

/**
 * @param {string} uri of a MongoDB
 * @returns {string} source that prints {@link OUTPUT} and ends
 */
function runnable(uri) {
  return replaced(replaced(quickStart(), /mongodb:\/\/127[^']*/, uri), /app\.listen\(3000\);/, VISITS);
}

module.exports = { OUTPUT, quickStart, runnable };
