'use strict';

/**
 * Every option of the Node driver 6 and what becomes of it here. Whatever is a fact about one option stands here, and
 * is read from here: by what makes the settings of options, by what shows them, and by the options page. A test holds the
 * table against the driver's own list.
 *
 * - mapped: means what it means there
 * - converted: means what it means there, but for what `note` says
 * - ignored: accepted, because it cannot change what a session store does
 * - refused: throws, with `note` as the reason
 */

/**
 * @typedef {object} Option
 * @property {'mapped'|'converted'|'ignored'|'refused'} use
 * @property {string} [description] for the options page
 * @property {string} [note] what is different here, or why it is ignored or refused
 * @property {string} [type] of its values; those that `coerce.js` casts by their type are cast so
 * @property {'ms'|'s'} [unit] of a number
 * @property {*} [fallback] what it is where nobody says
 * @property {boolean} [isSetting] it is a setting of the same name, as it stands (`simple.js`)
 * @property {boolean} [isSent] the setting is sent also where it is the default: the native driver has another
 * @property {boolean} [isBson] it says how values become BSON or JavaScript, and stays on this side (`bson-options.js`)
 * @property {boolean} [isSecret] its value is never shown
 * @property {boolean} [isElsewhere] in a client that the application gives it is to be read from another place, or has no
 *   meaning for the store's own connections (`from-client.js`)
 * @property {string[]} [formerly] what it was called, in lower case (`legacy.js`)
 * @property {boolean} [isForgotten] the Node driver 6 refuses it, or warns of it (`for-node-driver.js`)
 * @property {*} [harmless] the value of a refused option that means what happens anyway
 */

const mapped = (description, type, extra) => ({ use: 'mapped', description, type, ...extra });
const converted = (description, type, note, extra) => ({ use: 'converted', description, type, note, ...extra });
const ignored = (note, extra) => ({ use: 'ignored', note, ...extra });
const refused = (note, extra) => ({ use: 'refused', note, ...extra });

const SETTING = { isSetting: true };
const MS = { unit: 'ms' };
const SETTING_MS = { ...MS, ...SETTING };
const BSON = { isBson: true };
const SECRET = { isSecret: true };
const FORGOTTEN = { isForgotten: true };
/**
 * In a client's own options: the address has `hosts`, `srvHost` and `dbName`; logins `credentials`; TLS `tls`, `rejectUnauthorized`
 * and `checkServerIdentity`, into which the driver has turned the other ones; concerns and preferences one object each. The store's
 * connections are few, and opened when they are needed (`minPoolSize`). What the application inserts, and reads as bytes, is
 * the business of its own client (`pkFactory`, `raw`).
 */
const ELSEWHERE = { isElsewhere: true };

const SERVERS = {
  appName: mapped('the name of the application in the server\'s log', 'string', SETTING),
  directConnection: mapped('whether to talk to the one named host only', 'boolean', SETTING),
  replicaSet: mapped('the name of the replica set', 'string', { ...SETTING, formerly: ['replset', 'rs_name'] }),
  loadBalanced: mapped('whether a load balancer stands in front; in the URI only', 'boolean', { ...SETTING, ...ELSEWHERE }),
  srvMaxHosts: mapped('how many of the hosts that DNS names to use; 0 is all', 'uint', { ...ELSEWHERE, fallback: 0 }),
  srvServiceName: mapped('the service name in DNS', 'string', { ...ELSEWHERE, fallback: 'mongodb' }),
  dbName: mapped('the database of `client.db()`; the URI has it as its path', 'string', ELSEWHERE),
  family: converted('4 or 6', 'uint', 'both IPv4 and IPv6 addresses are tried, and whichever answers first is used'),
  driverInfo: mapped('what to tell the server of the library: `name`, `version`, `platform`', 'record'),
  name: mapped('`driverInfo.name`', 'string'),
  serverApi: mapped('the stable API version to declare', 'any'),
  serverMonitoringMode: mapped('`auto`, `poll` or `stream`', 'string', { ...SETTING, fallback: 'auto' }),
  proxyHost: mapped('a SOCKS5 proxy', 'string'),
  proxyPort: mapped('the proxy\'s port', 'uint', { fallback: 1080 }),
  proxyUsername: mapped('the proxy\'s user', 'string'),
  proxyPassword: mapped('the proxy\'s password', 'string', SECRET)
};

