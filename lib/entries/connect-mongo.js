'use strict';

require('../codec/requirer').requiredBy(module.parent);

const { MongoStore, createKrupteinAdapter, createWebCryptoAdapter } = require('../connect-mongo');

/** connect-mongo's door: its API on this package's store. The class itself, as versions 4 and 5 export it. */
module.exports = MongoStore;

/** As version 6 exports it. */
module.exports.MongoStore = MongoStore;
module.exports.default = MongoStore;
module.exports.createKrupteinAdapter = createKrupteinAdapter;
module.exports.createWebCryptoAdapter = createWebCryptoAdapter;
