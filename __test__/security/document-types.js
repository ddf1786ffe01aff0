'use strict';

/** A value of every type that BSON has, as somebody else may have put it into a stored document. */

const { BSON } = require('mongodb');

const ENCRYPTED = Buffer.concat([Buffer.from('cms\x01'), Buffer.alloc(60, 9)]);

/** Encoders know the types they write; of the others only bytes are left. */
const RAW = { undefined: [6, Buffer.alloc(0)], DBPointer: [12, Buffer.concat([Buffer.from([2, 0, 0, 0, 0x78, 0]), Buffer.alloc(12, 1)])] };

const TYPES = {
  double: new BSON.Double(1.5), NaN: new BSON.Double(NaN), text: 'no JSON', JSON: '{"cookie":{},"owner":"json"}', 'JSON null': 'null', 'JSON that is a number': '7',
  'empty text': '', document: { a: 1 }, 'empty document': {}, array: [1, 'two', null], 'empty array': [], binary: new BSON.Binary(Buffer.from('x')),
  'empty binary': new BSON.Binary(Buffer.alloc(0)), 'encrypted by somebody else': new BSON.Binary(ENCRYPTED), 'encrypted and cut off': new BSON.Binary(ENCRYPTED.subarray(0, 6)),
  UUID: new BSON.UUID(), ObjectId: new BSON.ObjectId(), true: true, false: false, date: new Date(0), 'date of tomorrow': new Date(Date.now() + 8.64e7),
  'date beyond JavaScript': 'raw', null: null, regex: new BSON.BSONRegExp('x', 'i'), code: new BSON.Code('process.exit()'),
  'code with scope': new BSON.Code('x', { x: 1 }), symbol: new BSON.BSONSymbol('s'), int32: new BSON.Int32(7), timestamp: new BSON.Timestamp({ t: 1, i: 1 }),
  int64: BSON.Long.MAX_VALUE, decimal: BSON.Decimal128.fromString('1.25'), MinKey: new BSON.MinKey(), MaxKey: new BSON.MaxKey(),
  DBRef: new BSON.DBRef('users', 5), 'operators': { $set: { a: 1 } }, 'keys of prototypes': JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  '90 levels': Array.from({ length: 90 }).reduce((inner) => ({ inner }), {}), undefined: 'raw', DBPointer: 'raw'
};
RAW['date beyond JavaScript'] = [9, Buffer.from('ffffffffffffff7f', 'hex')];

/** @returns {Buffer} a document whose field, or field of `session`, has a value of this type */
function documentWith(document, path, type) {
  const raw = TYPES[type] === 'raw';
  // The place of a value that is written by hand: a null, which has no bytes.
  const value = raw ? null : TYPES[type];
  const [field, inner] = path.split('.');
  const changed = inner === undefined ? { ...document, [field]: value } : { ...document, [field]: { ...document[field], [inner]: value } };
  return raw ? patched(changed, path, ...RAW[type]) : Buffer.from(BSON.serialize(changed, { ignoreUndefined: false }));
}

function patched(document, path, type, bytes) {
  const [field, inner] = path.split('.');
  const elements = Object.entries(document).map(([key, value]) => {
    if (key !== field) return BSON.serialize({ [key]: value }, { ignoreUndefined: false }).subarray(4, -1);
    if (inner === undefined) return Buffer.concat([Buffer.from([type]), Buffer.from(`${key}\0`), bytes]);
    return Buffer.concat([Buffer.from([3]), Buffer.from(`${key}\0`), patched(value, inner, type, bytes)]);
  });
  const size = Buffer.alloc(4);
  const body = Buffer.concat([...elements, Buffer.alloc(1)]);
  size.writeInt32LE(body.length + 4);
  return Buffer.concat([size, body]);
}

module.exports = { TYPES, documentWith };
