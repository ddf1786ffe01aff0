'use strict';

/**
 * Options of operations that only the Node driver knows what to do with. A call that has one goes to
 * the Node driver as a whole.
 *
 * An option that is on neither list, such as a mistyped one, changes nothing in the Node driver and is
 * passed over here too.
 */

/** By name: the value that means what is done anyway, which needs no Node driver. */
const DRIVER_OPTIONS = {
  session: undefined,
  signal: undefined,
  explain: undefined,
  timeoutMode: undefined,
  dbName: undefined,
  authdb: undefined,
  noResponse: false,

  // How values become BSON and back.
  raw: false,
  rawData: false,
  fieldsAsRaw: undefined,
  useBigInt64: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  bsonRegExp: false,
  serializeFunctions: false,
  checkKeys: false,
  enableUtf8Validation: true,
  encryptedFields: undefined,

  // Of queries.
  tailable: false,
  awaitData: false,
  maxAwaitTimeMS: undefined,
  exhaust: false,
  oplogReplay: undefined,
  noCursorTimeout: false,
  timeout: true,
  partial: false,
  allowPartialResults: undefined,
  min: undefined,
  max: undefined,
  returnKey: undefined,
  showRecordId: undefined,

  // Of aggregations.
  out: undefined
};

/**
 * @param {object} [options]
 * @returns {string|undefined} the first option that only the Node driver knows
 */
function driverOption(options) {
  if (options === null || typeof options !== 'object') return undefined;
  for (const name in options) {
    if (!Object.hasOwn(DRIVER_OPTIONS, name)) continue;
    const value = options[name];
    if (value !== undefined && value !== null && value !== DRIVER_OPTIONS[name]) return name;
  }
  return undefined;
}

module.exports = { driverOption };
