'use strict';

/**
 * Every option of the Node driver 6 and what becomes of it here. The options page is made from this
 * table; a test holds it against the driver's own list.
 *
 * - mapped: means what it means there
 * - converted: means what it means there, but for what `note` says
 * - ignored: accepted, because it cannot change what a session store does
 * - refused: throws, with `note` as the reason
 */

const mapped = (description, type, extra) => ({ use: 'mapped', description, type, ...extra });
const converted = (description, type, note, extra) => ({ use: 'converted', description, type, note, ...extra });
const ignored = (note) => ({ use: 'ignored', note });
const refused = (note) => ({ use: 'refused', note });

const MS = { unit: 'ms' };

const SERVERS = {
  appName: mapped('the name of the application in the server\'s log', 'string'),
  directConnection: mapped('whether to talk to the one named host only', 'boolean'),
  replicaSet: mapped('the name of the replica set', 'string'),
  loadBalanced: mapped('whether a load balancer stands in front; in the URI only', 'boolean'),
  srvMaxHosts: mapped('how many of the hosts that DNS names to use; 0 is all', 'uint', { fallback: 0 }),
  srvServiceName: mapped('the service name in DNS', 'string', { fallback: 'mongodb' }),
  dbName: mapped('the database of `client.db()`; the URI has it as its path', 'string'),
  family: converted('4 or 6', 'uint', 'both IPv4 and IPv6 addresses are tried, and whichever answers first is used'),
  driverInfo: mapped('what to tell the server of the library: `name`, `version`, `platform`', 'record'),
  name: mapped('`driverInfo.name`', 'string'),
  serverApi: mapped('the stable API version to declare', 'any'),
  serverMonitoringMode: mapped('`auto`, `poll` or `stream`', 'string', { fallback: 'auto' }),
  proxyHost: mapped('a SOCKS5 proxy', 'string'),
  proxyPort: mapped('the proxy\'s port', 'uint', { fallback: 1080 }),
  proxyUsername: mapped('the proxy\'s user', 'string'),
  proxyPassword: mapped('the proxy\'s password', 'string')
};

const TIMES = {
  connectTimeoutMS: mapped('for opening a connection; 0 is no limit', 'uint', { ...MS, fallback: 30000 }),
  heartbeatFrequencyMS: converted('between checks of a server', 'uint', 'at least 500', { ...MS, fallback: 10000 }),
  localThresholdMS: mapped('how much slower than the nearest member another may be for reads', 'uint', { ...MS, fallback: 15 }),
  maxIdleTimeMS: mapped('after which an unused connection is closed; 0 is never', 'uint', { ...MS, fallback: 0 }),
  serverSelectionTimeoutMS: mapped('for finding a server that can serve an operation', 'uint', { ...MS, fallback: 30000 }),
  socketTimeoutMS: converted('for a server\'s answer; 0 is no limit', 'uint', 'an operation ends after `serverSelectionTimeoutMS` plus this', { ...MS, fallback: 0 }),
  timeoutMS: converted('for a whole operation; 0 is no limit', 'uint', 'retries included', MS),
  waitQueueTimeoutMS: converted('for getting a connection of the pool; 0 is no limit', 'uint', 'the servers of a replica set count together', { ...MS, fallback: 0 })
};

const POOL = {
  maxPoolSize: mapped('connections to a server; 0 is no limit', 'uint', { fallback: 100 }),
  minPoolSize: mapped('connections that are kept open', 'uint', { fallback: 0 }),
  maxConnecting: mapped('connections that are opened at the same time', 'uint', { fallback: 2 }),
  compressors: mapped('`snappy`, `zlib`, `zstd`, in order of preference', 'string or array'),
  zlibCompressionLevel: converted('-1 to 9', 'int', 'the default is zlib\'s own, not 0')
};

