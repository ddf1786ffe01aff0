'use strict';

/** Connection strings and options, understood and refused as the Node driver does. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const mongodb = require('mongodb');
const { OPTIONS } = require('mongodb/lib/connection_string');
const { parse } = require('../../lib/connection');
const { SECTIONS, TABLE } = require('../../lib/connection/table');
const { openClient } = require('../../lib/native/realm');
const { OBJECTS, URIS } = require('./cases');

/** Where the two differ on purpose: what ours says, and why. */
const DIFFERENT = new Map([
  ['mongodb://u:p@@h', { ours: 'MongoParseError: Protocol and host list are required in "mongodb://"', why: 'no password in a message' }],
  ['mongodb://h:abc', { ours: 'MongoRuntimeError: Unable to parse h:… with URL', why: 'it may be a password without a host' }],
  ['mongodb://u:p@q@h', { ours: 'MongoParseError: Password contains unescaped characters', why: 'the rest of a password is no host' }],
  ['mongodb://u@q@h', { ours: 'MongoParseError: Username contains unescaped characters', why: 'the rest of a name is no host' }],
  ['mongodb://h/?appName=@x@', { ours: 'MongoParseError: Username contains unescaped characters', why: 'no part of a connection string that may be a secret' }],
  ['mongodb://h/?readPreferenceTags=dc:a', { ours: 'MongoInvalidArgumentError: Primary read preference cannot be combined with tags', why: 'they would do nothing' }],
  ['mongodb://h/?maxStalenessSeconds=90', { ours: 'MongoInvalidArgumentError: Primary read preference cannot be combined with maxStalenessSeconds', why: 'it would do nothing' }],
  ['mongodb://h/?journal=x', { ours: 'MongoParseError: journal must be either "true" or "false"', why: 'the option by its name' }],
  ['mongodb://h/%', { ours: 'MongoParseError: URI malformed', why: 'a class of the driver\'s' }],
  ["{ auth: { username: 'a' } }", { ours: "MongoParseError: auth must be an object with 'username' and 'password' properties", why: 'the option by its name' }],
  ['{ auth: 5 }', { ours: "MongoParseError: auth must be an object with 'username' and 'password' properties", why: 'the option by its name' }],
  ['{ maxPoolSize: NaN }', { ours: 'MongoParseError: Expected maxPoolSize to be stringified int value, got: NaN', why: 'it is no size' }],
  ["{ useNewUrlParser: 'x' }", { ours: undefined, why: 'it means nothing' }]
]);

