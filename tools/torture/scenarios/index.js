'use strict';

/**
 * The scenarios by name. Each has a `title`, says `how` it tests, has `long` and `short` options, and a `run` that
 * gives `{ checks, figures }` for one contestant, or a `runTogether` that gives them for all by name. `figures.skipped`
 * says why nothing could be tested here. `compare` gives further checks of this package, by both contestants' figures.
 */
const SCENARIOS = {
  failover: require('./failover'),
  standalone: require('./standalone'),
  network: require('./network'),
  'slow-commands': require('./slow-commands'),
  'slow-connections': require('./slow-connections'),
  'locked-document': require('./locked-document'),
  'lossy-link': require('./lossy-link'),
  'paused-primary': require('./paused-primary'),
  'silent-connections': require('./silent-connections'),
  'stopped-server': require('./stopped-server'),
  'stopped-client': require('./stopped-client'),
  overload: require('./overload'),
  lifecycle: require('./lifecycle'),
  leaks: require('./leaks')
};

module.exports = { SCENARIOS };
