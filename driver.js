'use strict';

/** The driver facade behind `store.client`, `store.db` and `store.collection`. */
module.exports = require('./lib/driver');
