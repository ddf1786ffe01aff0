'use strict';

/** Random connection strings and `connectionOptions` for property tests: mostly good ones, with a fault now and then. */

const fc = require('fast-check');

const mostly = (good, bad, weight = 30) => fc.oneof({ weight, arbitrary: good }, { weight: 1, arbitrary: bad });
const oneOf = (...values) => fc.constantFrom(...values);
const boolean = { good: [true, false, 'true', 'false'], bad: ['yes', 'TRUE', 1, 0, '1'] };
const uint = { good: [0, 1, 7, 250, 9000, '12', '5abc', 2.5, '3.9', ' 8'], bad: ['x', -1, '-5', 'NaN', NaN, true] };
const text = { good: ['a', 'a b', 'ü€', '%', 'x=y&z', '@name@', 'Mixed-Case_1', 5], bad: [] };

/** By option: values that mean something, and values that are a mistake. */
const VALUES = {
  appName: text,
  replicaSet: text,
  authSource: { good: ['admin', 'tenants', '$external'], bad: [] },
  authMechanism: {
    good: ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'scram-sha-256', 'PLAIN', 'plain', 'MONGODB-X509', 'DEFAULT'],
    bad: ['FOO', 'SCRAM', 'X509', 'GSSAPI', 'MONGODB-CR', 'SHA-256', 'mongodb-oidc']
  },
  authMechanismProperties: { good: ['a:1', 'a:true,b:x:y'], bad: ['a', 'ALLOWED_HOSTS:x', 'a:1,b'] },
  directConnection: boolean,
  loadBalanced: boolean,
  retryReads: boolean,
  retryWrites: boolean,
  tls: boolean,
  ssl: boolean,
  tlsInsecure: boolean,
  tlsAllowInvalidCertificates: boolean,
  tlsAllowInvalidHostnames: boolean,
  tlsCAFile: { good: ['/etc/ca.pem', 'ca file.pem'], bad: [] },
  tlsCertificateKeyFile: { good: ['/etc/client.pem'], bad: [] },
  tlsCertificateKeyFilePassword: { good: ['p@ss', 'a:b/c?d#e[f]'], bad: [] },
  journal: boolean,
  j: boolean,
  fsync: boolean,
  w: { good: [0, 1, '2', 'majority', 'dc'], bad: [] },
  wtimeoutMS: uint,
  wtimeout: uint,
  maxPoolSize: uint,
  minPoolSize: uint,
  maxConnecting: uint,
  maxIdleTimeMS: uint,
  waitQueueTimeoutMS: uint,
  serverSelectionTimeoutMS: uint,
  connectTimeoutMS: uint,
  socketTimeoutMS: uint,
  timeoutMS: uint,
  heartbeatFrequencyMS: uint,
  localThresholdMS: uint,
  serverMonitoringMode: { good: ['auto', 'poll', 'stream'], bad: ['often', 'POLL'] },
  compressors: { good: ['snappy', 'zlib', 'zstd', 'snappy,zlib', 'none'], bad: ['lz4', 'zlib,', 'ZLIB'] },
  zlibCompressionLevel: { good: [-1, 0, 6, 9, '3'], bad: ['x', 10, -2] },
  readPreference: { good: ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'], bad: ['Secondary', 'any'] },
  readPreferenceTags: { good: ['dc:ny', 'dc:ny,rack:1'], bad: ['dc', 'dc:ny,'] },
  maxStalenessSeconds: { good: [90, '120'], bad: [0, -1, 'x'] },
  readConcernLevel: { good: ['local', 'majority', 'linearizable', 'available', 'snapshot'], bad: [] },
  srvMaxHosts: uint,
  srvServiceName: { good: ['mongodb', 'custom'], bad: [] },
  proxyHost: { good: ['proxy.example'], bad: [] },
  proxyPort: { good: [1080, '9050'], bad: ['x', -1] },
  proxyUsername: { good: ['traveller'], bad: [] },
  proxyPassword: { good: ['p@ss'], bad: [] },
  family: { good: [4, 6, '4'], bad: [5, 'x'] },
  dbName: { good: ['shop', 'a.b'], bad: [] },
  monitorCommands: boolean,
  useNewUrlParser: boolean,
  useUnifiedTopology: boolean
};

