'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const bson = require('../support/bson');
const codec = require('../../lib/codec');
const { assertSame } = require('./same');
const { refused, values } = require('./values');

const AS_DRIVER = { ignoreUndefined: false, serializeFunctions: false, checkKeys: false };

function expectedBytes(document) {
  return Buffer.from(bson.serialize(document, AS_DRIVER));
}

/** Encodes at some offset into a buffer with some room, as the store does. */
function encodedBytes(document) {
  const buffer = Buffer.alloc(1024 * 1024, 0xcc);
  const end = codec.encodeInto(buffer, 100, document);
  assert.ok(end > 100, 'there is room');
  assert.ok(buffer.subarray(0, 100).every((byte) => byte === 0xcc), 'nothing is written before the offset');
  return buffer.subarray(100, end);
}

function decodedInside(bytes) {
  const buffer = Buffer.concat([Buffer.alloc(7, 0xff), bytes, Buffer.alloc(9, 0x02)]);
  const document = codec.decode(buffer, 7, 7 + bytes.length);
  // The buffer is used again at once.
  buffer.fill(0xee);
  return document;
}

function isAscii(bytes) {
  return bytes.every((byte) => byte < 0x80);
}

function errorOf(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the codec', () => {
  for (const { name, make } of values) {
    it(`stores as the original does: ${name}`, () => {
      const expected = expectedBytes({ session: { before: 1, value: make(), after: [make()] } });
      assert.deepEqual(encodedBytes({ session: { before: 1, value: make(), after: [make()] } }), expected);
      assert.deepEqual(codec.encode({ session: { before: 1, value: make(), after: [make()] } }), expected);
    });

    it(`stores as the original does when it is the session: ${name}`, () => {
      assert.deepEqual(encodedBytes({ session: make() }), expectedBytes({ session: make() }));
    });

    it(`reads as the original does: ${name}`, () => {
      const bytes = expectedBytes({ _id: 'x', session: { before: 1, value: make(), after: [make()] } });
      assertSame(decodedInside(bytes), bson.deserialize(bytes));
    });
  }

  for (const { name, make } of refused) {
    it(`refuses with the words of the bson package: ${name}`, () => {
      const expected = errorOf(() => bson.serialize({ session: { value: make() } }, AS_DRIVER));
      const actual = errorOf(() => encodedBytes({ session: { value: make() } }));
      assert.ok(expected instanceof Error);
      assert.equal(actual?.message, expected.message);
      assert.equal(actual?.name, expected.name);
    });
  }

  it('takes what is no document as the bson package does', () => {
    for (const root of [null, undefined, new Map([['a', 1]]), { toBSON: () => ({ b: 1 }) }, Object.create({ inherited: 1 })]) {
      assert.deepEqual(encodedBytes(root), expectedBytes(root));
    }
    for (const root of [[], 'text', 5, new Date(), /x/, Buffer.alloc(3), new bson.ObjectId(), { toBSON: () => 5 }, { _bsontype: 'Long' }]) {
      const expected = errorOf(() => expectedBytes(root));
      assert.equal(errorOf(() => encodedBytes(root))?.message, expected.message);
    }
  });

  it('does not store what someone gave Object.prototype', () => {
    Object.prototype.polluted = 'everywhere';
    try {
      const document = { session: { a: { b: [{ c: 1 }] } } };
      assert.deepEqual(encodedBytes(document), expectedBytes(document));
      assert.equal(encodedBytes(document).includes('everywhere'), false);
    } finally {
      delete Object.prototype.polluted;
    }
  });

  for (const type of [String, Number, Boolean, BigInt, Symbol, Date, Array, Object]) {
    it(`honours a toBSON that someone gave ${type.name}.prototype`, () => {
      const document = { session: { a: 'text', b: 5, c: true, d: 5n, e: Symbol('s'), f: new Date(0), g: [1], h: { i: 1 } } };
      const plain = expectedBytes(document);
      const value = () => (type === Object ? {} : null);
      Object.defineProperty(type.prototype, 'toBSON', { value, configurable: true });
      try {
        const expected = expectedBytes(document);
        assert.deepEqual(encodedBytes(document), expected);
        assert.notDeepEqual(expected, plain);
      } finally {
        delete type.prototype.toBSON;
      }
    });
  }

  for (const [what, document] of Object.entries({
    'every type': { name: 'Zoë', long: 'y'.repeat(80), list: [1, 2.5, new Date(0), [true, null]], bytes: Buffer.alloc(30), id: new bson.ObjectId(), some_longer_key: { ключ: 1n } },
    'a short string last': { a: { b: { c: { d: 'x'.repeat(30) } } } },
    'a long string last': { a: { b: { c: [['x'.repeat(200)]] } } },
    'text beyond ASCII last': { a: ['漢字'.repeat(10)] },
    'bytes last': { a: { b: Buffer.alloc(50) } },
    'nothing in it': {},
    'many elements': { list: Array.from({ length: 120 }, () => null) },
    'a key beyond ASCII': { ['ключ'.repeat(9)]: 5 }
  })) {
    it(`asks for room instead of writing past the end, at every size: ${what}`, () => {
      const expected = expectedBytes(document);
      for (let room = 0; room < expected.length + 128; room++) {
        const memory = Buffer.alloc(room + 128, 0xcc);
        const end = codec.encodeInto(memory.subarray(0, room), 0, document);
        assert.ok(memory.subarray(room).every((byte) => byte === 0xcc), `nothing is written behind ${room} bytes`);
        assert.ok(end <= room);
        if (end !== -1) assert.deepEqual(memory.subarray(0, end), expected);
        if (room >= expected.length + 64) assert.equal(end, expected.length);
      }
    });
  }

  it('asks for room for documents that the bson package encodes, too', () => {
    const document = { session: new Map([['a', 'x'.repeat(100)]]) };
    const expected = expectedBytes(document);
    assert.equal(codec.encodeInto(Buffer.alloc(expected.length - 1), 0, document), -1);
    assert.equal(codec.encodeInto(Buffer.alloc(expected.length), 0, document), expected.length);
  });

  it('encodes more than 16 MB, which the server refuses by itself', () => {
    const document = { session: { text: 'é'.repeat(10 * 1024 * 1024) } };
    assert.equal(codec.encode(document).length, 20 * 1024 * 1024 + 30);
  });

  it('ends at what grows without end, and at what the bson package would cut off', () => {
    const message = /^larger than the 16 MB that MongoDB stores/;
    const sparse = [];
    sparse.length = 2 ** 32 - 1;
    assert.throws(() => codec.encode({ session: { sparse } }), { name: 'RangeError', message });
    for (const large of ['x'.repeat(18e6), Buffer.alloc(18e6), new Array(3e6).fill(1)]) {
      assert.throws(() => codec.encode({ session: { map: new Map(), large } }), { name: 'RangeError', message });
    }
  });

  it('refuses a BigInt of more than 64 bits, which the bson package stores as another number', () => {
    const expected = { name: 'RangeError', message: 'a BigInt of more than 64 bits cannot be stored in MongoDB; got 9223372036854775808n' };
    for (const session of [{ n: 2n ** 63n }, { map: new Map([['n', 2n ** 63n]]) }, { list: [new Set(), [2n ** 63n]] }]) {
      assert.throws(() => codec.encode({ session }), expected);
    }
    assert.throws(() => codec.encode({ session: { n: -(2n ** 63n) - 1n } }), RangeError);
  });

  it('says so when a session is nested too deeply for any stack', () => {
    let session = {};
    for (let level = 0; level < 10000; level++) session = { session };
    assert.throws(() => codec.encode({ session }), { name: 'RangeError', message: /^nested too deeply or endlessly/ });
    session = new Map();
    for (let level = 0; level < 10000; level++) session = new Map([['a', session]]);
    assert.throws(() => codec.encode({ session }), { name: 'RangeError', message: /^nested too deeply or endlessly/ });
  });

  it('encodes while a getter encodes something else', () => {
    const other = { list: ['inner', { n: 1 }] };
    const document = () => ({
      session: {
        first: 1,
        get inner() {
          return codec.encode(other).length + codec.encodeInto(Buffer.alloc(200), 0, other);
        },
        last: { d: 2.5 }
      }
    });
    assert.deepEqual(codec.encode(document()), expectedBytes(document()));
    assert.deepEqual(encodedBytes(document()), expectedBytes(document()));
  });

  it('goes on after a getter threw', () => {
    assert.throws(() => codec.encode({ session: { get a() { throw new Error('mine'); } } }), { message: 'mine' });
    assert.deepEqual(codec.encode({ a: 1 }), expectedBytes({ a: 1 }));
  });

  it('stays right when keys are too many to be kept', () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5000; i += 10) {
        const document = { session: { [`id${i}`]: { [`in${i}`]: i, shared: 1, [`x${i % 7}`]: [{ [`y${i}`]: 2 }] }, last: 'é' } };
        const bytes = expectedBytes(document);
        assert.deepEqual(codec.encode(document), bytes);
        assert.deepStrictEqual(decodedInside(bytes), document);
      }
    }
  });

  it('does not load the bson package for plain sessions', () => {
    const script = `
      const codec = require(${JSON.stringify(path.join(__dirname, '../../lib/codec'))});
      const document = { _id: 'x', session: { user: { name: 'Zoë', at: new Date(0) }, list: [1, 2.5, null], bytes: Buffer.alloc(3) } };
      const bytes = codec.encode(document);
      delete document.session.bytes;
      const plain = codec.encode(document);
      codec.decode(plain, 0, plain.length);
      process.stdout.write(Object.keys(require.cache).filter((file) => /node_modules/.test(file)).join());
    `;
    assert.equal(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }), '');
  });

  describe('reading', () => {
    it('gives short strings and long ones', () => {
      const document = { _id: 'a'.repeat(30), session: { short: 'x', long: 'y'.repeat(5000), list: ['z'.repeat(60), ''] } };
      const bytes = expectedBytes(document);
      assert.ok(isAscii(Buffer.from(document.session.long)));
      assert.deepStrictEqual(decodedInside(bytes), document);
    });

    it('gives Binary contents that outlive the buffer', () => {
      const bytes = expectedBytes({ a: Buffer.from('kept'), id: new bson.ObjectId('507f1f77bcf86cd799439011') });
      const { a, id } = decodedInside(bytes);
      assert.equal(a._bsontype, 'Binary');
      assert.equal(a.toString(), 'kept');
      assert.equal(id.toHexString(), '507f1f77bcf86cd799439011');
    });

    it('gives __proto__ as a key like others', () => {
      const { session } = decodedInside(expectedBytes({ session: JSON.parse('{"__proto__":{"admin":true}}') }));
      assert.equal(session.admin, undefined);
      assert.deepEqual(Object.keys(session), ['__proto__']);
      assert.equal(Object.getPrototypeOf(session), Object.prototype);
    });

    it('reads the types that no JavaScript value is stored as', () => {
      const element = (type, ...value) => {
        const body = Buffer.concat([Buffer.from([type, 0x61, 0]), ...value.map((part) => Buffer.from(part)), Buffer.from([0])]);
        return Buffer.concat([Buffer.from([body.length + 4, 0, 0, 0]), body]);
      };
      const oid = Buffer.from('507f1f77bcf86cd799439011', 'hex');
      for (const bytes of [
        element(0x06),
        element(0x0c, [2, 0, 0, 0, 0x78, 0], oid),
        element(0x0e, [2, 0, 0, 0, 0x78, 0]),
        element(0x11, [1, 0, 0, 0, 2, 0, 0, 0xff]),
        element(0x12, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        element(0x12, [0, 0, 0, 0, 0, 0, 0x20, 0]),
        element(0x12, [1, 0, 0, 0, 0, 0, 0x20, 0]),
        element(0x12, [0, 0, 0, 0, 0, 0, 0xe0, 0xff]),
        element(0x12, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xff]),
        element(0x12, [5, 0, 0, 0, 0, 0, 0, 0]),
        element(0x09, [0, 0, 0, 0, 0, 0, 0, 0x80]),
        element(0x01, [0, 0, 0, 0, 0, 0, 0, 0x80]),
        element(0x01, [1, 0, 0, 0, 0, 0, 0xf8, 0x7f]),
        element(0x05, [16, 0, 0, 0, 4], Buffer.alloc(16, 0x4a)),
        element(0x05, [16, 0, 0, 0, 3], Buffer.alloc(16, 0x4a)),
        element(0xff),
        element(0x7f)
      ]) {
        assertSame(decodedInside(bytes), bson.deserialize(bytes));
      }
    });

    it('gives the last of two members of one name, like the bson package', () => {
      const bytes = Buffer.from('13000000106100010000001061000200000000', 'hex');
      assert.deepStrictEqual(decodedInside(bytes), { a: 2 });
    });

    it('refuses text that is not UTF-8, but for the messages of write errors in replies', () => {
      const cut = (key) => {
        const bytes = expectedBytes({ ok: 1, [key]: [{ errmsg: 'cut off: é' }] });
        bytes[bytes.lastIndexOf(0xc3) + 1] = 0x20;
        return bytes;
      };
      const expected = { name: 'BSONError', message: 'Invalid UTF-8 string in BSON document' };
      const writeErrors = cut('writeErrors');
      const others = cut('cursor');
      assert.throws(() => codec.decode(writeErrors, 0, writeErrors.length), expected);
      assert.throws(() => codec.decodeReply(others, 0, others.length), expected);
      assert.equal(codec.decodeReply(writeErrors, 0, writeErrors.length).writeErrors[0].errmsg, 'cut off: \ufffd ');
      assert.deepEqual(codec.decodeReply(expectedBytes({ ok: 1 }), 0, 13), { ok: 1 });
    });
  });
});
