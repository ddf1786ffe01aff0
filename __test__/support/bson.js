'use strict';

/**
 * The `bson` package that a test run is about, here, in the codec and in the original: version 6, or the one that the
 * environment variable `BSON_MAJOR` names. It comes with the driver of that version.
 */

const Module = require('node:module');
const { useDriverOf } = require('../../lib/codec/bson');

const DRIVERS = { 5: 'mongodb5', 6: 'mongodb', 7: 'mongodb7' };
const { BSON_MAJOR = '6' } = process.env;

const { BSON, MongoClient } = require(DRIVERS[BSON_MAJOR]);
useDriverOf(new MongoClient('mongodb://127.0.0.1'));

const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveFilename(request, parent, ...rest) {
  const isOriginals = request === 'mongodb' && parent?.filename?.includes('connect-mongodb-session-original');
  return resolve.call(this, isOriginals ? DRIVERS[BSON_MAJOR] : request, parent, ...rest);
};

module.exports = { ...BSON, MAJOR: Number(BSON_MAJOR) };
