'use strict';

/** The certificate and key in a PKCS #12 store (RFC 7292), as OpenSSL 3 and current versions of Windows write it. */

const crypto = require('crypto');

const OID = {
  data: '2a864886f70d010701',
  encryptedData: '2a864886f70d010706',
  keyBag: '2a864886f70d010c0a0101',
  shroudedKeyBag: '2a864886f70d010c0a0102',
  certificateBag: '2a864886f70d010c0a0103',
  pbes2: '2a864886f70d01050d',
  pbkdf2: '2a864886f70d01050c'
};
const DIGESTS = {
  '2a864886f70d0207': 'sha1', '2a864886f70d0209': 'sha256', '2a864886f70d020a': 'sha384', '2a864886f70d020b': 'sha512'
};
const CIPHERS = {
  '608648016503040102': ['aes-128-cbc', 16], '608648016503040116': ['aes-192-cbc', 24], '60864801650304012a': ['aes-256-cbc', 32]
};
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * @param {Uint8Array} bytes
 * @param {string} passphrase
 * @returns {{cert: string, key: string}} PEM; the client's certificate first, then those between it and an authority
 * @throws {Error} that says why the store cannot be read; never with what is in it
 */
function readPfx(bytes, passphrase) {
  const [, contentInfo] = children(element(Buffer.from(bytes)));
  if (contentInfo === undefined) throw malformed();
  const found = { keys: [], certificates: [] };
  for (const part of children(element(contentOf(contentInfo)))) {
    const [type] = children(part);
    const bags = type.content.toString('hex') === OID.encryptedData ? decrypted(part, passphrase) : contentOf(part);
    for (const bag of children(element(bags))) collect(bag, passphrase, found);
  }
  const [key] = found.keys;
  if (key === undefined || found.certificates.length === 0) throw new Error('it has no certificate with a private key');
  const isClients = (certificate) => new crypto.X509Certificate(certificate).checkPrivateKey(key);
  const sorted = [...found.certificates.filter(isClients), ...found.certificates.filter((one) => !isClients(one))];
  return {
    cert: sorted.map((der) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' })
  };
}

function collect(bag, passphrase, { keys, certificates }) {
  const [type, wrapped] = children(bag);
  const [value] = children(wrapped);
  switch (type.content.toString('hex')) {
    case OID.keyBag:
    case OID.shroudedKeyBag:
      keys.push(crypto.createPrivateKey({ key: value.whole, format: 'der', type: 'pkcs8', passphrase }));
      break;
    case OID.certificateBag: {
      const [, octets] = children(value);
      certificates.push(element(octets.content).content);
    }
  }
}

/** The octets in a ContentInfo of the type `data`. */
function contentOf(contentInfo) {
  const [type, wrapped] = children(contentInfo);
  if (type.content.toString('hex') !== OID.data) throw new Error('it is encrypted or signed with a key pair');
  return element(wrapped.content).content;
}

/** The octets in a ContentInfo of the type `encryptedData`. */
function decrypted(contentInfo, passphrase) {
  const [, wrapped] = children(contentInfo);
  const [, info] = children(element(wrapped.content));
  const [, algorithm, octets] = children(info);
  const [scheme, parameters] = children(algorithm);
  const unknown = () => new Error('it is encrypted in an old way; write it anew: openssl pkcs12 -legacy -in old.pfx -nodes -out client.pem, then openssl pkcs12 -export -in client.pem -out new.pfx');
  if (scheme.content.toString('hex') !== OID.pbes2) throw unknown();
  const [derivation, encryption] = children(parameters);
  const [method, derivationParameters] = children(derivation);
  const [salt, iterations, ...others] = children(derivationParameters);
  const digest = others.find(({ tag }) => tag === SEQUENCE);
  const [cipherName, iv] = children(encryption);
  const [cipher, keyBytes] = CIPHERS[cipherName.content.toString('hex')] ?? [];
  const digestName = digest === undefined ? 'sha1' : DIGESTS[children(digest)[0].content.toString('hex')];
  if (method.content.toString('hex') !== OID.pbkdf2 || cipher === undefined || digestName === undefined) throw unknown();
  const key = crypto.pbkdf2Sync(passphrase, salt.content, integer(iterations), keyBytes, digestName);
  const decipher = crypto.createDecipheriv(cipher, key, iv.content);
  try {
    return Buffer.concat([decipher.update(octets.content), decipher.final()]);
  } catch {
    throw new Error('the passphrase is wrong');
  }
}

function integer({ tag, content }) {
  if (tag !== INTEGER || content.length > 4) throw malformed();
  return content.readUIntBE(0, content.length);
}

const malformed = () => new Error('it is no PKCS #12 in DER form');

/** @returns {{tag: number, content: Buffer, whole: Buffer}} the first element of DER */
function element(bytes) {
  const short = bytes[1];
  const lengthBytes = short > 0x80 ? short - 0x80 : 0;
  if (bytes.length < 2 + lengthBytes || short === 0x80 || lengthBytes > 4) throw malformed();
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (start + length > bytes.length) throw malformed();
  return { tag: bytes[0], content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

function children({ content }) {
  const found = [];
  for (let rest = content; rest.length > 0;) {
    const next = element(rest);
    found.push(next);
    rest = rest.subarray(next.whole.length);
  }
  return found;
}

module.exports = { readPfx };
