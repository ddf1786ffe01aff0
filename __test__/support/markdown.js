'use strict';

/** The code blocks of the documentation. Each that a test asks for counts as tested. */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const ELSEWHERE = new Set(['node_modules', 'target', '.git', 'results', 'dist', '.next']);

/** @type {Map<string, Block[]>} */
const read = new Map();

/**
 * @typedef {object} Block
 * @property {string} language what stands after the fence, or the empty text
 * @property {string} code
 * @property {number} line
 * @property {boolean} tested
 */

/**
 * @param {string} file relative to the repository
 * @returns {Block[]} its fenced blocks in order; the same objects each time
 */
function blocksOf(file) {
  if (!read.has(file)) {
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
    read.set(file, [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```/gm)].map(({ 2: language, 3: code, index }) => ({
      language,
      code,
      line: text.slice(0, index).split('\n').length,
      tested: false
    })));
  }
  return read.get(file);
}

/** The blocks of one document, for its tests. */
class Page {
  /** @param {string} file relative to the repository */
  constructor(file) {
    this.file = file;
  }

  /**
   * @param {string} text something that only one block has in it
   * @returns {string} that block's code
   */
  block(text) {
    const found = blocksOf(this.file).filter(({ code }) => code.includes(text));
    assert.equal(found.length, 1, `${this.file} has ${found.length} blocks with ${text}`);
    found[0].tested = true;
    return found[0].code;
  }

  /**
   * @param {string} text something that only one block has in it
   * @returns {string[]} that block's shell commands, without comments
   */
  commands(text) {
    return this.block(text).split('\n').map((line) => line.replace(/(^|\s+)#.*/, '').trim()).filter(Boolean);
  }
}

/** @returns {string[]} every Markdown file of the repository */
function documents(folder = '') {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !ELSEWHERE.has(name))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return documents(file);
      return entry.name.endsWith('.md') ? [file] : [];
    });
}

/** @returns {string[]} the blocks that no test asked for, as `file:line` */
function untested() {
  return documents().flatMap((file) => blocksOf(file).filter(({ tested }) => !tested).map(({ line }) => `${file}:${line}`));
}

/**
 * Runs an example in a process of its own, as an application that has this package would.
 *
 * @param {string} code
 * @returns {string} what it prints
 */
function runExample(code) {
  const directory = fs.mkdtempSync(path.join(ROOT, 'node_modules', '.readme-'));
  try {
    const file = path.join(directory, 'example.js');
    fs.writeFileSync(file, code.replaceAll("require('connect-mongodb-session')", `require(${JSON.stringify(ROOT)})`));
    return execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 90_000 });
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

module.exports = { Page, ROOT, documents, runExample, untested };