const SAFETY = {
  readConcern: mapped('`{ level }`', 'record'),
  readConcernLevel: mapped('the read concern\'s level', 'string'),
  readPreference: mapped('a mode, or `{ mode, tags, maxStalenessSeconds }`', 'string or record', { fallback: 'primary' }),
  readPreferenceTags: mapped('tags of the members to read from', 'array'),
  maxStalenessSeconds: mapped('how far behind a member to read from may be', 'uint', { unit: 's' }),
  retryReads: mapped('whether the driver repeats reads', 'boolean', { fallback: true }),
  retryWrites: converted('whether retryable writes are used', 'boolean', 'session writes are repeated either way, as they are safe to repeat; an application\'s own writes only where that is safe, so never inserts', { fallback: true }),
  w: mapped('how many members, or `majority`', 'number or string'),
  journal: mapped('whether a write waits for the journal', 'boolean'),
  j: mapped('as `journal`', 'boolean'),
  fsync: mapped('as `journal`', 'boolean'),
  wtimeoutMS: mapped('how long a write waits for its write concern', 'uint', MS),
  wtimeout: mapped('as `wtimeoutMS`', 'uint', MS),
  writeConcern: mapped('`{ w, wtimeoutMS, journal }`', 'record')
};

const AUTHENTICATION = {
  auth: mapped('`{ username, password }`', 'record'),
  authMechanism: converted('`SCRAM-SHA-1`, `SCRAM-SHA-256`, `MONGODB-X509` or `PLAIN`', 'string', '`MONGODB-AWS` with an addon built for it ([how](authentication.md)); `GSSAPI` and `MONGODB-OIDC` are refused'),
  authMechanismProperties: mapped('of the mechanism', 'string or record'),
  authSource: mapped('the database with the user', 'string')
};

const TLS = {
  tls: mapped('whether connections are encrypted; on by default for `mongodb+srv`', 'boolean', { fallback: false }),
  ssl: mapped('as `tls`', 'boolean'),
  tlsCAFile: mapped('a file with the certificates to trust, instead of the public ones', 'string'),
  ca: mapped('the certificates to trust, as PEM', 'string, Buffer or array'),
  tlsCertificateKeyFile: mapped('a file with the client\'s certificate and key', 'string'),
  tlsCertificateKeyFilePassword: mapped('the key\'s password', 'string'),
  passphrase: mapped('as `tlsCertificateKeyFilePassword`', 'string'),
  cert: mapped('the client\'s certificate, as PEM', 'string, Buffer or array'),
  key: mapped('the client\'s key, as PEM', 'string, Buffer or array'),
  tlsAllowInvalidCertificates: mapped('whether any certificate is accepted', 'boolean', { fallback: false }),
  tlsAllowInvalidHostnames: mapped('whether a certificate may be for another name', 'boolean', { fallback: false }),
  tlsInsecure: mapped('both of these', 'boolean', { fallback: false }),
  rejectUnauthorized: mapped('the opposite of `tlsAllowInvalidCertificates`', 'boolean'),
  tlsCRLFile: refused('revocation lists are not read; trust a certificate authority of your own with tlsCAFile instead'),
  crl: refused('revocation lists are not read; trust a certificate authority of your own with ca instead'),
  checkServerIdentity: refused('a callback cannot decide here; use tlsAllowInvalidCertificates, or a certificate for the host\'s name'),
  servername: refused('the name in the connection string is always the one that is verified'),
  secureContext: refused('use ca, cert and key'),
  pfx: refused('use cert and key, as PEM'),
  pskCallback: refused('pre-shared keys are not supported; use certificates'),
  ciphers: refused('TLS 1.2 and 1.3 are used with modern ciphers only; there is nothing to choose'),
  ecdhCurve: refused('TLS 1.2 and 1.3 are used with modern curves only; there is nothing to choose'),
  minDHSize: refused('TLS 1.2 and 1.3 are used with elliptic curves only'),
  secureProtocol: refused('TLS 1.2 and 1.3 are used; there is nothing to choose'),
  allowPartialTrustChain: refused('put the certificate authority\'s root certificate into ca'),
  SNICallback: ignored('for servers'),
  ALPNProtocols: ignored('MongoDB does not negotiate protocols'),
  requestCert: ignored('for servers'),
  requestOCSP: ignored('revocation is not checked by the Node driver either'),
  session: ignored('TLS sessions are resumed as the server allows'),
  enableTrace: ignored('a debugging aid of Node')
};

