'use strict';

/** Every error class by its name. */

const { MongoError } = require('./base');

module.exports = {
  MongoError,
  ...require('./client'),
  ...require('./network'),
  ...require('./server'),
  ...require('./bulk')
};
