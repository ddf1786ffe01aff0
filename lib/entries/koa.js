'use strict';

const { requiredBy } = require('../codec/requirer');
const { createKoaStoreClass } = require('../store/koa');

requiredBy(module.parent);

/** A store for `koa-session` and `koa-generic-session`: `require('connect-mongodb-session/koa')(options)`. */
module.exports = createKoaStoreClass();
