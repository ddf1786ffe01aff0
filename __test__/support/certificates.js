'use strict';

/** Certificates for tests, made with the `openssl` command and removed with their directory. */

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const RSA = ['-newkey', 'rsa:2048'];
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** Why certificates cannot be made here; null if they can. */
function missingOpenssl() {
  const { status, error } = spawnSync('openssl', ['version']);
  return status === 0 ? null : `the openssl command does not run: ${error?.message ?? `exit code ${status}`}`;
}

/** A directory of certificates. */
class Certificates {
  constructor() {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'certificates-'));
  }

  /** @returns {string} the path of a file here */
  file(name) {
    return path.join(this.directory, name);
  }

  /** @returns {string} a file's content */
  read(name) {
    return fs.readFileSync(this.file(name), 'utf8');
  }

  openssl(...args) {
    const { status, stderr, error } = spawnSync('openssl', args, { cwd: this.directory, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${error?.message ?? stderr}`);
  }

  /** A certificate authority: `<name>.crt` and `<name>.key`. */
  authority(name) {
    this.openssl(
      'req', '-x509', ...NEW_KEY, '-nodes', '-days', '30', '-subj', `/O=tests/CN=${name}`,
      '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
      '-keyout', `${name}.key`, '-out', `${name}.crt`
    );
  }

  /**
   * A certificate that is its own authority, as `openssl req -x509` makes it: `<name>.crt`, `<name>.key`, `<name>.pem`.
   *
   * @param {string} name
   * @param {{subject: string, names?: string[], expired?: boolean}} options as of {@link issue}
   */
  selfSigned(name, { subject, names = [], expired = false }) {
    const extensions = names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : [];
    this.openssl(
      'req', '-x509', ...NEW_KEY, '-nodes', '-days', '30', '-subj', subject, ...extensions,
      '-keyout', `${name}.key`, '-out', `${name}.crt`
    );
    if (expired) {
      this.openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
      fs.writeFileSync(this.file(`${name}.ext`), 'basicConstraints=critical,CA:TRUE');
      this.signInThePast(name, name);
    }
    fs.writeFileSync(this.file(`${name}.pem`), this.read(`${name}.crt`) + this.read(`${name}.key`));
  }

  /**
   * A certificate signed by an authority: `<name>.crt`, `<name>.key` and both in `<name>.pem`.
   *
   * @param {string} name
   * @param {{authority: string, subject?: string, names?: string[], expired?: boolean, newKey?: string[], digest?: string}} options
   *   `names` as in subjectAltName: `DNS:localhost`, `IP:127.0.0.1`; `newKey` is {@link RSA} or by default elliptic;
   *   `digest` of the signature, `-sha256` by default
   */
  issue(name, { authority, subject = `/O=tests/CN=${name}`, names = [], expired = false, newKey = NEW_KEY, digest = '-sha256' }) {
    this.openssl('req', '-new', ...newKey, '-nodes', '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const lines = [
      'basicConstraints=CA:FALSE',
      'keyUsage=digitalSignature,keyEncipherment',
      'extendedKeyUsage=serverAuth,clientAuth',
      ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : [])
    ];
    fs.writeFileSync(this.file(`${name}.ext`), lines.join('\n'));
    if (expired) this.signInThePast(name, authority);
    else {
      this.openssl(
        'x509', '-req', digest, '-in', `${name}.csr`, '-CA', `${authority}.crt`, '-CAkey', `${authority}.key`,
        '-set_serial', `0x${crypto.randomBytes(8).toString('hex')}`, '-days', '20', '-extfile', `${name}.ext`, '-out', `${name}.crt`
      );
    }
    fs.writeFileSync(this.file(`${name}.pem`), this.read(`${name}.crt`) + this.read(`${name}.key`));
  }

  /** `<name>.crl`: an authority's list of the certificates that it has revoked. */
  revocationList(name, { authority, revoked = [] }) {
    this.startRegister();
    const signedBy = ['-config', 'ca.cnf', '-cert', `${authority}.crt`, '-keyfile', `${authority}.key`];
    for (const one of revoked) this.openssl('ca', ...signedBy, '-revoke', `${one}.crt`);
    this.openssl('ca', ...signedBy, '-gencrl', '-crldays', '20', '-out', `${name}.crl`);
  }

  /** `<directory>/<hash>.0`: a certificate where OpenSSL looks for it in a directory. */
  hashed(directory, name) {
    const { stdout } = spawnSync('openssl', ['x509', '-in', `${name}.crt`, '-noout', '-hash'], { cwd: this.directory, encoding: 'utf8' });
    fs.mkdirSync(this.file(directory));
    fs.copyFileSync(this.file(`${name}.crt`), path.join(this.file(directory), `${stdout.trim()}.0`));
  }

  /** A certificate of X.509 version 1, as an authority signs a request without extensions. */
  issueVersion1(name, { authority, subject }) {
    this.openssl('req', '-new', ...NEW_KEY, '-nodes', '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    this.openssl(
      'x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.crt`, '-CAkey', `${authority}.key`,
      '-set_serial', '1', '-days', '20', '-out', `${name}.crt`
    );
  }

  /** What `openssl` shows of a certificate. */
  text(name) {
    return spawnSync('openssl', ['x509', '-in', `${name}.crt`, '-noout', '-text'], { cwd: this.directory, encoding: 'utf8' }).stdout;
  }

  /** `openssl x509` cannot set a past date before version 3.4; `openssl ca` always could. */
  signInThePast(name, authority) {
    this.startRegister();
    this.openssl(
      'ca', '-batch', '-notext', '-config', 'ca.cnf', '-cert', `${authority}.crt`, '-keyfile', `${authority}.key`,
      '-startdate', '20200101000000Z', '-enddate', '20210101000000Z', '-extfile', `${name}.ext`, '-in', `${name}.csr`, '-out', `${name}.crt`
    );
  }

  /** What `openssl ca` keeps of the certificates that it has signed and revoked: none yet. */
  startRegister() {
    fs.writeFileSync(this.file('index.txt'), '');
    fs.writeFileSync(this.file('ca.cnf'), [
      '[ca]', 'default_ca=own', '[own]', 'database=index.txt', 'new_certs_dir=.', 'default_md=sha256', 'policy=any',
      'rand_serial=yes', 'crl_extensions=list', '[list]', 'authorityKeyIdentifier=keyid:always',
      '[any]', 'organizationName=optional', 'organizationalUnitName=optional', 'commonName=optional'
    ].join('\n'));
  }

  /** `<name>.encrypted.pem`: the certificate with its key in PKCS #8, encrypted with a password. */
  encrypt(name, password) {
    this.openssl('pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-in', `${name}.key`, '-passout', `pass:${password}`, '-out', `${name}.encrypted.key`);
    fs.writeFileSync(this.file(`${name}.encrypted.pem`), this.read(`${name}.crt`) + this.read(`${name}.encrypted.key`));
  }

  /** `<name>.pfx`: the certificate `from` with its key in PKCS #12, encrypted as `options` of `openssl pkcs12` say. */
  pkcs12(name, from, password, options = []) {
    this.openssl('pkcs12', '-export', '-in', `${from}.crt`, '-inkey', `${from}.key`, '-passout', `pass:${password}`, ...options, '-out', `${name}.pfx`);
  }

  /** `<name>.pem`: the RSA certificate `from` with its key in the older form, `BEGIN RSA PRIVATE KEY`. */
  traditional(name, from) {
    this.openssl('rsa', '-traditional', '-in', `${from}.key`, '-out', `${name}.key`);
    fs.writeFileSync(this.file(`${name}.pem`), this.read(`${from}.crt`) + this.read(`${name}.key`));
  }

  remove() {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * Call within `describe`, before what uses the certificates: makes them before its tests, or skips
 * these with the reason where there is no openssl.
 *
 * @param {function(Certificates): void} make
 * @returns {{file: function(string): string, read: function(string): string, text: function(string): string}}
 */
function useCertificates(make) {
  let certificates;
  before('make certificates', function prepare() {
    const reason = missingOpenssl();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    certificates = new Certificates();
    make(certificates);
  });
  after('remove certificates', () => certificates?.remove());
  return {
    file: (name) => certificates.file(name),
    read: (name) => certificates.read(name),
    text: (name) => certificates.text(name)
  };
}

module.exports = { RSA, useCertificates };
