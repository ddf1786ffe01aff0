'use strict';

/**
 * What applications may put into a session, and what may be found stored: one row per value.
 * `make` gives a new value every time, so that no test sees what another did to it.
 */

const vm = require('node:vm');
const bson = require('../support/bson');

class Account {
  #secret = 1;
  constructor() {
    this.name = 'Ada';
    this.tags = ['a', { b: 1 }];
  }

  get computed() {
    return this.#secret;
  }
}

class Sum extends Array {}
class Moment extends Date {}
class Later extends Date {
  getTime() {
    return 1234;
  }
}
class Money {
  constructor(cents) {
    this.cents = cents;
  }

  toBSON() {
    return { amount: this.cents / 100, currency: 'EUR' };
  }
}

function OldStyle() {
  this.own = 1;
}
OldStyle.prototype.method = function method() {};
OldStyle.prototype.shared = 'not stored';

function with_(object, key, descriptor) {
  return Object.defineProperty(object, key, descriptor);
}

function nested(levels) {
  let value = 'bottom';
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { down: value } : [value];
  return value;
}

function holes() {
  const array = [1, 2, 3];
  delete array[1];
  array.length = 5;
  return array;
}

const id = '507f1f77bcf86cd799439011';
const long = 'x'.repeat(100000);

const values = Object.entries({
  'string': () => 'Ada',
  'string, empty': () => '',
  'string of one character': () => 'x',
  'string with NUL': () => 'a\0b\0',
  'string of 48 characters': () => 'x'.repeat(48),
  'string of 49 characters': () => 'x'.repeat(49),
  'string of 48 characters, the last not ASCII': () => 'x'.repeat(47) + 'é',
  'string of 100 characters': () => 'y'.repeat(100),
  'string of 101 characters': () => 'y'.repeat(101),
  'string of 100,000 characters': () => long,
  'string of 100,000 characters beyond ASCII': () => '漢'.repeat(100000),
  'string in Latin-1': () => 'Zoë Müller ÿ',
  'string in Cyrillic': () => 'Привет',
  'string with an emoji': () => 'ok 👍🏽',
  'string of a high surrogate alone': () => 'a\ud83db',
  'string of a low surrogate alone': () => '\udc4d',
  'string of U+FFFD': () => 'a\ufffdb',
  'string with a byte order mark': () => '\ufeffab',
  'string, put together': () => ['some', 'thing', 'long enough to be a rope'].reduce((a, b) => a + b),
  'string, cut out': () => 'x'.repeat(50).concat('tail of a longer string').slice(50),
  'string of DEL and control characters': () => '\x7f\x01\x1f\n',
  'zero': () => 0,
  'minus zero': () => -0,
  'one': () => 1,
  'minus one': () => -1,
  'largest int32': () => 0x7fffffff,
  'smallest int32': () => -0x80000000,
  'one above int32': () => 0x80000000,
  'one below int32': () => -0x80000001,
  'largest safe integer': () => Number.MAX_SAFE_INTEGER,
  'smallest safe integer': () => Number.MIN_SAFE_INTEGER,
  'two to the 53rd': () => 2 ** 53,
  'fraction': () => 0.1,
  'negative fraction': () => -1.5,
  'largest number': () => Number.MAX_VALUE,
  'smallest number': () => Number.MIN_VALUE,
  'infinity': () => Infinity,
  'minus infinity': () => -Infinity,
  'NaN': () => NaN,
  'true': () => true,
  'false': () => false,
  'null': () => null,
  'undefined': () => undefined,
  'BigInt': () => 5n,
  'BigInt beyond safe integers': () => 2n ** 60n + 1n,
  'BigInt of two to the 53rd': () => 2n ** 53n,
  'BigInt, negative': () => -(2n ** 33n) - 7n,
  'largest BigInt of 64 bits': () => 2n ** 63n - 1n,
  'smallest BigInt of 64 bits': () => -(2n ** 63n),
  'symbol': () => Symbol('s'),
  'function': () => () => 1,
  'function with toBSON': () => Object.assign(() => 1, { toBSON: () => 'called' }),
  'class': () => Account,
  'date': () => new Date(1700000000123),
  'date before 1970': () => new Date(-1),
  'date long before 1970': () => new Date('-001000-01-01T00:00:00Z'),
  'date of 1970': () => new Date(0),
  'first date': () => new Date(-8.64e15),
  'last date': () => new Date(8.64e15),
  'date, invalid': () => new Date(NaN),
  'date of a subclass': () => new Moment(1700000000000),
  'date whose getTime is overridden': () => new Later(0),
  'date of another realm': () => vm.runInNewContext('new Date(5)'),
  'date with a property': () => Object.assign(new Date(7), { extra: 1 }),
  'object, empty': () => ({}),
  'object': () => ({ a: 1, b: 'two', c: [3], d: null }),
  'object without prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'object with inherited properties': () => Object.assign(Object.create({ inherited: 1 }), { own: 2 }),
  'object of another realm': () => vm.runInNewContext('({ a: [1, { b: null }] })'),
  'object that is frozen': () => Object.freeze({ a: 1 }),
  'object with a getter': () => ({ get now() { return 'got'; } }),
  'object with a setter only': () => ({ set now(_) {} }),
  'object with a hidden property': () => with_({ a: 1 }, 'hidden', { value: 2, enumerable: false }),
  'object with a symbol as key': () => ({ a: 1, [Symbol('k')]: 2 }),
  'object with integers as keys': () => ({ b: 1, 10: 'ten', 2: 'two', a: 2, '-1': 0, '01': 1 }),
  'object with the key ""': () => ({ '': 1 }),
  'object with dots in keys': () => ({ 'a.b': 1, '.': 2, 'a.': 3 }),
  'object with $ in keys': () => ({ $set: 1, $: 2, 'a$b': 3, $gt: { $lt: 4 } }),
  'object with keys beyond ASCII': () => ({ ключ: 1, 'é': 2, '👍': 3, '\ud83d': 4 }),
  'object with a long key': () => ({ ['k'.repeat(200)]: 1, ['k'.repeat(39)]: 2, ['k'.repeat(40)]: 3 }),
  'object with keys of 1 to 20 characters': () => Object.fromEntries(Array.from({ length: 20 }, (_, i) => ['abcdefghijklmnopqrst'.slice(0, i + 1), i])),
  'object with many keys': () => Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key-${i}`, i])),
  'object with control characters in keys': () => ({ '\x01': 1, '\x7f': 2, '\n': 3 }),
  'object with __proto__ as data': () => JSON.parse('{"__proto__":{"admin":true},"a":1}'),
  'object with constructor and prototype as data': () => ({ constructor: { prototype: 1 }, hasOwnProperty: 2, toString: 3, valueOf: null }),
  'object with toJSON': () => ({ a: 1, toJSON: () => 'never' }),
  'object with toBSON': () => ({ a: 1, toBSON: () => ({ b: 2 }) }),
  'object with toBSON to a string': () => ({ toBSON: () => 'text' }),
  'object with toBSON to undefined': () => ({ toBSON: () => undefined }),
  'object with toBSON to an object with toBSON': () => ({ toBSON: () => ({ toBSON: () => ({ twice: true }) }) }),
  'object with toBSON as data': () => ({ toBSON: 'text' }),
  'object with a hidden toBSON': () => with_({ a: 1 }, 'toBSON', { value: () => ({ hidden: true }), enumerable: false }),
  'object with _bsontype null': () => ({ _bsontype: null, a: 1 }),
  'object with a toStringTag': () => ({ a: 1, [Symbol.toStringTag]: 'Thing' }),
  'object like a DBRef': () => ({ $ref: 'users', $id: 5, $db: 'app', note: 'x' }),
  'object like a DBRef but for one key': () => ({ $ref: 'users', $id: 5, $x: 1 }),
  'object with $ref alone': () => ({ $ref: '#/definitions/x' }),
  'object with $id and $db': () => ({ $id: 1, $db: 'x' }),
  'object that is arguments': () => (function f() { return arguments; })(1, 'two'),
  'object that is a proxy': () => new Proxy({ a: 1, b: { c: 2 } }, {}),
  'object that is the same twice': () => {
    const shared = { s: 1 };
    return { first: shared, second: shared, list: [shared, shared] };
  },
  'object nested 30 deep': () => nested(30),
  'object nested 60 deep': () => nested(60),
  'object nested 170 deep': () => nested(170),
  'instance of a class': () => new Account(),
  'instance of an old-style class': () => new OldStyle(),
  'instance with toBSON': () => new Money(1250),
  'array, empty': () => [],
  'array': () => [1, 'two', null, [3, [4]], { five: 5 }, true, new Date(6)],
  'array with undefined': () => [undefined, 1, undefined],
  'array with holes': holes,
  'array of 1,200 numbers': () => Array.from({ length: 1200 }, (_, i) => i * 3),
  'array with functions and symbols': () => [1, () => 2, Symbol('3'), 4],
  'array with properties': () => Object.assign([1, 2], { extra: 'lost' }),
  'array of a subclass': () => Sum.from([1, 2]),
  'array of another realm': () => vm.runInNewContext('[1, [2]]'),
  'array with toBSON': () => Object.assign([1], { toBSON: () => ['other'] }),
  'array that is a proxy': () => new Proxy([1, { a: 2 }], {}),
  'array of objects': () => [{ a: 1, b: 2 }, { b: 3, a: 4 }, { c: 5 }, {}],
  'Map': () => new Map([['a', 1], ['b', new Map([['c', null], ['d', undefined]])]]),
  'Map, empty': () => new Map(),
  'Set': () => new Set([1, 2]),
  'WeakMap': () => new WeakMap(),
  'Buffer': () => Buffer.from('bytes'),
  'Buffer, empty': () => Buffer.alloc(0),
  'Buffer of 1,000 bytes': () => Buffer.alloc(1000, 0xfe),
  'Uint8Array': () => Uint8Array.of(1, 2, 255),
  'Uint8Array of a part': () => new Uint8Array(Uint8Array.of(0, 1, 2, 3, 4).buffer, 1, 3),
  'Uint8Array of another realm': () => vm.runInNewContext('Uint8Array.of(9, 8)'),
  'Uint8ClampedArray': () => Uint8ClampedArray.of(1, 2),
  'Int16Array': () => Int16Array.of(-1, 2),
  'Float64Array': () => Float64Array.of(0.5),
  'BigInt64Array': () => BigInt64Array.of(7n),
  'ArrayBuffer': () => new ArrayBuffer(4),
  'DataView': () => new DataView(new ArrayBuffer(4)),
  'RegExp': () => /a+b/,
  'RegExp with flags': () => /a\/b/gim,
  'RegExp with flags BSON does not know': () => /a/suy,
  'RegExp beyond ASCII': () => /ключ/i,
  'RegExp of another realm': () => vm.runInNewContext('/x/g'),
  'Error': () => new Error('not stored'),
  'Error with properties': () => Object.assign(new Error('not stored'), { code: 'E', status: 500 }),
  'boxed string': () => new String('ab'),
  'boxed number': () => new Number(5),
  'boxed boolean': () => new Boolean(false),
  'URL': () => new URL('https://example.com/x'),
  'promise': () => Promise.resolve(1),
  'generator': () => (function* g() { yield 1; })(),
  'Math': () => Math,
  'ObjectId': () => new bson.ObjectId(id),
  'UUID': () => new bson.UUID('b0b3c1f6-6d0c-4b2e-9d6f-7b1b0b8e0a11'),
  'Long': () => bson.Long.fromString('-9007199254740993'),
  'Long in the safe range': () => bson.Long.fromNumber(12),
  'Double': () => new bson.Double(5),
  'Int32': () => new bson.Int32(5),
  'Decimal128': () => bson.Decimal128.fromString('12.50'),
  'Timestamp': () => new bson.Timestamp({ t: 1700000000, i: 3 }),
  'Binary': () => new bson.Binary(Buffer.from('secret'), 0x80),
  'Binary of subtype 2': () => new bson.Binary(Buffer.from('old'), 2),
  'Binary of subtype 0': () => new bson.Binary(Buffer.alloc(40, 7)),
  'Code': () => new bson.Code('function f() {}'),
  'Code with scope': () => new bson.Code('x', { x: 1, nested: { y: [2] } }),
  'BSONSymbol': () => new bson.BSONSymbol('sym'),
  'BSONRegExp': () => new bson.BSONRegExp('a+', 'mi'),
  'DBRef': () => new bson.DBRef('users', new bson.ObjectId(id), 'app', { extra: 1 }),
  'MinKey': () => new bson.MinKey(),
  'MaxKey': () => new bson.MaxKey(),
  'array of BSON values': () => [new bson.ObjectId(id), bson.Long.ONE, new bson.Decimal128('1')],
  'document with an ObjectId, as from a driver': () => ({ _id: new bson.ObjectId(id), name: 'Ada', createdAt: new Date(1) }),
  'JWT-like text': () => `${'eyJhbGciOiJIUzI1NiJ9.'.repeat(20)}sig`
}).map(([name, make]) => ({ name, make }));

function circular() {
  const a = { list: [1] };
  a.list.push({ back: a });
  return a;
}

/** What the `bson` package refuses to encode, and so do we, with the same words. */
const refused = Object.entries({
  'circular object': circular,
  'circular array': () => {
    const array = [];
    array.push(array);
    return array;
  },
  'circular Map': () => {
    const map = new Map();
    return map.set('self', map);
  },
  'circular instance': () => Object.assign(new Account(), { self: circular() }),
  'key with NUL': () => ({ 'a\0b': 1 }),
  'key with NUL of a function': () => ({ 'a\0b': () => 1 }),
  'key with NUL in a Map': () => new Map([['\0', 1]]),
  'RegExp with NUL': () => new RegExp(['a', 'b'].join('\0')),
  'data with a _bsontype': () => ({ _bsontype: 'ObjectId', id: 'abcdefghijkl' }),
  'data with an unknown _bsontype': () => ({ _bsontype: 'Nonsense' }),
  'array with a _bsontype': () => Object.assign([1], { _bsontype: 'Long' }),
  'object with a toStringTag of Map': () => ({ [Symbol.toStringTag]: 'Map' }),
  'object with a toStringTag of Date': () => ({ [Symbol.toStringTag]: 'Date' }),
  'object with a Date as prototype': () => Object.create(Date.prototype),
  'object with a subclass of Date as prototype': () => Object.create(Moment.prototype),
  'proxy of a Date': () => new Proxy(new Date(0), {}),
  'toBSON that throws': () => ({ toBSON() { throw new TypeError('no'); } }),
  'toBSON to a number, the second time': () => ({ toBSON: () => ({ toBSON: () => 5 }) }),
  'getter that throws': () => ({ get broken() { throw new SyntaxError('no'); } })
}).map(([name, make]) => ({ name, make }));

module.exports = { refused, values };
