'use strict';

/** The options about users and lifetimes: what they take. */

const { inspect } = require('util');
const { ValidatorError } = require('./errors');
const { forMessage } = require('./shown');

const LIFETIME = ['ms', 'keepOnRegenerate'];

function refuse(what, value) {
  throw new ValidatorError(`${what}; got ${inspect(forMessage(value), { depth: 0, maxStringLength: 40 })}`);
}

/**
 * @param {*} value of `maxSessionsPerUser`
 * @returns {number}
 * @throws {ValidatorError}
 */
function castCount(value) {
  return Number.isSafeInteger(value) && value > 0 ? value : refuse('must be a whole number, 1 or more', value);
}

/**
 * @param {*} value of `maxLifetime`: milliseconds, or an object with them
 * @returns {{ms: number, keepOnRegenerate: boolean}}
 * @throws {ValidatorError}
 */
function castLifetime(value) {
  if (typeof value !== 'object' || Array.isArray(value)) return { ms: castMs(value), keepOnRegenerate: false };
  const unknown = Object.keys(value).find((name) => !LIFETIME.includes(name));
  if (unknown !== undefined) throw new ValidatorError(`has no \`${unknown}\`; it takes \`ms\` and \`keepOnRegenerate\``);
  const { ms, keepOnRegenerate = false } = value;
  if (typeof keepOnRegenerate !== 'boolean') refuse('keepOnRegenerate must be a boolean', keepOnRegenerate);
  return { ms: castMs(ms), keepOnRegenerate };
}

function castMs(value) {
  if (Number.isFinite(value) && value > 0) return value;
  return refuse('must be milliseconds, more than 0, or an object such as { ms: 43200000, keepOnRegenerate: true }', value);
}

/**
 * @param {object} options of a store, cast
 * @throws {TypeError} when an option is given that is about users, and the one that says who they are is not
 */
function checkUsers({ user, userField, maxSessionsPerUser }) {
  if (user !== undefined) return;
  const name = userField !== undefined ? 'userField' : maxSessionsPerUser !== undefined ? 'maxSessionsPerUser' : undefined;
  if (name !== undefined) throw new TypeError(`the option ${name} needs the option user, which says whose a session is`);
}

module.exports = { castCount, castLifetime, checkUsers };
