'use strict';
const bson = require('bson');
function encode(doc) { return bson.serialize(doc, { ignoreUndefined: false, serializeFunctions: false, checkKeys: false }); }
function encodeInto(buffer, offset, doc) {
  const bytes = encode(doc);
  if (offset + bytes.length > buffer.length) return -1;
  buffer.set(bytes, offset);
  return offset + bytes.length;
}
function decode(buffer, start, end) { return bson.deserialize(Buffer.from(buffer.subarray(start, end))); }
module.exports = { encode, encodeInto, decode };
