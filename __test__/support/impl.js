'use strict';

/**
 * The implementation under test. `IMPL=original` runs a suite on connect-mongodb-session 5.0.0
 * (a dev dependency), `IMPL=ours` (the default) on this package: on its sources, or as it is published in the
 * directory that PACKED names.
 */

const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');

function entriesOf(directory) {
  return { factory: path.join(directory, 'index.js'), driver: path.join(directory, 'lib', 'entries', 'driver.js') };
}

/** Module ids, resolvable from anywhere in the repository, for each implementation. */
const MODULES = {
  ours: entriesOf(process.env.PACKED || ROOT),
  original: {
    factory: require.resolve('connect-mongodb-session-original'),
    driver: require.resolve('mongodb')
  }
};

/**
 * @param {'ours'|'original'} name
 * @returns {{name: string, isOriginal: boolean, modules: {factory: string, driver: string},
 *   factory: Function, driver: object}} `factory` and `driver` are loaded on first use
 */
function load(name) {
  const modules = MODULES[name];
  if (!modules) {
    throw new Error(`IMPL is '${name}'; it can be 'ours' or 'original'`);
  }
  return {
    name,
    isOriginal: name === 'original',
    modules,
    get factory() {
      return require(modules.factory);
    },
    get driver() {
      return require(modules.driver);
    }
  };
}

module.exports = load(process.env.IMPL || 'ours');
module.exports.load = load;
module.exports.ROOT = ROOT;
