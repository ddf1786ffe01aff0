'use strict';

const assert = require('node:assert/strict');
const bson = require('../support/bson');
const codec = require('../../lib/codec');
const { adopt } = require('../../lib/codec/adopt');

/**
 * Values of other versions of the `bson` package, in the shapes those give them: version 1 keeps
 * `_bsontype` in the instance, 4 in the prototype, 5 and later in a getter beside a version symbol.
 */

const VERSION = Symbol.for('@@mdb.bson.version');
const HEX = '507f1f77bcf86cd799439011';
const LOW = -5;
const HIGH = 0x12345678;

const shapes = {
  ObjectId: { own: { hex: HEX }, methods: { toHexString() { return this.hex; } } },
  Long: { own: { low_: LOW, high_: HIGH }, methods: { getLowBits() { return this.low_; }, getHighBits() { return this.high_; } } },
  Timestamp: { own: { low: LOW, high: HIGH, unsigned: true }, methods: { getLowBits() { return this.low; }, getHighBits() { return this.high; } } },
  Double: { own: { value: 5 } },
  Int32: { own: { value: 7 } },
  Decimal128: { own: { bytes: Uint8Array.from(bson.Decimal128.fromString('1.25').bytes) } },
  // Has room for more than it holds.
  Binary: { own: { buffer: Buffer.from('abcdefgh'), position: 3, sub_type: 0x80 } },
  Code: { own: { code: 'f()', scope: { a: 1 } } },
  BSONSymbol: { own: { value: 'sym' } },
  BSONRegExp: { own: { pattern: 'a+', options: 'mi' } },
  DBRef: { own: { collection: 'users', oid: 5, db: 'app', fields: { extra: [1] } } },
  MinKey: { own: {} },
  MaxKey: { own: {} }
};

const ours = {
  ObjectId: new bson.ObjectId(HEX),
  Long: new bson.Long(LOW, HIGH),
  Timestamp: new bson.Timestamp(new bson.Long(LOW, HIGH, true)),
  Double: new bson.Double(5),
  Int32: new bson.Int32(7),
  Decimal128: bson.Decimal128.fromString('1.25'),
  Binary: new bson.Binary(Buffer.from('abc'), 0x80),
  Code: new bson.Code('f()', { a: 1 }),
  BSONSymbol: new bson.BSONSymbol('sym'),
  BSONRegExp: new bson.BSONRegExp('a+', 'im'),
  DBRef: new bson.DBRef('users', 5, 'app', { extra: [1] }),
  MinKey: new bson.MinKey(),
  MaxKey: new bson.MaxKey()
};

const OLD_NAMES = { ObjectId: 'ObjectID', BSONSymbol: 'Symbol' };

const majors = {
  1: (type) => {
    const name = OLD_NAMES[type] ?? type;
    const Class = { [name]: function(own) { Object.assign(this, { _bsontype: name }, own); } }[name];
    Object.assign(Class.prototype, shapes[type].methods);
    const { collection: namespace, ...own } = shapes[type].own;
    return new Class(type === 'DBRef' ? { ...own, namespace, fields: undefined } : own);
  },
  4: (type) => {
    const prototype = Object.create({}, { _bsontype: { value: OLD_NAMES[type] ?? type } });
    return Object.assign(Object.create(Object.assign(prototype, shapes[type].methods)), shapes[type].own);
  },
  5: (type) => modern(type, 5),
  6: (type) => modern(type, 6),
  7: (type) => modern(type, 7)
};
delete majors[bson.MAJOR];

/** One of the versions whose values have its number, and is not the one in use. */
const OTHER = bson.MAJOR === 5 ? 7 : 5;

function modern(type, version) {
  class BSONValue {
    get [VERSION]() {
      return version;
    }
  }
  class Value extends BSONValue {
    get _bsontype() {
      return type;
    }
  }
  Object.assign(Value.prototype, shapes[type].methods);
  return Object.assign(new Value(), shapes[type].own);
}

function expected(document) {
  return Buffer.from(bson.serialize(document, { ignoreUndefined: false }));
}

