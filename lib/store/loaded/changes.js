'use strict';

const codec = require('../../codec');

/**
 * Which top-level keys of a session differ from what is stored.
 *
 * @param {Map<string, Buffer>} old the stored session's elements
 * @param {Map<string, Buffer>} now those of the session to be stored
 * @param {Map<string, *>} uncertain keys that count as changed
 * @returns {{keys: string[], addressable: boolean, set: Map<string, Buffer>, unset: string[]}} `set` holds copies
 *   of the changed elements; `addressable` says whether MongoDB can change each of these keys alone
 */
function changedKeys(old, now, uncertain) {
  const set = new Map(), unset = [];
  for (const [key, element] of now) {
    const stored = old.get(key);
    if (!uncertain.has(key) && stored !== undefined && sameElement(stored, element)) continue;
    set.set(key, Buffer.from(element));
  }
  for (const key of old.keys()) if (!now.has(key)) unset.push(key);
  for (const key of uncertain.keys()) if (!now.has(key) && !old.has(key)) unset.push(key);
  const keys = [...set.keys(), ...unset];
  return { keys, addressable: keys.every(isAddressable), set, unset };
}

/** Whether an element would be stored as it is stored already. */
function sameElement(stored, element) {
  if (stored.equals(element)) return true;
  // Another driver may have stored an equal value as another type, such as an int64.
  try {
    return codec.encode(codec.decode(...documentOf(stored))).equals(documentOf(element)[0]);
  } catch {
    return false;
  }
}

function documentOf(element) {
  const bytes = Buffer.alloc(element.length + 5);
  bytes.writeInt32LE(bytes.length, 0);
  element.copy(bytes, 4);
  return [bytes, 0, bytes.length];
}

/** Whether `session.KEY` is a path to this key alone. */
function isAddressable(key) {
  return key !== '' && key[0] !== '$' && !key.includes('.');
}

module.exports = { changedKeys };
