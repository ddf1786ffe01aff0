'use strict';

/** Which licence a crate is used under, and the texts that go with it. */

const fs = require('fs');
const path = require('path');

/** Of several licences to choose from, the first of these. The text of Apache-2.0 is in every package already. */
const PREFERRED = ['Apache-2.0', 'MIT', 'ISC', 'BSD-3-Clause', 'BSD-2-Clause', 'Zlib', 'Unicode-3.0', 'CDLA-Permissive-2.0'];

/** The words by which a file is recognised as the text of a licence. */
const SIGNS = {
  'Apache-2.0': /Apache License\s+Version 2\.0/, MIT: /Permission is hereby granted, free of charge/,
  ISC: /Permission to use, copy, modify, and\/or distribute/, 'BSD-3-Clause': /Neither the name|may be used to endorse/,
  'BSD-2-Clause': /Redistribution and use in source and binary forms/, Zlib: /This software is provided 'as-is'/,
  'Unicode-3.0': /UNICODE LICENSE V3/, 'CDLA-Permissive-2.0': /Community Data License Agreement/
};
const LICENCE_FILE = /^(licen[sc]e|copying)/i;
const COPYRIGHT = /^\W*(copyright\b(?! (holder|notice|owner|and permission))|\(c\)|©)/i;
const MIT_BODY = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

/**
 * @param {string} expression SPDX, as in a crate's manifest
 * @returns {string[]} the licences that all apply
 * @throws {Error} for one that nobody has looked at yet
 */
function chosen(expression) {
  return expression.split(' AND ').map((part) => {
    const offered = part.replace(/[()]/g, '').split(/ OR |\//).map((name) => name.trim());
    const choice = PREFERRED.find((name) => offered.includes(name));
    if (choice === undefined) throw new Error(`the licence ${expression} is not known to tools/notices/licences.js`);
    return choice;
  });
}

/** @returns {string[]} paths of the files in a crate that may have its licences in them */
function licenceFiles(directory) {
  return fs.readdirSync(directory).filter((name) => LICENCE_FILE.test(name)).map((name) => path.join(directory, name))
    .filter((file) => fs.statSync(file).isFile()).sort();
}

/** Takes lines of copyright out of a text, so that texts which differ in nothing else are one. */
function split(text) {
  const lines = text.replace(/\r/g, '').split('\n').map((line) => line.trimEnd());
  const notices = lines.filter((line) => COPYRIGHT.test(line) && line.length < 120).map((line) => line.trim());
  const body = lines.filter((line) => !COPYRIGHT.test(line) || line.length >= 120).join('\n').replace(/\n{3,}/g, '\n\n').trim();
  return { notices, body };
}

/**
 * @param {object} crate as `linkedCrates` gives it
 * @returns {{licence: string, notices: string[], body: string}[]} the texts to give with it; none for Apache-2.0, whose
 *   text is the same for all
 * @throws {Error} when a licence's text is not to be found
 */
function textsOf({ name, license, authors, directory }) {
  const texts = licenceFiles(directory).map((file) => fs.readFileSync(file, 'utf8'));
  const found = chosen(license).filter((licence) => licence !== 'Apache-2.0').flatMap((licence) => {
    const fitting = texts.filter((text) => SIGNS[licence].test(text));
    if (fitting.length > 0) return fitting.map((text) => ({ licence, ...split(text) }));
    if (licence === 'MIT') return [{ licence, notices: [`Copyright (c) ${authors.join(', ') || `the authors of ${name}`}`], body: MIT_BODY }];
    throw new Error(`${name}: no text of its licence ${licence}`);
  });
  return found.filter(({ body }, at) => found.findIndex((other) => other.body === body) === at);
}

/** @returns {null|string} what Apache-2.0 asks to be passed on */
function noticeOf({ directory }) {
  const name = fs.readdirSync(directory).find((file) => /^notice/i.test(file));
  return name === undefined ? null : fs.readFileSync(path.join(directory, name), 'utf8').trim();
}

module.exports = { chosen, noticeOf, split, textsOf };
