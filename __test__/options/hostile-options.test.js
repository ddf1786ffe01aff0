'use strict';

const assert = require('node:assert/strict');
const fc = require('fast-check');
const { castOptions } = require('../../lib/store/options');
const { useStores } = require('../support/stores');

const NAMES = [
  'uri', 'collection', 'connectionOptions', 'expires', 'idField', 'databaseName', 'expiresKey', 'expiresAfterSeconds', 'batching', 'autoRemove',
  'autoRemoveInterval', 'createIndexes', 'degrade', 'touchAfter', 'partialUpdates', 'preventResurrection', 'crypto', 'hashIds', 'transformId',
  'serialize', 'unserialize'
];
/** What JavaScript says when code did not expect a value. */
const INTERNAL = /Cannot read|Cannot (set|perform|convert (object|undefined|a BigInt))|is not (a function|iterable|defined)|call stack|Converting circular|revoked|hex escape|thrown by a hostile value/;

const boom = () => {
  throw new Error('thrown by a hostile value: hunter2');
};
function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
function circular() {
  const value = { password: 'hunter2' };
  value.self = [value];
  return value;
}
const deep = (levels) => Array.from({ length: levels }).reduce((inner) => ({ inner }), {});

/** Made anew each time: some are changed by being looked at. */
const HOSTILE = {
  'a revoked Proxy': revoked, 'a Proxy that throws': () => new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom }),
  'one that refers to itself': circular, 'one 20,000 levels deep': () => deep(20_000), 'a symbol': () => Symbol('s'), 'a BigInt': () => 10n ** 400n,
  'no prototype': () => Object.create(null), 'an array without a prototype': () => Object.setPrototypeOf([1], null),
  'toString that throws': () => Object.create({ toString: boom, constructor: class A {} }), 'valueOf that throws': () => Object.create({ valueOf: boom, constructor: class A {} }),
  'no primitive': () => new (class A { toString() { return {}; } })(), 'a getter that throws': () => ({ get secret() { return boom(); } }),
  'an inspection that throws': () => ({ [Symbol.for('nodejs.util.inspect.custom')]: boom }), 'a tag that throws': () => ({ get [Symbol.toStringTag]() { return boom(); } }),
  'a constructor that throws': () => Object.create({ get constructor() { return boom(); } }), 'keys of prototypes': () => JSON.parse('{"__proto__":{"polluted":true},"constructor":5}'),
  'the global object': () => globalThis, 'an invalid date': () => new Date(NaN), 'half a character': () => 'a\ud800', 'a null byte': () => 'a\0b',
  'an operator': () => '$where', 'NaN': () => NaN, 'Infinity': () => Infinity, 'a negative number': () => -1, 'an empty text': () => '', 'long text': () => 'x'.repeat(1e6),
  'an array with holes': () => [, 1], 'arguments': () => (function() { return arguments; })({}), 'a promise': () => Promise.resolve('hunter2') // eslint-disable-line no-sparse-arrays
};

/** Casts, or is refused in the words of this package. */
function castOrRefused(name, value) {
  let cast;
  try {
    cast = castOptions({ [name]: value });
  } catch (error) {
    assert.ok(['CastError', 'TypeError', 'Error'].includes(error.name), error.name);
    assert.ok(error.message.includes(name), `names the option: ${error.message}`);
    assert.doesNotMatch(error.message, INTERNAL);
    assert.doesNotMatch(error.message, /hunter2/);
    assert.ok(error.message.length < 12_000, `${error.message.length} characters`);
    return;
  }
  assert.ok(typeof cast === 'object');
}

describe('options of any kind', () => {
  const stores = useStores();

  for (const [title, make] of Object.entries(HOSTILE)) {
    it(`work or are refused by name: ${title}`, () => {
      for (const name of NAMES) castOrRefused(name, make());
      for (const name of ['secret', 'required']) castOrRefused('crypto', { secret: 'correct horse', [name]: make() });
      castOrRefused('crypto', { secret: [make()] });
      castOrRefused('connectionOptions', { auth: make(), tls: make() });
      assert.equal({}.polluted, undefined);
    });
  }

  it('work or are refused by name: whatever fast-check thinks of', () => {
    const anything = fc.anything({ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true,
      withSet: true, withSparseArray: true, withTypedArray: true, withUnicodeString: true });
    fc.assert(fc.property(fc.constantFrom(...NAMES), anything, castOrRefused), { numRuns: 5000 });
  });

  it('are refused all at once, each by its name', () => {
    const hostile = Object.fromEntries(NAMES.map((name) => [name, revoked()]));
    assert.throws(() => castOptions(hostile), ({ errors }) => {
      assert.deepEqual(Object.keys(errors).sort(), NAMES.filter((name) => name !== 'autoRemove').concat('autoRemove').sort());
      return true;
    });
  });

  it('that throw when they are read are refused by name, with the reason as cause', () => {
    assert.throws(() => castOptions({ get crypto() { return boom(); } }), ({ message, errors }) => {
      assert.equal(message, 'crypto: the value cannot be read: it, or something in it, threw an error');
      assert.match(errors.crypto.cause.message, /thrown by a hostile value/);
      return true;
    });
  });

  for (const name of ['idField', 'expiresKey']) {
    it(`never make an operator of a session id: ${name}`, () => {
      for (const path of ['$where', '$expr', 'meta.$where', '', '.', 'a..b', 'a.']) {
        assert.throws(() => castOptions({ [name]: path }), { name: 'CastError', message: /must name a field, or be a path/ }, path);
      }
      for (const path of ['a$b', 'meta.sid', ' ', '__proto__', 'constructor', '0']) assert.equal(castOptions({ [name]: path })[name], path);
    });
  }

  it('are the store\'s own: what is changed in them later changes nothing', async () => {
    const options = { uri: stores.uri, collection: 'mine', connectionOptions: { maxPoolSize: 3 } };
    const store = await stores.connected(options);
    options.collection = 'yours';
    options.connectionOptions.maxPoolSize = -1;
    assert.equal(store.options.collection, 'mine');
    assert.equal(store.options.connectionOptions.maxPoolSize, 3);
    await store.set('a', { cookie: {} });
    assert.equal(await stores.db.collection('mine').countDocuments(), 1);
  });

  it('with keys of prototypes change no prototype, of theirs or of the store', async () => {
    const warnings = [];
    const listen = ({ message }) => message.startsWith('The option ') && warnings.push(message);
    process.on('warning', listen);
    const polluting = () => JSON.parse('{"__proto__":{"collection":"polluted","polluted":true},"constructor":{"polluted":true}}');
    const store = await stores.connected(polluting());
    assert.throws(() => stores.open({ connectionOptions: polluting() }), /options __proto__, constructor are not supported/);
    process.off('warning', listen);
    assert.deepEqual(warnings, ['__proto__', 'constructor'].map((name) => `The option \`${name}\` of MongoDBStore is unknown and has no effect.`));
    assert.equal(Object.getPrototypeOf(store.options), Object.prototype);
    assert.notEqual(store.options.collection, 'polluted');
    assert.equal({}.polluted, undefined);
  });
});
