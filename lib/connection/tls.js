'use strict';

/** TLS: on or off, whom to trust, and the certificate to show. */

const { MongoAPIError, MongoInvalidArgumentError, MongoParseError } = require('../errors');
const { toBoolean } = require('./coerce');

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
 * @param {boolean} srv whether DNS names the hosts, which turns TLS on by default
 * @returns {object|undefined} the `tls` of the settings
 */
function tlsOf(given, srv) {
  const [wanted] = asked(given);
  const tls = { enabled: wanted ?? srv };
  trust(given, tls);
  material(given, tls);
  if (wanted === undefined && !tls.enabled) {
    const idle = Object.keys(tls).filter((name) => name !== 'enabled');
    if (idle.length === 0) return undefined;
  }
  return tls;
}

function trust(given, tls) {
  const boolean = (name) => given.has(name) && toBoolean(name, given.get(name)[0]);
  const insecure = boolean('tlsInsecure');
  const invalid = boolean('tlsAllowInvalidCertificates') || insecure;
  // Of contradicting options Node's own wins, as in the Node driver.
  const unchecked = given.has('rejectUnauthorized') ? given.get('rejectUnauthorized')[0] === false : invalid;
  if (unchecked) tls.allowInvalidCertificates = true;
  if (insecure || boolean('tlsAllowInvalidHostnames')) tls.allowInvalidHostnames = true;
}

function material(given, tls) {
  const first = (name) => given.get(name)?.[0];
  const keys = [first('key')].flat().filter((key) => key?.pem !== undefined);
  const pathOrPem = (name, path, pem) => {
    if (!given.has(name)) return;
    if (isPem(first(name))) tls[pem] = pemOf(name, first(name));
    else tls[path] = first(name);
  };
  // Node's own `ca` and `passphrase` win, as in the Node driver.
  pathOrPem(given.has('ca') ? 'ca' : 'tlsCAFile', 'caFile', 'ca');
  if (given.has('tlsCertificateKeyFile')) tls.certificateKeyFile = String(first('tlsCertificateKeyFile'));
  for (const name of ['cert', 'key']) {
    if (given.has(name)) tls[name] = pemOf(name, first(name));
  }
  const password = first('passphrase') ?? first('tlsCertificateKeyFilePassword') ?? keys[0]?.passphrase;
  if (password !== undefined) tls.certificateKeyFilePassword = String(password);
}

module.exports = { checkTls, tlsOf };
