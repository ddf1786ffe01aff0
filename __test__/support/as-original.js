'use strict';

/** Required before a suite, this runs it on the original. */
process.env.IMPL = 'original';
