'use strict';

/** Runs every code block of the README. */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { OUTPUT, quickStart, runnable } = require('../../../tools/test-package/quick-start');
const { Page, ROOT, runExample } = require('../../support/markdown');
const { useWitness } = require('../../support/witness');

const manifest = require('../../../package.json');

const page = new Page('README.md');
const block = (text) => page.block(text);

describe('README', () => {
  const witness = useWitness('readme');

  it('quick start: the application counts views and the session is in MongoDB', async () => {
    assert.equal(block('app.listen(3000)'), quickStart());
    assert.equal(runExample(runnable(witness.uri)).trim(), OUTPUT);
    const stored = await witness.db.collection('sessions').findOne({});
    assert.equal(stored.session.views, 2);
  });

  it('TypeScript: the example compiles', () => {
    const code = block("import session from 'express-session'");
    // Inside the package, so that its development dependencies are found.
    const directory = fs.mkdtempSync(path.join(ROOT, 'node_modules', '.readme-'));
    try {
      fs.writeFileSync(path.join(directory, 'example.ts'), code);
      const compilerOptions = {
        noEmit: true,
        strict: true,
        esModuleInterop: true,
        module: 'commonjs',
        moduleResolution: 'node10',
        target: 'es2022',
        types: ['node'],
        paths: { 'connect-mongodb-session': [path.join(ROOT, 'index.d.ts')] }
      };
      fs.writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
      execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', directory], { encoding: 'utf8' });
    } catch (error) {
      assert.fail(error.stdout || error);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });

  it('install: under the name that is published, or another', () => {
    const { name, version, peerDependenciesMeta } = manifest;
    assert.deepEqual(page.commands('install connect'), [`npm install ${name}@alpha express-session`]);
    assert.deepEqual(page.commands('@npm:'), [`npm install native-sessions@npm:${name}@alpha`]);
    assert.match(version, /-alpha\.\d+$/);
    assert.equal(peerDependenciesMeta['express-session'].optional, true, 'installing one does not bring the other');
  });

  it('swap: from the original\'s version to this one', () => {
    const [, before] = /^-\s+"connect-mongodb-session": "\^(.*)"$/m.exec(block('^5.'));
    const [, after] = /^\+\s+"connect-mongodb-session": "\^(.*)"$/m.exec(block('^5.'));
    assert.equal(before, require('connect-mongodb-session-original/package.json').version);
    assert.equal(after, manifest.version);
  });

  it('development: the commands are what the gate and the test of the example run', () => {
    assert.deepEqual(page.commands('npm test'), ['npm install && npm start', 'npm install && npm test']);
    assert.equal(manifest.scripts.start, 'node examples/express');
    assert.match(fs.readFileSync(path.join(ROOT, '.ci', 'run'), 'utf8'), /^npm install\nnpm test$/m);
  });
});