/** What only `connectionOptions` can hold. */
const OBJECT_ONLY = {
  auth: {
    good: [{ username: 'someone', password: 'p@ss:w/o?r#d' }, { username: '', password: '' }, { username: 'someone', password: '' }],
    bad: [5, { username: 'someone' }, { password: 'p' }, 'someone:p']
  },
  readPreference: {
    good: [{ mode: 'nearest' }, { mode: 'secondary', maxStalenessSeconds: 90 }, { mode: 'secondary', tags: [{ dc: 'ny' }, {}] }],
    bad: [5, { mode: 'any' }, {}]
  },
  readPreferenceTags: { good: [[{ dc: 'ny' }], [{ dc: 'ny', rack: '1' }, {}], ['dc:ny']], bad: [['dc']] },
  readConcern: { good: [{ level: 'majority' }, { level: 'local' }], bad: ['majority', 5, {}] },
  writeConcern: {
    good: [{ w: 1 }, { w: 'majority', j: true }, { wtimeoutMS: 5 }, { w: 2, wtimeout: 9, journal: false }, 'majority', 3],
    bad: ['dc', [], true]
  },
  compressors: { good: [['zlib'], ['zstd', 'snappy'], []], bad: [5, ['lz4']] },
  serverApi: { good: ['1', { version: '1' }, { version: '1', strict: true, deprecationErrors: false }], bad: ['2', {}, { version: 1 }] },
  authMechanismProperties: { good: [{ a: 1 }], bad: [5] },
  rejectUnauthorized: { good: [true, false], bad: [] },
  passphrase: { good: ['another'], bad: [] },
  driverInfo: { good: [{ name: 'shop' }, {}], bad: [5, 'shop'] }
};

/** Names that mean nothing to the Node driver. */
const UNKNOWN = ['foo', 'ssl_ca', 'maxPoolSizes', 'readPreferenceTag', 'w1'];

const caseOf = (name) => fc.oneof(
  { weight: 6, arbitrary: fc.constant(name) },
  { weight: 1, arbitrary: oneOf(name.toLowerCase(), name.toUpperCase()) },
  { weight: 1, arbitrary: fc.mixedCase(fc.constant(name)) }
);

const valueOf = ({ good, bad }) => (bad.length === 0 ? oneOf(...good) : mostly(oneOf(...good), oneOf(...bad)));

const named = (table) => fc.oneof(...Object.entries(table).map(([name, values]) => fc.tuple(caseOf(name), valueOf(values))));

