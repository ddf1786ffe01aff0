'use strict';

/**
 * Required by the mocha process that runs the original's tests. Has their `require` calls answered by
 * the implementation under test, and puts a MongoDB where they look for one.
 */

const Module = require('node:module');
const path = require('node:path');
const impl = require('../support/impl');
const { Relay } = require('../support/relay');
const { DIRECTORY } = require('./titles');

const REDIRECTED = new Map([
  ['../', impl.modules.factory],
  ['connect-mongodb-session', impl.modules.factory],
  ['mongodb', impl.modules.driver]
]);

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function(request, parent, ...rest) {
  const ofTheTests = parent && parent.filename && path.dirname(parent.filename) === DIRECTORY;
  return ofTheTests && REDIRECTED.get(request) || resolveFilename.call(this, request, parent, ...rest);
};

/** The tests have this address written in them. */
const ADDRESS = { host: '127.0.0.1', port: 27017 };

let relay;

exports.mochaGlobalSetup = async function() {
  const target = process.env.RELAY_TO;
  if (target) {
    relay = await new Relay(JSON.parse(target), ADDRESS).open();
  }
};

exports.mochaGlobalTeardown = async function() {
  if (relay) {
    await relay.cut();
  }
};
