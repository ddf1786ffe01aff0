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
  const texts = list.map((item) => {
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
 * @param {Map<string, Array>} given
 * @param {boolean} srv whether DNS names the hosts, which turns TLS on by default
 * @returns {object|undefined} the `tls` of the settings
 */
function tlsOf(given, srv) {
  for (const [one, other] of CONFLICTS) {
    if (given.has(one) && given.has(other)) {
      throw new MongoAPIError(`The '${one}' option cannot be used with the '${other}' option`);
    }
  }
  const asked = [...(given.get('tls') ?? []), ...(given.get('ssl') ?? [])].map((value) => toBoolean('tls/ssl', value));
  if (new Set(asked).size > 1) throw new MongoParseError('All values of tls/ssl must be the same.');
  const tls = { enabled: asked[0] ?? srv };
  trust(given, tls);
  material(given, tls);
  if (asked.length === 0 && !tls.enabled) {
    const idle = Object.keys(tls).filter((name) => name !== 'enabled');
    if (idle.length === 0) return undefined;
  }
  return tls;
}

function trust(given, tls) {
  const boolean = (name) => given.has(name) && toBoolean(name, given.get(name)[0]);
  const insecure = boolean('tlsInsecure');
  const unauthorized = given.has('rejectUnauthorized') && given.get('rejectUnauthorized')[0] === false;
  if (insecure || unauthorized || boolean('tlsAllowInvalidCertificates')) tls.allowInvalidCertificates = true;
  if (insecure || boolean('tlsAllowInvalidHostnames')) tls.allowInvalidHostnames = true;
}

function material(given, tls) {
  const first = (name) => given.get(name)?.[0];
  const pathOrPem = (name, path, pem) => {
    if (!given.has(name)) return;
    if (isPem(first(name))) tls[pem] = pemOf(name, first(name));
    else tls[path] = first(name);
  };
  pathOrPem('tlsCAFile', 'caFile', 'ca');
  pathOrPem('ca', 'caFile', 'ca');
  if (given.has('tlsCertificateKeyFile')) tls.certificateKeyFile = String(first('tlsCertificateKeyFile'));
  for (const name of ['cert', 'key']) {
    if (given.has(name)) tls[name] = pemOf(name, first(name));
  }
  const password = first('tlsCertificateKeyFilePassword') ?? first('passphrase');
  if (password !== undefined) tls.certificateKeyFilePassword = String(password);
}

module.exports = { tlsOf };