const TIMES = {
  connectTimeoutMS: mapped('for opening a connection; 0 is no limit', 'uint', { ...SETTING_MS, fallback: 30000, isSent: true }),
  heartbeatFrequencyMS: converted('between checks of a server', 'uint', 'at least 500', { ...SETTING_MS, fallback: 10000 }),
  localThresholdMS: mapped('how much slower than the nearest member another may be for reads', 'uint', { ...SETTING_MS, fallback: 15 }),
  maxIdleTimeMS: mapped('after which an unused connection is closed; 0 is never', 'uint', { ...SETTING_MS, fallback: 0 }),
  serverSelectionTimeoutMS: mapped('for finding a server that can serve an operation', 'uint', { ...SETTING_MS, fallback: 30000 }),
  socketTimeoutMS: converted('for a server\'s answer; 0 is no limit', 'uint', 'an operation ends after `serverSelectionTimeoutMS` plus this', { ...SETTING_MS, fallback: 0 }),
  timeoutMS: converted('for a whole operation; 0 is no limit', 'uint', 'retries included', SETTING_MS),
  waitQueueTimeoutMS: converted('for getting a connection of the pool; 0 is no limit', 'uint', 'the servers of a replica set count together', { ...SETTING_MS, fallback: 0 })
};

const POOL = {
  maxPoolSize: mapped('connections to a server; 0 is no limit', 'uint', { ...SETTING, fallback: 100, isSent: true, formerly: ['poolsize'] }),
  minPoolSize: mapped('connections that are kept open', 'uint', { ...SETTING, ...ELSEWHERE, fallback: 0, formerly: ['minsize'] }),
  maxConnecting: mapped('connections that are opened at the same time', 'uint', { ...SETTING, fallback: 2 }),
  compressors: mapped('`snappy`, `zlib`, `zstd`, in order of preference', 'string or array', ELSEWHERE),
  zlibCompressionLevel: converted('-1 to 9', 'int', 'the default is zlib\'s own, not 0', ELSEWHERE)
};

const SAFETY = {
  readConcern: mapped('`{ level }`', 'record'),
  readConcernLevel: mapped('the read concern\'s level', 'string', ELSEWHERE),
  readPreference: mapped('a mode, or `{ mode, tags, maxStalenessSeconds }`; a secondary may be behind, so sessions are better read with `readPreference: \'primary\'` of the store itself ([why](troubleshooting.md#sessions-are-read-with-readpreferencesecondarypreferred))', 'string or record', { fallback: 'primary' }),
  readPreferenceTags: mapped('tags of the members to read from', 'array', ELSEWHERE),
  maxStalenessSeconds: mapped('how far behind a member to read from may be', 'uint', { ...ELSEWHERE, unit: 's' }),
  retryReads: mapped('whether the driver repeats reads', 'boolean', { ...SETTING, fallback: true }),
  retryWrites: converted('whether retryable writes are used', 'boolean', 'session writes are repeated either way, as they are safe to repeat; an application\'s own writes only where that is safe, so never inserts', { ...SETTING, fallback: true }),
  w: mapped('how many members, or `majority`', 'number or string'),
  journal: mapped('whether a write waits for the journal', 'boolean'),
  j: mapped('as `journal`', 'boolean'),
  fsync: mapped('as `journal`', 'boolean'),
  wtimeoutMS: mapped('how long a write waits for its write concern', 'uint', MS),
  wtimeout: mapped('as `wtimeoutMS`', 'uint', MS),
  writeConcern: mapped('`{ w, wtimeoutMS, journal }`', 'record')
};

const AUTHENTICATION = {
  auth: mapped('`{ username, password }`', 'record', { ...SECRET, ...ELSEWHERE }),
  authMechanism: converted('`SCRAM-SHA-1`, `SCRAM-SHA-256`, `MONGODB-X509`, `MONGODB-OIDC`, `MONGODB-AWS` ([how](authentication.md)) or `PLAIN`', 'string', '`GSSAPI` is refused', ELSEWHERE),
  authMechanismProperties: mapped('of the mechanism', 'string or record', { ...SECRET, ...ELSEWHERE }),
  authSource: mapped('the database with the user', 'string', ELSEWHERE)
};

