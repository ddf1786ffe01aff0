'use strict';

require('../codec/requirer').requiredBy(module.parent);

/** The driver facade behind `store.client`, `store.db` and `store.collection`. */
module.exports = require('../driver');
