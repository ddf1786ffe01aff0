'use strict';

/** Property tests draw their values by `TEST_SEED`, where it is set: two runs with the same one try the same. */

if (process.env.TEST_SEED) require('fast-check').configureGlobal({ seed: Number(process.env.TEST_SEED) });
