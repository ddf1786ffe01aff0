'use strict';

/** The one way from the facade's methods to the transport. */

const { MongoServerError, MongoWriteConcernError } = require('../errors');
const { WriteConcern } = require('./concerns');
const { withoutUndefined } = require('./undefined');

/** Documents in a cursor's batches after the first, as in the Node driver. */
const DEFAULT_BATCH_SIZE = 1000;

/** Commands the server lets a read concern go with. */
const READ_CONCERN_COMMANDS = ['aggregate', 'count', 'distinct', 'find'];

/**
 * How a command is to be run.
 *
 * @typedef {object} Nature
 * @property {boolean} [write] takes the write concern and goes to the primary, whatever the read
 *   preference says
 * @property {boolean} [ownCollation] says its collation elsewhere than at the top
 * @property {boolean} [idempotent] may be sent again after a network or not-primary error; the
 *   client's `retryReads` and `retryWrites` still have to allow it
 * @property {boolean} [raw] is sent just as it is
 */

/**
 * Adds to a command what its options say, in the order in which the Node driver does.
 *
 * @param {object} command
 * @param {object} options resolved
 * @param {Nature} nature
 * @returns {object}
 */
function complete(command, options, nature) {
  const { readConcern, writeConcern, collation, maxTimeMS } = options;
  if (readConcern && READ_CONCERN_COMMANDS.some((name) => command[name])) {
    command.readConcern = { level: readConcern.level };
  }
  if (writeConcern && nature.write) WriteConcern.apply(command, writeConcern);
  if (collation && typeof collation === 'object' && !nature.ownCollation) command.collation = collation;
  if (typeof maxTimeMS === 'number') command.maxTimeMS = maxTimeMS;
  return command;
}

/**
 * Runs a command.
 *
 * @param {MongoClient} client
 * @param {string} database
 * @param {object} command
 * @param {object} options resolved
 * @param {Nature} [nature]
 * @returns {Promise<object>} the reply; `{ ok: 1 }` for an unacknowledged write
 * @throws {MongoServerError|MongoWriteConcernError|MongoError}
 */
async function runCommand(client, database, command, options, nature = {}) {
  const whole = prepare(command, options, nature);
  const running = client.native.command(database, whole, transportOptions(client, options, nature));
  if (nature.write && whole.writeConcern?.w === 0) return unacknowledged(running);
  const reply = await running;
  if (reply.writeConcernError) throw new MongoWriteConcernError(reply);
  return reply;
}

/**
 * Runs a command that answers with a cursor.
 *
 * @param {MongoClient} client
 * @param {string} database
 * @param {object} command
 * @param {object} options resolved
 * @param {Nature} [nature]
 * @returns {Promise<NativeCursor>}
 */
async function openCursor(client, database, command, options, nature = {}) {
  const whole = prepare(command, options, nature);
  const transport = transportOptions(client, options, nature);
  transport.batchSize = Math.abs(options.batchSize) || DEFAULT_BATCH_SIZE;
  return client.native.openCursor(database, whole, transport);
}

function prepare(command, options, nature) {
  const whole = nature.raw ? command : complete(command, options, nature);
  return options.ignoreUndefined ? withoutUndefined(whole) : whole;
}

function transportOptions(client, { readPreference, timeoutMS }, nature) {
  const result = {};
  if (readPreference && !nature.write && readPreference.mode !== 'primary') {
    const { mode, tags, maxStalenessSeconds } = readPreference;
    result.readPreference = { mode };
    if (tags?.length > 0) result.readPreference.tags = tags;
    if (maxStalenessSeconds !== undefined) result.readPreference.maxStalenessSeconds = maxStalenessSeconds;
  }
  const { retryReads, retryWrites } = client.settings;
  if (nature.idempotent && (nature.write ? retryWrites : retryReads) !== false) result.idempotent = true;
  if (typeof timeoutMS === 'number') result.timeoutMS = timeoutMS;
  return result;
}

/** Nobody asked how the write ended; that it was never sent is still worth an error. */
async function unacknowledged(running) {
  try {
    await running;
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
  }
  return { ok: 1 };
}

module.exports = { openCursor, runCommand };
