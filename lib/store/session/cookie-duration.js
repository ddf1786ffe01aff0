'use strict';

const { warnOnce } = require('../warnings');

/** Nobody means an earlier date by a number: as a duration it would be 30 years. */
const EARLIEST_MS = Date.UTC(2000, 0);

/**
 * Warns, once in a process, about a session whose `cookie.expires` is a duration: as a date it is long past, and the
 * session is gone at once.
 *
 * @param {*} expires as the application gave it
 * @param {number} time what it is as a date, in ms since 1970
 */
function warnAboutDuration(expires, time) {
  if (time >= EARLIEST_MS || typeof expires === 'object') return;
  const year = new Date(time).getUTCFullYear();
  warnOnce(
    'MONGODB_STORE_COOKIE_EXPIRES',
    `A session's cookie.expires is the ${typeof expires} ${expires}, which as a date is in ${year}: such sessions have expired when they ` +
      'are saved. Give a date, or give the duration in milliseconds as cookie.maxAge',
    'cookie.expires as a duration'
  );
}

module.exports = { warnAboutDuration };