function attempt(work) {
  try {
    return { value: work() };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

/** What the driver made of it, in the words of our settings. */
function fromDriver(options) {
  const { credentials, readPreference, writeConcern } = options;
  const hosts = options.hosts.map(({ host, port, socketPath }) => (socketPath ? { socketPath } : { host, port }));
  return {
    hosts: options.srvHost ? undefined : hosts,
    srv: options.srvHost,
    database: options.dbName,
    user: credentials?.username || undefined,
    password: credentials?.password || undefined,
    source: credentials?.source,
    mechanism: credentials && credentials.mechanism,
    tls: Boolean(options.tls),
    replicaSet: options.replicaSet,
    appName: options.appName,
    pool: [options.maxPoolSize, options.minPoolSize, options.maxConnecting],
    read: [readPreference.mode, readPreference.tags, readPreference.maxStalenessSeconds, options.readConcern?.level],
    write: [writeConcern?.w, writeConcern?.journal, writeConcern?.wtimeoutMS],
    direct: [options.directConnection, options.loadBalanced, options.retryReads, options.retryWrites],
    compressors: options.compressors[0] === 'none' ? undefined : options.compressors,
    proxy: options.proxyHost
  };
}

function fromOurs(settings) {
  const { credential, readPreference, writeConcern } = settings;
  return {
    hosts: settings.hosts,
    srv: settings.srv?.host,
    database: settings.defaultDatabase ?? 'test',
    user: credential?.username,
    password: credential?.password || undefined,
    source: credential && (credential.source ?? 'admin'),
    mechanism: credential && (credential.mechanism ?? 'DEFAULT'),
    tls: Boolean(settings.tls?.enabled),
    replicaSet: settings.replicaSet,
    appName: settings.appName,
    pool: [settings.maxPoolSize, settings.minPoolSize ?? 0, settings.maxConnecting ?? 2],
    read: [readPreference?.mode ?? 'primary', readPreference?.tags, readPreference?.maxStalenessSeconds, settings.readConcern?.level],
    write: [writeConcern?.w, writeConcern?.journal, writeConcern?.wtimeoutMS],
    direct: [settings.directConnection ?? false, settings.loadBalanced ?? false, settings.retryReads ?? true, settings.retryWrites ?? true],
    compressors: settings.compressors?.map(({ name }) => name),
    proxy: settings.proxy?.host
  };
}

/** Null prototypes and undefined members aside. */
const plain = (value) => JSON.parse(JSON.stringify(value));

describe('connection strings and options', () => {
  const cases = [...URIS.map((uri) => ({ name: uri, uri })), ...OBJECTS.map((options) => ({ name: inspect(options), uri: 'mongodb://h/db', options }))];

  for (const { name, uri, options } of cases) {
    const different = DIFFERENT.get(name);
    it(`${name}${different ? ` differs: ${different.why}` : ''}`, () => {
      const driver = attempt(() => new mongodb.MongoClient(uri, options).options);
      const ours = attempt(() => parse(uri, options));
      if (different) {
        assert.equal(ours.error, different.ours);
        assert.notEqual(driver.error, different.ours);
        return;
      }
      assert.equal(ours.error, driver.error);
      if (ours.error) return;
      assert.deepEqual(plain(fromOurs(ours.value)), plain(fromDriver(driver.value)));
      // The native half takes nothing that it does not know.
      assert.ok(openClient(JSON.stringify(ours.value)) > 0);
    });
  }

  it('every option of the Node driver is in the table', () => {
    assert.deepEqual(Object.keys(OPTIONS).filter((name) => !(name in TABLE)), []);
  });

  it('no option stands in two sections', () => {
    const names = Object.values(SECTIONS).flatMap((section) => Object.keys(section));
    assert.deepEqual(names, [...new Set(names)]);
  });

  for (const [name, { use, note }] of Object.entries(TABLE)) {
    if (use === 'refused') {
      it(`${name} is refused, and the message says what to do`, () => {
        assert.throws(() => parse('mongodb://h', { [name]: { some: 'value' } }), {
          name: 'MongoCompatibilityError',
          message: `option ${name} is not supported by this store: ${note}`
        });
      });
    } else if (use === 'ignored') {
      it(`${name} is accepted and changes nothing`, () => {
        assert.deepEqual(parse('mongodb://h', { [name]: true }), parse('mongodb://h'));
        assert.deepEqual(parse(`mongodb://h/?${name.toUpperCase()}=true`), parse('mongodb://h'));
      });
    }
  }

  it('options of earlier drivers mean what they meant', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';
    const { maxPoolSize, tls } = parse('mongodb://h/?ssl=true', { poolSize: 7, sslCA: [Buffer.from(pem)], sslValidate: false, sslPass: 'x' });
    assert.equal(maxPoolSize, 7);
    assert.deepEqual(tls, { enabled: true, allowInvalidCertificates: true, ca: pem, certificateKeyFilePassword: 'x' });
  });

  describe('secrets', () => {
    const SECRET = 'S3CR3T';
    const refused = [
      [`mongodb://u:${SECRET}@`],
      [`mongodb://u:${SECRET}@@h`],
      [`mongodb://u:p@${SECRET}@h`],
      [`mongodb://u:${SECRET}/x`],
      [`mongodb://u:${SECRET}/?w=1`],
      [`mongodb://h,u:${SECRET}`],
      [`mongodb://u:a:${SECRET}/x`],
      [`mongodb://[::1]:${SECRET}/x`],
      [`mongodb://u:${SECRET}@h:99999`],
      [`mongodb://u:${SECRET}@h/?foo=1`],
      [`mongodb://u:${SECRET}@h /?tls=x`],
      [`mongodb://u:${SECRET}@h/?authMechanism=FOO`],
      [`mongodb://${SECRET}/x:p@h/`],
      [`mongodb+srv://u:${SECRET}@h:1`],
      ['mongodb://h', { auth: { username: SECRET } }],
      ['mongodb://h', { key: SECRET }],
      ['mongodb://h', { proxyPassword: SECRET }],
      ['mongodb://h/?proxyHost=p', { proxyPassword: SECRET }],
      ['mongodb://h', { autoEncryption: { key: SECRET } }]
    ];
    for (const [uri, options] of refused) {
      it(`are in no error about ${uri.replace(SECRET, '…')} ${Object.keys(options ?? {})}`, () => {
        assert.throws(() => parse(uri, options), (error) => {
          assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }) + error.stack, new RegExp(SECRET));
          return true;
        });
      });
    }
  });
});
