'use strict';

/** The kinds of write commands, under the Node driver's numbers. */
module.exports = Object.freeze({ INSERT: 1, UPDATE: 2, DELETE: 3 });