describe('the codec, given BSON values of another bson package', () => {
  for (const [major, make] of Object.entries(majors)) {
    for (const type of Object.keys(shapes)) {
      it(`stores a ${type} of version ${major} as one of its own`, () => {
        assert.throws(() => expected({ value: make(type) }), { name: 'BSONVersionError' });
        let same = ours[type];
        if (type === 'DBRef' && major === '1') same = new bson.DBRef('users', 5, 'app');
        const document = (value) => ({ session: { a: undefined, value, list: [value, 1], map: new Map([['in', { value }]]), last: NaN } });
        assert.deepEqual(codec.encode(document(make(type))), expected(document(same)));
      });
    }
  }

  it('stores an early version 6 ObjectId, which cannot write itself', () => {
    const early = modern('ObjectId', 6);
    assert.throws(() => expected({ early }), bson.MAJOR === 6 ? TypeError : { name: 'BSONVersionError' });
    assert.deepEqual(codec.encode({ early }), expected({ early: ours.ObjectId }));
  });

  it('stores a UUID of version 4 as a UUID', () => {
    const id = Buffer.from('b0b3c1f66d0c4b2e9d6f7b1b0b8e0a11', 'hex');
    class UUID {
      get _bsontype() {
        return 'UUID';
      }
    }
    assert.deepEqual(codec.encode({ id: Object.assign(new UUID(), { id }) }), expected({ id: new bson.UUID(id) }));
  });

  it('finds them inside its own DBRef and Code', () => {
    const inside = (oid) => ({ ref: new bson.DBRef('users', oid, undefined, { by: oid }), code: new bson.Code('f()', { oid }) });
    assert.deepEqual(codec.encode(inside(majors[4]('ObjectId'))), expected(inside(ours.ObjectId)));
  });

  it('finds them in what toBSON gives, at any level', () => {
    const document = (oid) => ({
      session: {
        own: { hidden: 1, toBSON: () => ({ _id: oid, next: { toBSON: () => [oid] } }) },
        twice: { toBSON: () => ({ toBSON: () => ({ oid, toBSON: () => ({ thrice: oid }) }) }) },
        functions: [() => 1, oid, Object.assign(() => 1, { toBSON: () => oid })],
        [Symbol('s')]: oid,
        skipped: () => oid,
        sparse: [, oid] // eslint-disable-line no-sparse-arrays
      }
    });
    assert.deepEqual(codec.encode(document(majors[OTHER]('ObjectId'))), expected(document(ours.ObjectId)));
    const root = (oid) => ({ toBSON: () => ({ oid }) });
    assert.deepEqual(codec.encode(root(majors[OTHER]('ObjectId'))), expected(root(ours.ObjectId)));
  });

  it('keeps everything else as it is', () => {
    const document = (oid) => ({
      oid,
      dates: [new Date(5), new Date(NaN)],
      bytes: Buffer.from('x'),
      view: Float64Array.of(1),
      pattern: /x/gi,
      set: new Set([1]),
      boxed: new String('ab'),
      data: Object.assign(JSON.parse('{"__proto__":{"a":1},"2":1,"1":2,"":null}'), { oid }),
      bare: Object.assign(Object.create(null), { oid }),
      error: Object.assign(new Error('e'), { oid }),
      zero: -0,
      long: 5n
    });
    assert.deepEqual(codec.encode(document(majors[OTHER]('ObjectId'))), expected(document(ours.ObjectId)));
  });

  it('does not change the document', () => {
    const oid = majors[OTHER]('ObjectId');
    const document = { list: [oid], map: new Map([['oid', oid]]) };
    codec.encode(document);
    assert.equal(document.list[0], oid);
    assert.equal(document.map.get('oid'), oid);
    const plain = { list: [ours.ObjectId, NaN, { a: 1 }] };
    assert.equal(adopt(plain), plain);
  });

  it('never takes data for a BSON value because of its _bsontype', () => {
    class Account {}
    const data = { _bsontype: 'ObjectID', toHexString: () => HEX, [VERSION]: OTHER };
    for (const value of [data, Object.assign(Object.create(null), data), Object.assign(new Account(), data), Object.assign([], data)]) {
      assert.throws(() => codec.encode({ session: { value } }), { name: 'BSONVersionError' });
    }
  });

  it('leaves what it cannot convert to the bson package to refuse', () => {
    class Broken {
      get _bsontype() {
        return 'ObjectId';
      }
    }
    const unknown = Object.create(Object.create({}, { _bsontype: { value: 'constructor' } }));
    for (const value of [new Broken(), Object.assign(new Broken(), { toHexString: () => 'zz' }), unknown]) {
      assert.throws(() => codec.encode({ session: { value } }), { name: 'BSONVersionError' });
    }
  });

  it('still tells a circular document', () => {
    const document = { oid: majors[4]('ObjectId') };
    document.self = document;
    assert.throws(() => codec.encode({ document }), { message: 'Cannot convert circular structure to BSON' });
  });
});