/** As people write a value: all of it percent-encoded, or only what they have to. */
const written = (value) => fc.oneof(
  { weight: 3, arbitrary: fc.constant(encodeURIComponent(String(value))) },
  { weight: 1, arbitrary: fc.constant(String(value).replace(/[&#]/g, encodeURIComponent)) }
);

const pair = mostly(
  fc.oneof(
    { weight: 40, arbitrary: named(VALUES).chain(([name, value]) => written(value).map((shown) => `${name}=${shown}`)) },
    { weight: 1, arbitrary: fc.constant('appName=@name@') }
  ),
  fc.oneof(
    named(VALUES).map(([name]) => `${name}=`),
    named(VALUES).map(([name]) => name),
    oneOf(...UNKNOWN).chain((name) => caseOf(name)).map((name) => `${name}=1`),
    oneOf('appName=100%', 'appName=%zz', 'appName=%E4%F6', '%=1', '=1', '', 'serverApi=1')
  ),
  40
);

/** Several pairs, of which one may come twice. */
const query = fc.array(pair, { maxLength: 6 }).chain((pairs) => {
  if (pairs.length === 0) return fc.constant(pairs);
  return mostly(fc.constant(pairs), fc.nat(pairs.length - 1).map((index) => [...pairs, pairs[index]]), 20);
});

const RESERVED = Array.from(':/?#[]@!$&\'()*+,;=%" <>^|\\`{}~');
const userText = fc.string({ unit: fc.oneof(oneOf(...RESERVED), oneOf('a', 'Z', '0', 'ü', '€', '😀', '-', '_', '.')), minLength: 1, maxLength: 8 });
/** Every character that a part of a URI may not have, percent-encoded; sometimes all others, too. */
const encoded = (value) => oneOf(
  encodeURIComponent(value),
  encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`),
  Array.from(Buffer.from(value), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
);
const user = userText.chain(encoded);
const credentials = mostly(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 4, arbitrary: fc.tuple(user, user).map(([name, password]) => `${name}:${password}@`) },
    { weight: 1, arbitrary: user.map((name) => `${name}@`) },
    { weight: 1, arbitrary: user.map((name) => `${name}:@`) }
  ),
  fc.oneof(
    oneOf('@', ':@', ':secret@', 'u:100%@', 'u:%zz@', 'u%:p@', 'u:%E4@'),
    // Not encoded; without the characters that garble what the driver makes of the rest.
    fc.tuple(userText, userText).map(([name, password]) => `${name}:${password}@`.replaceAll('😀', 'ü'))
  ),
  12
);

const port = mostly(oneOf('', ':27017', ':1', ':65535', ':00080'), oneOf(':0', ':65536', ':abc', ':', ':-1', ':1:2'), 30);
const name = mostly(
  oneOf('localhost', 'h', 'H.Example', 'db-1.example.com', 'xn--e1afmkfd.example', 'mongo_1', '127.0.0.1', '[::1]', '[FE80::1]', '[::ffff:1.2.3.4]'),
  oneOf('', 'a b', 'a%20b', 'ü.example', 'a%zz', '[::1', '::1', '[zz]', 'a|b', '300.1.1.1', '%'),
  40
);
const socket = mostly(oneOf('/tmp/mongodb-27017.sock', '/var/run/a b.sock', '/ü.sock').map(encodeURIComponent), oneOf('%zz.sock', '/tmp/a.sock', '.sock'), 10);
const host = fc.oneof({ weight: 9, arbitrary: fc.tuple(name, port).map((parts) => parts.join('')) }, { weight: 1, arbitrary: socket });
const hosts = fc.oneof(
  { weight: 6, arbitrary: host.map((one) => [one]) },
  { weight: 3, arbitrary: fc.array(host, { minLength: 2, maxLength: 4 }) }
);
const path = mostly(oneOf('', '/', '/', '/', '/shop', '/shop', '/a%20b', '/%C3%BC', '/a.b', '/Shop-1'), oneOf('/%', '/%zz', '/a/b', '//', '/ü', '/a b', '/%2F', '/a"b'), 20);
const scheme = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('mongodb://'), hosts) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('mongodb+srv://'), mostly(oneOf(['cluster.example.com'], ['Cluster.Example.COM']), hosts, 8)) }
);

const bad = mostly(fc.constant(''), oneOf('', ' ', '#rest', '\n', '\nx'), 40);

const uriParts = fc.record({ scheme, credentials, path, query, tail: bad }).map(({ scheme: [prefix, list], ...rest }) => {
  return { prefix, hosts: list, ...rest };
});

/** @returns {string} the connection string of its parts */
function uriOf({ prefix, credentials: who, hosts: list, path: database, query: pairs, tail }) {
  return `${prefix}${who}${list.join(',')}${database}${pairs.length > 0 ? '?' : ''}${pairs.join('&')}${tail}`;
}

const objectEntries = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 3,
    arbitrary: fc.uniqueArray(
      mostly(
        fc.oneof({ weight: 3, arbitrary: named(VALUES) }, { weight: 2, arbitrary: named(OBJECT_ONLY) }),
        fc.oneof(fc.tuple(oneOf(...UNKNOWN), oneOf(null, 1)), fc.tuple(oneOf(...Object.keys(VALUES)), oneOf(null, undefined))),
        30
      ),
      { maxLength: 5, selector: ([key]) => key.toLowerCase() }
    )
  }
);

/** The parts of a connection string, and the entries of `connectionOptions`. */
const connection = fc.record({ parts: uriParts, entries: objectEntries });

/** @returns {[string, object]} the arguments of the Node driver's `MongoClient` */
function argumentsOf({ parts, entries }) {
  return [uriOf(parts), Object.fromEntries(entries)];
}

module.exports = { argumentsOf, connection };
