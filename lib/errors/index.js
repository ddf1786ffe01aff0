'use strict';

/** The errors that applications see. */

module.exports = { ...require('./classes'), ...require('./from-native') };
