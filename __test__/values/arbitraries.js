'use strict';

/** Random sessions for property tests. */

const bson = require('../support/bson');
const fc = require('fast-check');

/** Text of any kind: short and long, ASCII and not, lone surrogates and NULs. */
const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ minLength: 40, maxLength: 300 }) }
);

const commonKeys = [
  'user', 'id', '_id', 'name', 'email', 'cart', 'items', 'quantity', 'price', 'flash', 'csrfSecret', 'passport', 'returnTo', 'cookie',
  'originalMaxAge', 'a.b', '$set', '$id', '', '0', '7', '__proto__', 'constructor', 'length'
];

/** Keys: mostly those that applications use, some never seen before; none with NUL, which BSON cannot hold. */
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...commonKeys) },
  { weight: 2, arbitrary: text.map((any) => any.replaceAll('\0', '0')) }
);

const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
  { weight: 1, arbitrary: fc.constantFrom(-0, 2 ** 31, -(2 ** 31), 2 ** 53, NaN, Infinity, -Infinity) },
  { weight: 2, arbitrary: fc.double() }
);

const date = fc.date({ noInvalidDate: false });

/** What JSON-minded sessions are made of, and dates. */
const plain = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 4, arbitrary: number },
  { weight: 2, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
  { weight: 1, arbitrary: date }
);

/** What is stored, or left out, in some way of its own. */
const exotic = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new bson.ObjectId(bytes)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((big) => bson.Long.fromBigInt(big)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new bson.Binary(bytes, 0x80)),
  fc.constantFrom(() => 1, Symbol('s'), /a+/gi, new Error('e'), new Set([1]), new String('boxed')),
  fc.array(fc.tuple(key, plain), { maxLength: 3 }).map((entries) => new Map(entries)),
  plain.map((value) => ({ toBSON: () => ({ value }) }))
);

function object(value, options) {
  // As data, also where the key is __proto__.
  return fc.array(fc.tuple(key, value), options).map((entries) => Object.fromEntries(entries));
}

/** Sessions of values from `leaf`. */
function sessionOf(leaf) {
  const { member } = fc.letrec((tie) => ({
    member: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      { weight: 2, arbitrary: object(tie('member'), { maxLength: 6 }) },
      { weight: 1, arbitrary: fc.array(tie('member'), { maxLength: 6 }) }
    )
  }));
  return object(member, { maxLength: 8 });
}

const plainSession = sessionOf(plain);
const session = sessionOf(fc.oneof({ weight: 30, arbitrary: plain }, { weight: 1, arbitrary: exotic }));

module.exports = { exotic, key, plain, plainSession, session, text };