const TLS = {
  tls: mapped('whether connections are encrypted; on by default for `mongodb+srv`', 'boolean', { fallback: false }),
  ssl: mapped('as `tls`', 'boolean', ELSEWHERE),
  tlsCAFile: mapped('a file with the certificates to trust, instead of those that Node.js trusts', 'string'),
  ca: mapped('the certificates to trust, as PEM', 'string, Buffer or array', { formerly: ['sslca'] }),
  tlsCertificateKeyFile: mapped('a file with the client\'s certificate and key', 'string', { formerly: ['tlscertificatefile'] }),
  tlsCertificateKeyFilePassword: mapped('the key\'s password', 'string', { ...SECRET, formerly: ['sslpass'] }),
  passphrase: mapped('as `tlsCertificateKeyFilePassword`', 'string', SECRET),
  cert: mapped('the client\'s certificate, as PEM', 'string, Buffer or array', { formerly: ['sslcert'] }),
  key: mapped('the client\'s key, as PEM', 'string, Buffer or array', { ...SECRET, formerly: ['sslkey'] }),
  tlsAllowInvalidCertificates: mapped('whether any certificate is accepted; where no option says, `NODE_TLS_REJECT_UNAUTHORIZED=0` does', 'boolean', { ...ELSEWHERE, fallback: false, formerly: ['sslvalidate'] }),
  tlsAllowInvalidHostnames: mapped('whether a certificate may be for another name', 'boolean', { ...ELSEWHERE, fallback: false }),
  tlsInsecure: mapped('both of these', 'boolean', { ...ELSEWHERE, fallback: false }),
  rejectUnauthorized: mapped('the opposite of `tlsAllowInvalidCertificates`', 'boolean'),
  pfx: converted('the client\'s certificate and key, as PKCS #12', 'Buffer', 'encrypted with AES, as OpenSSL 3 does; the authorities in it are not trusted because of that', SECRET),
  servername: mapped('the name that the server is asked for, and that its certificate must have, instead of the host\'s', 'string'),
  checkServerIdentity: converted('a function that finds no fault with any certificate (`() => undefined`), for `tlsAllowInvalidHostnames`', 'function', 'one that decides is refused: use `servername` or `tlsAllowInvalidHostnames`'),
  tlsCRLFile: mapped('a file with lists of revoked certificates, as PEM: one of each authority in the chain', 'string'),
  crl: mapped('lists of revoked certificates, as PEM', 'string, Buffer or array'),
  allowPartialTrustChain: mapped('whether a server\'s own certificate in `ca` is trusted without its authority; an intermediate one in `ca` always is', 'boolean', { fallback: false }),
  secureContext: refused('use ca, cert and key'),
  pskCallback: refused('pre-shared keys are not supported; use certificates'),
  ciphers: refused('TLS 1.2 and 1.3 are used with modern ciphers only; there is nothing to choose'),
  ecdhCurve: refused('TLS 1.2 and 1.3 are used with modern curves only; there is nothing to choose'),
  minDHSize: refused('TLS 1.2 and 1.3 are used with elliptic curves only'),
  secureProtocol: refused('TLS 1.2 and 1.3 are used; there is nothing to choose'),
  SNICallback: ignored('for servers'),
  ALPNProtocols: ignored('MongoDB does not negotiate protocols'),
  requestCert: ignored('for servers'),
  requestOCSP: ignored('revocation is not checked by the Node driver either'),
  session: ignored('TLS sessions are resumed as the server allows'),
  enableTrace: ignored('a debugging aid of Node')
};

const VALUES = {
  ignoreUndefined: mapped('whether properties that are undefined are left out, instead of stored as null; for sessions, the store\'s option `undefinedAs` wins', 'boolean', { ...BSON, fallback: false }),
  serializeFunctions: mapped('whether functions are stored, as code', 'boolean', { ...BSON, fallback: false }),
  checkKeys: ignored('has no effect on sessions in the Node driver either'),
  raw: refused('no session could be read, which the original does in silence', { ...ELSEWHERE, harmless: false }),
  fieldsAsRaw: mapped('names of arrays whose documents are read as bytes: `{ name: true }`', 'record', BSON),
  promoteValues: mapped('whether numbers are read as plain numbers, not as `Int32` and `Double`', 'boolean', { ...BSON, fallback: true }),
  promoteBuffers: mapped('whether binary data is read as Buffer, not as `Binary`', 'boolean', { ...BSON, fallback: false }),
  useBigInt64: mapped('whether 64-bit integers are read as bigint', 'boolean', { ...BSON, fallback: false }),
  bsonRegExp: mapped('whether regular expressions are read as `BSONRegExp`', 'boolean', { ...BSON, fallback: false }),
  promoteLongs: mapped('whether 64-bit integers are read as numbers where they fit, not always as `Long`', 'boolean', { ...BSON, fallback: true }),
  enableUtf8Validation: ignored('text is always valid'),
  forceServerObjectId: ignored('session ids are strings'),
  pkFactory: refused('session ids are strings; give documents that you insert an _id', ELSEWHERE)
};

const OTHER = {
  useNewUrlParser: ignored('has no effect since version 4 of the Node driver', FORGOTTEN),
  useUnifiedTopology: ignored('has no effect since version 4 of the Node driver', FORGOTTEN),
  monitorCommands: ignored('for the events of commands that are [forwarded](driver.md) to the Node driver; the native ones are on [diagnostics channels](seeing-inside.md)'),
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
  keepAlive: ignored('connections are kept alive', FORGOTTEN),
  autoReconnect: ignored('connections are replaced as needed', FORGOTTEN),
  reconnectTries: ignored('connections are replaced as needed', FORGOTTEN),
  reconnectInterval: ignored('connections are replaced as needed', FORGOTTEN),
  bufferMaxEntries: ignored('operations wait for `serverSelectionTimeoutMS`', FORGOTTEN)
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
