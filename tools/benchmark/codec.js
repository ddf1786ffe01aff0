'use strict';

/**
 * What encoding and decoding one session costs the main thread: this package's codec beside the
 * `bson` package, of the version that this package brings and of the newest major one, for realistic
 * sessions of three sizes. `node tools/benchmark/codec.js`.
 */

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const bson = require('bson');
const bson7 = require('bson7');
const codec = require('../../lib/codec');

const AS_DRIVER = { ignoreUndefined: false, serializeFunctions: false, checkKeys: false };
const SIZES = [300, 4 * 1024, 64 * 1024];
const VARIANTS = 32;
const ROUNDS = 61;
/** How long one measurement of one contestant lasts, in ms: well above the clock's grain. */
const SLICE_MS = 10;

const PRODUCTS = ['Wool socks, grey', 'Kettle 1.7 l', 'Reading lamp', 'Café crème mug', 'Notebook A5, dotted'];

function cookie() {
  return {
    originalMaxAge: 1209600000,
    expires: new Date(Date.now() + 1209600000),
    secure: true,
    httpOnly: true,
    domain: null,
    path: '/',
    sameSite: 'lax'
  };
}

function cartItem(number) {
  return {
    sku: `SKU-${100000 + number}`,
    title: PRODUCTS[number % PRODUCTS.length],
    quantity: 1 + number % 4,
    price: 4.99 + number,
    currency: 'EUR',
    taxRate: 0.19,
    image: `https://cdn.example.com/products/${100000 + number}/thumb@2x.jpg`,
    addedAt: new Date(1700000000000 + number * 61000),
    options: { color: 'grey', size: number % 3 === 0 ? 'M' : null, gift: false },
    available: true
  };
}

/** A session of about `bytes` bytes of BSON, its content different for every `seed`. */
function session(bytes, seed) {
  const made = { cookie: cookie(), csrfSecret: randomBytes(18).toString('base64'), passport: { user: randomBytes(12).toString('hex') }, flash: {}, returnTo: '/account/orders?page=2', views: seed };
  if (bytes < 1000) return made;
  made.user = {
    id: 1000 + seed,
    name: `Zoë Müller ${seed}`,
    email: `user${seed}@example.com`,
    roles: ['customer', 'beta'],
    lastLogin: new Date(),
    preferences: { language: 'de', newsletter: false, theme: 'dark', pageSize: 25 }
  };
  made.flash = { info: ['Your cart was updated.'], error: [] };
  made.returnTo = '/checkout/address?step=2';
  made.views = 17 + seed;
  made.cart = { items: [], coupon: null, total: 0.5 };
  for (let number = seed; bson.calculateObjectSize({ session: made }) < bytes; number++) made.cart.items.push(cartItem(number));
  return made;
}

/** Microseconds per call of `work`, over one slice. */
function slice(work) {
  const start = process.hrtime.bigint();
  const until = start + BigInt(SLICE_MS * 1e6);
  let calls = 0;
  let now = start;
  while (now < until) {
    for (let variant = 0; variant < VARIANTS; variant++) work(variant);
    calls += VARIANTS;
    now = process.hrtime.bigint();
  }
  return Number(now - start) / 1000 / calls;
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

/** Contestants take turns, in changing order, so that what else the machine does hits all alike. */
function compare(contestants) {
  const names = Object.keys(contestants);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let warm = 0; warm < 20; warm++) for (const name of names) slice(contestants[name]);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length];
      times[name].push(slice(contestants[name]));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])]));
}

function measure(bytes) {
  const documents = Array.from({ length: VARIANTS }, (_, seed) => ({ session: session(bytes, seed) }));
  const stored = documents.map(({ session: value }, seed) => ({ _id: randomBytes(24).toString('base64url') + seed, session: value, expires: new Date() }));
  const encoded = documents.map((document) => bson.serialize(document, AS_DRIVER));
  const packed = stored.map((document) => Buffer.from(bson.serialize(document, AS_DRIVER)));
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  // The completion buffer holds many results one after another.
  const completions = Buffer.concat(packed);
  const starts = [];
  let offset = 0;
  for (const document of packed) {
    starts.push(offset);
    offset += document.length;
  }
  documents.forEach((document, i) => {
    assert.deepEqual(codec.encode(document), Buffer.from(encoded[i]));
    assert.deepEqual(Buffer.from(bson7.serialize(document, AS_DRIVER)), Buffer.from(encoded[i]));
    assert.deepEqual(codec.decode(completions, starts[i], starts[i] + packed[i].length), bson.deserialize(packed[i]));
    assert.deepEqual(bson7.deserialize(packed[i]), bson.deserialize(packed[i]));
  });
  const encode = compare({
    bson6: (i) => buffer.set(bson.serialize(documents[i], AS_DRIVER), 4096),
    bson7: (i) => buffer.set(bson7.serialize(documents[i], AS_DRIVER), 4096),
    ours: (i) => codec.encodeInto(buffer, 4096, documents[i])
  });
  const decode = compare({
    bson6: (i) => bson.deserialize(packed[i]),
    bson7: (i) => bson7.deserialize(packed[i]),
    ours: (i) => codec.decode(completions, starts[i], starts[i] + packed[i].length)
  });
  return { bytes: median(encoded.map((document) => document.length)), encode, decode };
}

if (require.main === module) {
  const row = (name, columns) => console.log(`${name.padEnd(20)}${columns.map((column) => column.padStart(13)).join('')}`);
  row('median us', ['bson 6', 'bson 7', 'ours', 'bson 6/ours', 'bson 7/ours'].map((name) => ` ${name}`));
  for (const size of SIZES) {
    const { bytes, encode, decode } = measure(size);
    for (const [name, { bson6, bson7: newest, ours }] of Object.entries({ encode, decode })) {
      row(`${name} ${bytes} B`, [bson6, newest, ours, bson6 / ours, newest / ours].map((number) => number.toFixed(2)));
    }
  }
}

module.exports = { session };
