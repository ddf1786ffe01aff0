'use strict';

/** The commands that a client sends, so that two drivers' can be compared. */

const { BSON } = require('bson');
const { describeValue } = require('./describe-value');

/** Commands that a driver sends on its own account, at its own pace. */
const OWN = new Set(['getMore', 'killCursors', 'endSessions']);
/** What is added to a command on its way. */
const ADDED = ['lsid', '$db', '$clusterTime', '$readPreference', 'txnNumber'];

/**
 * @param {{side: string, client: object}} context
 * @returns {object[]} grows while the client works
 */
function recordCommands({ side, client }) {
  const commands = [];
  // Events of the Node driver's client: the facade's client emits those of forwarded commands only.
  client.on('commandStarted', ({ command, commandName }) => {
    if (!OWN.has(commandName)) commands.push(command);
  });
  if (side === 'node') return commands;
  for (const method of ['command', 'openCursor']) {
    const original = client.native[method];
    client.native[method] = function recorded(database, command, options) {
      commands.push(command);
      return original.call(this, database, command, options);
    };
  }
  return commands;
}

/**
 * @param {object} command
 * @param {string} database its name is left out, because each driver has its own
 * @returns {Array} types included, and order where servers care: not for a command's arguments
 */
function describeCommand(command, database) {
  const sent = { ...command };
  for (const name of ADDED) delete sent[name];
  let asSent;
  try {
    asSent = BSON.deserialize(BSON.serialize(sent, { ignoreUndefined: true }), { promoteValues: false });
  } catch (error) {
    return [`<not sent: ${error.name}>`];
  }
  const [name, ...rest] = Object.entries(asSent);
  rest.sort(([one], [other]) => (one < other ? -1 : 1));
  return [name, ...rest].filter(Boolean).map(([key, value]) => [key, describeValue(value, database)]);
}

module.exports = { describeCommand, recordCommands };
