'use strict';

/** TLS: on or off, whom to trust, and the certificate to show. */

const { MongoAPIError, MongoCompatibilityError, MongoInvalidArgumentError, MongoParseError } = require('../errors/client');
const { toBoolean } = require('./coerce');
const { acceptsEveryName } = require('./server-identity');

/** Options that say whether certificates are checked. */
const CHECKING = ['tlsInsecure', 'tlsAllowInvalidCertificates', 'rejectUnauthorized'];

const IDENTITY_ADVICE =
  'a function cannot decide here; for a server whose certificate has another name, give that name as servername, or ' +
  'tlsAllowInvalidHostnames: true, which still checks the authority and the dates';

const CONFLICTS = [
  ['tlsInsecure', 'tlsAllowInvalidCertificates'],
  ['tlsInsecure', 'tlsAllowInvalidHostnames']
];

/** PEM text of a string, a Buffer, or an array of them. */
function pemOf(name, value) {
  const list = Array.isArray(value) ? value : [value];
  const texts = list.map((given) => {
    // Of keys Node also takes `{ pem, passphrase }`.
    const item = name === 'key' && given?.pem !== undefined ? given.pem : given;
    const text = item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item;
    if (typeof text !== 'string' || !text.includes('-----BEGIN ')) {
      throw new MongoInvalidArgumentError(`${name} must be PEM text: a string or Buffer with "-----BEGIN …", or an array of those`);
    }
    return text;
  });
  return texts.join('\n');
}

function isPem(value) {
  return typeof value !== 'string' || value.includes('-----BEGIN ');
}

/**
 * What the Node driver checks before it looks at anything else.
 *
 * @param {Map<string, Array>} given
 * @throws {MongoParseError|MongoAPIError}
 */
function checkTls(given) {
  if (new Set(asked(given)).size > 1) throw new MongoParseError('All values of tls/ssl must be the same.');
  for (const [one, other] of CONFLICTS) {
    if (given.has(one) && given.has(other)) {
      throw new MongoAPIError(`The '${one}' option cannot be used with the '${other}' option`);
    }
  }
}

function asked(given) {
  return [...(given.get('tls') ?? []), ...(given.get('ssl') ?? [])].map((value) => toBoolean('tls/ssl', value));
}

/**
 * @param {Map<string, Array>} given
 * @param {object} url of `parseUri`
 * @returns {object|undefined} the `tls` of the settings
 */
function tlsOf(given, url) {
  const [wanted] = asked(given);
  const tls = { enabled: wanted ?? url.srv };
  trust(given, tls, url);
  material(given, tls);
  if (wanted === undefined && !tls.enabled) {
    const idle = Object.keys(tls).filter((name) => name !== 'enabled');
    if (idle.length === 0) return undefined;
  }
  return tls;
}

function trust(given, tls, { hosts }) {
  const boolean = (name) => given.has(name) && toBoolean(name, given.get(name)[0]);
  const insecure = boolean('tlsInsecure');
  const invalid = boolean('tlsAllowInvalidCertificates') || insecure;
  // Of contradicting options Node's own wins, as in the Node driver.
  const unchecked = given.has('rejectUnauthorized') ? given.get('rejectUnauthorized')[0] === false : invalid;
  // Said either way, the environment has no say in it.
  if (CHECKING.some((name) => given.has(name))) tls.allowInvalidCertificates = unchecked;
  if (insecure || boolean('tlsAllowInvalidHostnames') || acceptsAnyName(given, hosts)) tls.allowInvalidHostnames = true;
  if (given.has('allowPartialTrustChain') && given.get('allowPartialTrustChain')[0] === true) tls.allowPartialTrustChain = true;
  if (given.has('servername')) tls.serverName = serverNameOf(given.get('servername')[0]);
}

function acceptsAnyName(given, hosts) {
  if (!given.has('checkServerIdentity')) return false;
  const [check] = given.get('checkServerIdentity');
  // Some hosts are paths of sockets.
  const names = hosts.map((host) => host.host ?? host).filter((name) => typeof name === 'string');
  if (acceptsEveryName(check, names)) return true;
  if (typeof check !== 'function') {
    throw new MongoInvalidArgumentError(
      `checkServerIdentity must be a function; got a value of type ${typeof check}. For a certificate with another name: tlsAllowInvalidHostnames: true`
    );
  }
  throw new MongoCompatibilityError(`option checkServerIdentity is not supported by this store: ${IDENTITY_ADVICE}`);
}

function serverNameOf(value) {
  if (typeof value === 'string') return value;
  throw new MongoInvalidArgumentError(`servername must be a string, the host name in the certificate; got a value of type ${typeof value}`);
}

/** Node takes a Buffer, or an array of them or of `{ buf, passphrase }`; a client shows one certificate. */
function ofPfx(value, passphrase) {
  const [store, ...others] = [value].flat();
  const bytes = store?.buf ?? store;
  if (!(bytes instanceof Uint8Array) || others.length > 0) {
    throw new MongoInvalidArgumentError('pfx must be a Buffer with one PKCS #12 store, or an array of one Buffer or { buf, passphrase }');
  }
  try {
    return require('./pfx').readPfx(bytes, String(store.passphrase ?? passphrase ?? ''));
  } catch (error) {
    throw new MongoInvalidArgumentError(`pfx cannot be read: ${error.message}`);
  }
}

function material(given, tls) {
  const first = (name) => given.get(name)?.[0];
  const keys = [first('key')].flat().filter((key) => key?.pem !== undefined);
  const pathOrPem = (name, path, pem) => {
    if (!given.has(name)) return;
    if (isPem(first(name))) tls[pem] = pemOf(name, first(name));
    else tls[path] = first(name);
  };
  // Node's own `ca`, `crl` and `passphrase` win, as in the Node driver.
  pathOrPem(given.has('ca') ? 'ca' : 'tlsCAFile', 'caFile', 'ca');
  pathOrPem(given.has('crl') ? 'crl' : 'tlsCRLFile', 'crlFile', 'crl');
  if (given.has('tlsCertificateKeyFile')) tls.certificateKeyFile = String(first('tlsCertificateKeyFile'));
  for (const name of ['cert', 'key']) {
    if (given.has(name)) tls[name] = pemOf(name, first(name));
  }
  if (given.has('pfx')) {
    Object.assign(tls, ofPfx(first('pfx'), first('passphrase')));
    return;
  }
  const password = first('passphrase') ?? first('tlsCertificateKeyFilePassword') ?? keys[0]?.passphrase;
  if (password !== undefined) tls.certificateKeyFilePassword = String(password);
}

module.exports = { checkTls, tlsOf };
