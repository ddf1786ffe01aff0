'use strict';

const assert = require('node:assert/strict');
const bson = require('../support/bson');
const fc = require('fast-check');
const codec = require('../../lib/codec');
const arbitraries = require('./arbitraries');
const { assertSame } = require('./same');

/** Set CODEC_RUNS for longer runs, and CODEC_SEED to repeat one. */
const RUNS = Number(process.env.CODEC_RUNS ?? 5000);
/** Not `seed: undefined`, which would take the place of a seed that is set for all. */
const SEED = process.env.CODEC_SEED === undefined ? {} : { seed: Number(process.env.CODEC_SEED) };
const VALUES = RUNS * 20;

const AS_DRIVER = { ignoreUndefined: false, serializeFunctions: false, checkKeys: false };
const buffer = Buffer.allocUnsafeSlow(4 * 1024 * 1024);

function check(arbitrary, predicate, numRuns = RUNS) {
  fc.assert(fc.property(arbitrary, predicate), { numRuns, ...SEED });
}

function roundTrip(document) {
  const expected = bson.serialize(document, AS_DRIVER);
  const start = 64;
  const end = codec.encodeInto(buffer, start, document);
  assert.ok(Buffer.compare(buffer.subarray(start, end), expected) === 0, 'the same bytes');
  return { start, end, expected };
}

/** What the two make of some bytes: both a document, or both an error. */
function compareDecoders(bytes) {
  let expected, refusal;
  try {
    expected = bson.deserialize(Buffer.from(bytes));
  } catch (error) {
    refusal = error;
  }
  const shifted = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([0, 0, 0, 0])]);
  if (refusal === undefined) {
    assertSame(codec.decode(shifted, 3, 3 + bytes.length), expected);
    return 'accepted';
  }
  assert.throws(() => codec.decode(shifted, 3, 3 + bytes.length), (error) => {
    assert.equal(error.name, refusal.name);
    assert.equal(error.message, refusal.message);
    return true;
  });
  return 'refused';
}

describe('the codec, for any session', function () {
  this.timeout(Math.max(120_000, RUNS * 20));

  it('writes the bytes of the bson package and reads what it reads', () => {
    check(arbitraries.session, (session) => {
      const { start, end, expected } = roundTrip({ session });
      assertSame(codec.decode(buffer, start, end), bson.deserialize(expected));
    });
  });

  it('does so when the session is plain data', () => {
    check(arbitraries.plainSession, (session) => {
      const { start, end, expected } = roundTrip({ session });
      assertSame(codec.decode(buffer, start, end), bson.deserialize(expected));
    });
  });

  it(`does so for ${VALUES} values`, () => {
    const batch = fc.array(fc.oneof({ weight: 20, arbitrary: arbitraries.plain }, { weight: 1, arbitrary: arbitraries.exotic }), {
      minLength: 200, maxLength: 200, size: 'max'
    });
    check(batch, (list) => {
      const { start, end, expected } = roundTrip({ list, keyed: Object.fromEntries(list.map((value, i) => [`k${i % 50}`, value])) });
      assertSame(codec.decode(buffer, start, end), bson.deserialize(expected));
    }, Math.ceil(VALUES / 200));
  });

  it('reads what was cut off anywhere as the bson package does: not at all', () => {
    check(arbitraries.plainSession, (session) => {
      const bytes = Buffer.from(bson.serialize({ session }, AS_DRIVER));
      const step = Math.max(1, Math.ceil(bytes.length / 40));
      for (let length = 0; length < bytes.length; length += step) {
        assert.equal(compareDecoders(bytes.subarray(0, length)), 'refused');
      }
    }, Math.ceil(RUNS / 25));
  });

  it('reads what was changed anywhere as the bson package does', () => {
    const seen = { accepted: 0, refused: 0 };
    const change = fc.tuple(fc.nat(), fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 20 })));
    check(fc.tuple(arbitraries.session, fc.array(change, { minLength: 1, maxLength: 3 })), ([session, changes]) => {
      const bytes = Buffer.from(bson.serialize({ session, again: session }, AS_DRIVER));
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
      seen[compareDecoders(bytes)]++;
    });
    assert.ok(seen.accepted > RUNS / 50 && seen.refused > RUNS / 50, JSON.stringify(seen));
  });

  it('reads what was changed in its sizes as the bson package does', () => {
    const seen = { accepted: 0, refused: 0 };
    check(fc.tuple(arbitraries.plainSession, fc.nat(), fc.integer({ min: -6, max: 6 })), ([session, place, by]) => {
      const bytes = Buffer.from(bson.serialize({ session, again: [session] }, AS_DRIVER));
      const at = place % (bytes.length - 4);
      bytes.writeInt32LE(bytes.readInt32LE(at) + by | 0, at);
      seen[compareDecoders(bytes)]++;
    });
    assert.ok(seen.refused > RUNS / 50, JSON.stringify(seen));
  });

  it('refuses any bytes that are no document, as the bson package does', () => {
    check(fc.uint8Array({ maxLength: 60 }), (random) => {
      const bytes = Buffer.from(random);
      if (bytes.length >= 5) {
        bytes.writeInt32LE(bytes.length);
        bytes[bytes.length - 1] = 0;
      }
      compareDecoders(bytes);
    });
  });

  it('refuses ranges outside the buffer', () => {
    const bytes = Buffer.from(bson.serialize({ a: 1 }));
    for (const [start, end] of [[0, bytes.length + 1], [-1, 11], [5, 2], [NaN, 5], [undefined, undefined], [0, 4], [0, 0]]) {
      assert.throws(() => codec.decode(bytes, start, end), { name: 'BSONError' });
    }
  });

  it('ends with an error at hostile nesting', () => {
    const levels = 100000;
    // Each level is a size, a type, a key of one character, and a NUL.
    const bytes = Buffer.alloc(levels * 8 + 5);
    for (let level = 0; level < levels; level++) {
      bytes.writeInt32LE(bytes.length - level * 8, level * 7);
      bytes.set([3, 0x61, 0], level * 7 + 4);
    }
    bytes.writeInt32LE(5, levels * 7);
    // Version 7 reads it: it needs no stack.
    if (bson.MAJOR === 7) assert.equal(typeof codec.decode(bytes, 0, bytes.length).a, 'object');
    else assert.throws(() => codec.decode(bytes, 0, bytes.length), { name: 'BSONError' });
  });
});
