'use strict';

/**
 * Runs every code block of the documentation. `pages/` has a file for each document; a block that none of them
 * asks for fails here.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, documents, untested } = require('../support/markdown');

const PAGES = path.join(__dirname, 'pages');

describe('documentation', function() {
  this.timeout(300_000);
  this.slow(10000);

  for (const page of fs.readdirSync(PAGES)) require(path.join(PAGES, page));

  // Last: the tests above have asked for the blocks that they run.
  describe('as a whole', () => {
    it('has no code block without a test', () => {
      assert.deepEqual(untested(), []);
    });

    it('links to files that are there', () => {
      const links = documents().flatMap((document) => {
        const text = fs.readFileSync(path.join(ROOT, document), 'utf8');
        return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, file]) => ({ document, file }));
      });
      assert.ok(links.length > 10);
      const broken = links.filter(({ document, file }) => !fs.existsSync(path.join(ROOT, path.dirname(document), file)));
      assert.deepEqual(broken, []);
    });

    it('links to headings that are there', () => {
      for (const document of documents()) {
        const text = fs.readFileSync(path.join(ROOT, document), 'utf8');
        for (const [, file, wanted] of text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)]+)\)/g)) {
          const target = file === '' ? document : path.posix.join(path.posix.dirname(document), file);
          assert.ok(anchors(target).includes(wanted), `${document}: ${target} has no heading for #${wanted}`);
        }
      }
    });
  });
});

/** @returns {string[]} what can be linked to in a document */
function anchors(document) {
  return [...fs.readFileSync(path.join(ROOT, document), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading));
}

/** As GitHub makes them. */
function anchor(heading) {
  return heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-');
}