const VALUES = {
  ignoreUndefined: refused('sessions are stored as they are: undefined becomes null'),
  serializeFunctions: refused('functions are not stored in sessions'),
  checkKeys: refused('keys with dots and dollars are stored as they are'),
  raw: refused('sessions are read as objects'),
  fieldsAsRaw: refused('sessions are read as objects'),
  promoteValues: refused('sessions are read with plain numbers and dates'),
  promoteBuffers: refused('binary data is read as `Binary`; its `buffer` is the Buffer'),
  useBigInt64: refused('64-bit integers are read as numbers where they fit, else as `Long`'),
  bsonRegExp: refused('regular expressions are read as RegExp'),
  promoteLongs: refused('64-bit integers are read as numbers where they fit, else as `Long`'),
  enableUtf8Validation: ignored('text is always valid'),
  forceServerObjectId: ignored('session ids are strings'),
  pkFactory: refused('session ids are strings; give documents that you insert an _id')
};

const OTHER = {
  useNewUrlParser: ignored('has no effect since version 4 of the Node driver'),
  useUnifiedTopology: ignored('has no effect since version 4 of the Node driver'),
  monitorCommands: ignored('there are no listeners for commands'),
  noDelay: ignored('connections never wait before they send'),
  keepAliveInitialDelay: ignored('connections are kept alive'),
  autoSelectFamily: ignored('both IPv4 and IPv6 addresses are tried'),
  autoSelectFamilyAttemptTimeout: ignored('both IPv4 and IPv6 addresses are tried'),
  minHeartbeatFrequencyMS: ignored('fixed at 500 by the driver specification'),
  minInternalBufferSize: ignored('there are no such buffers here'),
  hints: ignored('for DNS; both address families are asked for'),
  index: ignored('of no meaning'),
  connectionType: ignored('internal to the Node driver'),
  srvPoller: ignored('internal to the Node driver'),
  __skipPingOnConnect: ignored('internal to the Node driver'),
  mongodbLogPath: refused('the driver writes no log; listen to the store\'s events'),
  mongodbLogComponentSeverities: refused('the driver writes no log; listen to the store\'s events'),
  mongodbLogMaxDocumentLength: refused('the driver writes no log; listen to the store\'s events'),
  localAddress: refused('the operating system chooses the local address'),
  localPort: refused('the operating system chooses the local port'),
  lookup: refused('a callback cannot resolve names here; the operating system does'),
  autoEncryption: refused('encrypt with a MongoClient of the mongodb package, or what you put into sessions')
};

/** Of Node drivers before 4; accepted by none since. */
const LEGACY = {
  keepAlive: ignored('connections are kept alive'),
  autoReconnect: ignored('connections are replaced as needed'),
  reconnectTries: ignored('connections are replaced as needed'),
  reconnectInterval: ignored('connections are replaced as needed'),
  bufferMaxEntries: ignored('operations wait for `serverSelectionTimeoutMS`')
};

const TABLE = Object.freeze({ ...SERVERS, ...TIMES, ...POOL, ...SAFETY, ...AUTHENTICATION, ...TLS, ...VALUES, ...OTHER, ...LEGACY });

const SECTIONS = Object.freeze({
  'Servers': SERVERS,
  'Times': TIMES,
  'Connection pool': POOL,
  'Reads and writes': SAFETY,
  'Authentication': AUTHENTICATION,
  'TLS': TLS,
  'Values': VALUES,
  'Other': OTHER,
  'Earlier drivers': LEGACY
});

module.exports = { SECTIONS, TABLE };
