'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

const LOCK = path.join(__dirname, '..', '..', 'package-lock.json');

/** Where Node would find a package from a place in the lock file; undefined where it is not locked. */
function locate(packages, name, from) {
  for (let place = from; ; place = place.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const candidate = `${place ? `${place}/` : ''}node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (place === '') return undefined;
  }
}

/** What the packages of a lock file need, also on other systems, and it does not have: `npm ci` refuses such a file. */
function missing({ packages }) {
  return Object.entries(packages).flatMap(([place, entry]) => {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = entry;
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional);
    return [...peers, ...Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })]
      .filter((name) => locate(packages, name, place) === undefined)
      .map((name) => `${name}, which ${place || 'this package'} needs`);
  });
}

describe('the lock file', () => {
  const text = fs.readFileSync(LOCK, 'utf8');

  it('is one that `npm ci` takes on every system: it has the optional packages of all', () => {
    assert.deepEqual(missing(JSON.parse(text)), []);
  });

  it('would be refused without a package of another system', () => {
    const lock = JSON.parse(text);
    const foreign = Object.keys(lock.packages).find((place) => lock.packages[place].os?.[0] === 'win32');
    delete lock.packages[foreign];
    assert.equal(missing(lock).length, 1);
    assert.match(missing(lock)[0], new RegExp(`^${foreign.replace('node_modules/', '')}, which `));
  });

  it('has what this package needs in the versions of package.json', () => {
    const manifest = require('../../package.json');
    const root = JSON.parse(text).packages[''];
    for (const key of ['version', 'dependencies', 'devDependencies', 'peerDependencies']) assert.deepEqual(root[key], manifest[key], key);
  });

  it('asks no particular registry', () => {
    assert.doesNotMatch(text, /"resolved"/);
  });
});
