'use strict';

/** The certificate authorities that this Node process trusts where no option names others. */

const fs = require('fs');
const path = require('path');

/** Where the OpenSSL in Node's own builds looks, unless the environment says otherwise. */
const OPENSSL_DIRECTORY = {
  darwin: '/System/Library/OpenSSL',
  win32: 'C:\\Program Files\\Common Files\\SSL'
}[process.platform] ?? '/etc/ssl';

/** OpenSSL finds certificates in a directory by a hash of their subject. */
const HASHED_NAME = /^[0-9a-f]{8}\.\d+$/;

/**
 * @returns {undefined|string} PEM; undefined if it is Mozilla's list of public authorities and nothing else
 */
function authoritiesOfNode() {
  const tls = require('tls');
  const known = tls.getCACertificates?.('default');
  if (usesOpenssl()) return [...ofOpenssl(), ...(known ?? extra())].join('\n');
  const all = known ?? [...tls.rootCertificates, ...extra()];
  const publicOnes = new Set(tls.rootCertificates);
  return all.length === publicOnes.size && all.every((one) => publicOnes.has(one)) ? undefined : all.join('\n');
}

/** The last one counts, as in Node; some distributions build Node so that OpenSSL's are the default. */
function usesOpenssl() {
  const options = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const last = options.filter((option) => /^--use-(openssl|bundled)-ca$/.test(option)).pop();
  if (last !== undefined) return last === '--use-openssl-ca';
  return process.config?.target_defaults?.defines?.includes('NODE_OPENSSL_CERT_STORE') ?? false;
}

function ofOpenssl() {
  const { SSL_CERT_FILE = path.join(OPENSSL_DIRECTORY, 'cert.pem'), SSL_CERT_DIR = path.join(OPENSSL_DIRECTORY, 'certs') } = process.env;
  return [...read(SSL_CERT_FILE), ...SSL_CERT_DIR.split(path.delimiter).flatMap(readDirectory)];
}

/** What Node reads when it starts; before version 22.15 it does not say what it found. */
function extra() {
  const { NODE_EXTRA_CA_CERTS } = process.env;
  return NODE_EXTRA_CA_CERTS ? read(NODE_EXTRA_CA_CERTS) : [];
}

/** Like Node and OpenSSL, passes over a file that cannot be read. */
function read(file) {
  try {
    return [fs.readFileSync(file, 'latin1')];
  } catch {
    return [];
  }
}

function readDirectory(directory) {
  try {
    return fs.readdirSync(directory).filter((name) => HASHED_NAME.test(name)).flatMap((name) => read(path.join(directory, name)));
  } catch {
    return [];
  }
}

module.exports = { authoritiesOfNode };
