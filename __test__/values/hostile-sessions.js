'use strict';

/** Sessions that fight back while they are encoded. Each is made anew: reading changes some of them. */

const vm = require('node:vm');

const boom = () => {
  throw new Error('boom');
};

/** Gives another value each time it is read. */
function changing(...values) {
  let read = 0;
  return { enumerable: true, configurable: true, get: () => values[Math.min(read++, values.length - 1)] };
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({ a: 1 }, {});
  revoke();
  return proxy;
}

const nested = (levels, wrap = (inner) => ({ inner })) => Array.from({ length: levels }).reduce(wrap, {});

function circular(make) {
  const value = make();
  if (value instanceof Map) value.set('self', value);
  else value.self = value;
  return value;
}

/** Both encoders read a value as often as they must; these are the same for both however often that is. */
const SESSIONS = {
  'a getter': () => ({ get a() { return 1; } }),
  'a getter that throws': () => ({ before: 'x', get a() { return boom(); } }),
  'a getter that throws deep inside': () => ({ a: [{ b: { get c() { return boom(); } } }] }),
  'a toBSON that throws': () => ({ a: { toBSON: boom } }),
  'a toBSON that is a getter that throws': () => ({ a: { get toBSON() { return boom(); } } }),
  'a toBSON that gives itself': () => { const a = { b: 1, toBSON: () => a }; return { a }; },
  'a toBSON that gives nothing': () => ({ a: { toBSON: () => undefined }, b: { toBSON: () => null }, c: { toBSON: () => () => 1 } }),
  'a toBSON that gives a primitive': () => ({ a: { toBSON: () => 7 }, b: [{ toBSON: () => 'x' }] }),
  'a toBSON that is no function': () => ({ a: { toBSON: 7, b: 1 } }),
  'a toBSON in the session itself': () => ({ a: 1, toBSON: () => ({ b: 2 }) }),
  'a toJSON': () => ({ a: { toJSON: () => 'never asked' }, b: Object.assign([1], { toJSON: boom }) }),
  'a Proxy': () => new Proxy({ a: 1, b: { c: 2 } }, {}),
  'a Proxy of an array': () => ({ a: new Proxy([1, { b: 2 }], {}) }),
  'a Proxy that throws': () => ({ a: new Proxy({ b: 1 }, { get: boom }) }),
  'a Proxy whose keys throw': () => ({ a: new Proxy({ b: 1 }, { ownKeys: boom }) }),
  'a Proxy that makes up its keys': () => ({ a: new Proxy({}, { ownKeys: () => ['x', 'y'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }), get: (_, key) => (key === 'x' || key === 'y' ? `the ${key}` : undefined) }) }),
  'a Proxy of a Date': () => ({ a: new Proxy(new Date(0), {}) }),
  'a revoked Proxy': () => ({ a: revoked() }),
  'a prototype that is a Proxy': () => ({ a: Object.create(new Proxy({}, { get: () => undefined })) }),
  'an array with holes': () => ({ a: [1, , 3], b: new Array(5) }), // eslint-disable-line no-sparse-arrays
  'an array with keys': () => ({ a: Object.assign([1, 2], { extra: 3, 5: 6 }) }),
  'an array whose length is written': () => { const a = [1, 2, 3]; a.length = 1; return { a, b: Object.assign([], { length: 3 }) }; },
  'an array that grows while it is read': () => { const a = [0, 1]; Object.defineProperty(a, 0, { enumerable: true, get() { if (a.length < 4) a.push('grown'); return 0; } }); return { a }; },
  'an array that shrinks while it is read': () => { const a = [0, 1, 2, 3]; Object.defineProperty(a, 0, { enumerable: true, get() { a.length = 2; return 0; } }); return { a }; },
  'an array with another prototype': () => ({ a: Object.setPrototypeOf([1, 2], null), b: Object.setPrototypeOf([1], { map: boom }) }),
  'an array of a class': () => ({ a: new (class List extends Array {})(1, 2, 3) }),
  'an array of another realm': () => ({ a: vm.runInNewContext('[1, { b: [2] }, new Date(5), /x/g, null]') }),
  'symbol keys': () => ({ [Symbol('s')]: 1, a: { [Symbol.iterator]: 2, b: 3 } }),
  'symbol tags': () => ({ a: { [Symbol.toStringTag]: 'Map', b: 1 }, c: { [Symbol.toStringTag]: 'RegExp' } }),
  'a tag that throws': () => ({ a: { get [Symbol.toStringTag]() { return boom(); } } }),
  'itself': () => circular(() => ({ a: 1 })),
  'itself in an array': () => { const a = [1]; a.push({ a }); return { a }; },
  'itself in a Map': () => ({ a: circular(() => new Map([['b', 1]])) }),
  'itself in a class': () => ({ a: circular(() => new (class A { b = 1; })()) }),
  'the same thing twice': () => { const a = { b: [1] }; return { a, c: a, d: [a, a] }; },
  '10,000 levels of objects': () => nested(10_000),
  '10,000 levels of arrays': () => nested(10_000, (inner) => ({ a: [inner] })),
  '150 levels': () => nested(150), '199 levels': () => nested(199), '201 levels': () => nested(201), '500 levels': () => nested(500),
  'own keys of prototypes': () => JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}},"hasOwnProperty":3,"toString":"x","valueOf":null,"deep":{"__proto__":[1]}}'),
  'an own __proto__ that is a getter': () => ({ a: Object.defineProperty({}, '__proto__', changing('x')) }),
  'keys that are not enumerable': () => Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }),
  'keys that are numbers': () => ({ 10: 'a', 2: 'b', '-1': 'c', '01': 'd', 4294967295: 'e' }),
  'a key with a NUL': () => ({ 'a\0b': 1 }), 'a key with a NUL deep inside': () => ({ a: [{ 'b\0': 1 }] }),
  'lone surrogates': () => ({ a: '\ud800', b: 'x\udc00y', c: '\udc00\ud800'.repeat(40), '\ud800': 1, d: `${'x'.repeat(200)}\ud83d` }),
  'NULs in text': () => ({ a: 'x\0y', b: '\0', c: '\0'.repeat(300) }),
  'strange dates': () => ({ a: new Date(NaN), b: new Date(8.64e15), c: new Date(-8.64e15), e: vm.runInNewContext('new Date(NaN)') }),
  'a date without a prototype': () => ({ a: Object.setPrototypeOf(new Date(1), null) }), 'a pattern without a prototype': () => ({ a: Object.setPrototypeOf(/x/, null) }),
  'a date whose getTime is replaced': () => ({ a: Object.assign(new Date(5), { getTime: () => 7 }), b: Object.assign(new Date(5), { extra: 1 }) }),
  'a date whose getTime throws': () => ({ a: Object.assign(new Date(5), { getTime: boom }) }),
  'a date whose getTime gives text': () => ({ a: Object.assign(new Date(5), { getTime: () => 'x' }) }),
  'strange numbers': () => ({ a: -0, b: NaN, c: Infinity, d: 2 ** 31, e: -(2 ** 31) - 1, f: 2 ** 63, g: 5e-324, h: 2n ** 63n - 1n, i: -(2n ** 63n) }),
  'boxed values': () => ({ a: Object(1), b: Object('x'), c: Object(true), d: Object(5n), e: Object(Symbol('s')) }),
  'functions and classes': () => ({ a() {}, b: class {}, c: [() => 1, 2], d: Object.assign(() => 1, { e: 1 }) }),
  'data that says it is BSON': () => ({ a: { _bsontype: 'ObjectId', id: 'x' } }),
  'data of an unknown BSON type': () => ({ a: { _bsontype: 'Nonsense' } }),
  'a BSON type that is a getter that throws': () => ({ a: { get _bsontype() { return boom(); } } }),
  'bytes': () => ({ a: Buffer.alloc(0), b: new Uint8Array(3), c: new DataView(new ArrayBuffer(2)), d: new Float64Array(2), e: new ArrayBuffer(3), f: new Uint8ClampedArray(2) }),
  'bytes whose length is written': () => ({ a: Object.defineProperty(Buffer.from('abc'), 'length', { value: 2 }) }),
  'iterators and weak things': () => ({ a: new WeakMap(), b: (function* () { yield 1; })(), c: Promise.resolve(1), d: new Set([1]), e: new Map([[1, 2], ['x', { y: 1 }]]) }),
  'a Map with strange keys': () => ({ a: new Map([[{}, 1]]) }), 'a Map with a NUL in a key': () => ({ a: new Map([['x\0', 1]]) }),
  'errors and patterns': () => ({ a: Object.assign(new Error('e'), { code: 1 }), b: /x\0/, c: Object.assign(/y/gimsuy, { z: 1 }), d: new URL('http://a/') }),
  'arguments': () => ({ a: (function() { return arguments; })(1, 2) }),
  'a key that is added while read': () => { const a = { get b() { a.z = 9; return 1; }, c: 2 }; return { a }; },
  'a value that another getter changes': () => { const c = { n: 1 }; return { a: { get b() { c.n = 2; return 0; } }, c }; },
  'a prototype that changes while read': () => { const a = { get b() { Object.setPrototypeOf(a, { inherited: 1 }); return 1; }, c: 2 }; return { a }; }
};

/** Read once by one encoder and twice by the other, these may be stored as either; but as one document, and whole. */
const CHANGING = {
  'a key that is deleted while read': () => { const a = { get b() { delete a.c; return 1; }, c: 2 }; return { a }; },
  'a number that becomes text': () => ({ a: Object.defineProperty({}, 'b', changing(1, 'text', {}, [1])) }),
  'an object that becomes a date': () => ({ a: Object.defineProperty({}, 'b', changing({ x: 1 }, new Date(5), 'x')) }),
  'keys that change': () => { let n = 0; return { a: new Proxy({ x: 1, y: 2 }, { ownKeys: (target) => (n++ % 2 ? ['x'] : Reflect.ownKeys(target)) }) }; },
  'text that grows': () => { let n = 1; return { a: { get b() { return 'x'.repeat(n *= 3); } } }; }
};

module.exports = { CHANGING, SESSIONS };
