'use strict';

/**
 * The scenarios by name. Each has a `title`, says `how` it tests, has `long` and `short` options, and a `run` that
 * gives `{ checks, figures }` for one contestant.
 */
const SCENARIOS = {
  failover: require('./failover'),
  standalone: require('./standalone'),
  network: require('./network'),
  overload: require('./overload'),
  lifecycle: require('./lifecycle'),
  leaks: require('./leaks')
};

module.exports = { SCENARIOS };
