'use strict';

/**
 * The corpus of one fuzz target as one text file: a line an input, its name and its bytes in base64, by name.
 * Inputs that people name say what they are; libFuzzer names the others by their hash.
 */

const fs = require('fs');
const path = require('path');

/**
 * Lays an archive out as libFuzzer wants it: a file an input.
 *
 * @param {string} archive the file
 * @param {string} folder is emptied first
 */
function unpack(archive, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const line of fs.readFileSync(archive, 'utf8').split('\n').filter(Boolean)) {
    const [name, bytes] = line.split(' ');
    fs.writeFileSync(path.join(folder, name), Buffer.from(bytes, 'base64'));
  }
}

/**
 * Writes the files of a folder as an archive.
 *
 * @param {string} folder
 * @param {string} archive the file
 */
function pack(folder, archive) {
  const line = (name) => `${name} ${fs.readFileSync(path.join(folder, name)).toString('base64')}\n`;
  fs.writeFileSync(archive, fs.readdirSync(folder).sort().map(line).join(''));
}

module.exports = { pack, unpack };
