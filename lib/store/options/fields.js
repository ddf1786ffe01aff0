'use strict';

/** The fields of a stored document: options name some of them, and each must have its own. */

const { ENDS_AT } = require('../session/ends');
const { SINCE, userFieldOf } = require('../session/user');

const SESSION = 'session';

/**
 * @param {object} options of a store, cast
 * @returns {Array<[string, string]>} the fields that optional parts of a document are stored in, each behind the option that
 *   asks for it
 */
function extraFields(options) {
  const { timestamps, maxSessionsPerUser, maxLifetime } = options;
  const userField = userFieldOf(options);
  const fields = [];
  if (userField !== undefined) fields.push(['userField', userField]);
  if (maxSessionsPerUser !== undefined) fields.push(['maxSessionsPerUser', SINCE]);
  if (maxLifetime !== undefined) fields.push(['maxLifetime', ENDS_AT]);
  if (timestamps) fields.push(['timestamps', 'createdAt'], ['timestamps', 'updatedAt']);
  return fields;
}

/**
 * @param {object} options of a store, cast
 * @throws {TypeError} when two parts of a document would be stored in one field, or one within the other
 */
function checkFields(options) {
  const { idField, expiresKey, crypto } = options;
  const taken = [['idField', idField], ['expiresKey', expiresKey], ['the session', SESSION]];
  if (crypto !== undefined) taken.push(['the encrypted cookie', 'cookie']);
  for (const [option, field] of extraFields(options)) {
    const other = taken.find(([, known]) => overlap(known, field));
    if (other !== undefined) {
      const one = other[1] === field ? '' : ` ("${other[1]}")`;
      throw new TypeError(`${other[0]}${one} and ${option} ("${field}") must be different fields of the stored document`);
    }
    taken.push([option, field]);
  }
}

function overlap(one, other) {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

module.exports = { checkFields };
