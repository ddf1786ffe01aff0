'use strict';

/** Names that people write for the option on the right; null: what to do stands in `ADVICE`. */
const MEANT = {
  // So that `constructor` is a name like others.
  __proto__: null,
  url: 'uri',
  mongourl: 'uri',
  mongouri: 'uri',
  connectionstring: 'uri',
  collections: 'collection',
  collectionname: 'collection',
  dbname: 'databaseName',
  database: 'databaseName',
  db: 'databaseName',
  ttl: 'expires',
  expiresin: 'expires',
  expire: 'expires',
  maxage: 'expires',
  mongooptions: 'connectionOptions',
  clientoptions: 'connectionOptions',
  options: 'connectionOptions',
  idfieldname: 'idField',
  expireafterseconds: 'expiresAfterSeconds',
  createautoremoveidx: 'createIndexes',
  writeoperationoptions: 'connectionOptions',
  ignoreundefined: "undefinedAs: 'absent'",
  secret: 'crypto: { secret }'
};

const ADVICE = {
  __proto__: null,
  stringify: 'Sessions are stored as documents; for text, give `serialize: JSON.stringify`.',
  client: 'The store opens its own client: give `uri` and `connectionOptions`.',
  clientpromise: 'The store opens its own client: give `uri` and `connectionOptions`.',
  mongooseconnection: 'The store opens its own client: give `uri` and `connectionOptions`.',
  writeoperationoptions: 'They are `connectionOptions: { writeConcern }`.',
  cryptoadapter: 'See `crypto`, or `serialize` and `unserialize`.',
  ttl: 'Note that `ttl` is in seconds and `expires` in milliseconds.',
  cookie: 'Cookie options belong to `session({ cookie })` of express-session.'
};

/** Options of the driver that were put one level too high. */
const CONNECTION = /^(ssl|tls|auth|replicaset|maxpoolsize|poolsize|servers|usenewurl|useunified|retrywrites|.*timeoutms$)/i;
const SECURITY = /crypt|secret|cipher|hash|sign|password|passphrase/i;

const warned = new Set();

/** The most letters that a misspelt name has wrong, missing or too many. */
const MISSPELT = 2;

function suggestion(name, known) {
  const lower = name.toLowerCase();
  const advice = ADVICE[lower] ? ` ${ADVICE[lower]}` : '';
  const meant = MEANT[lower] ?? known.find((each) => distance(each.toLowerCase(), lower) <= Math.min(MISSPELT, name.length / 3));
  if (meant) return `Did you mean \`${meant}\`?${advice}`;
  if (CONNECTION.test(name)) return `Did you mean \`connectionOptions: { ${name} }\`?`;
  return advice.trim();
}

/** How many letters must be put in, taken out or replaced to make one name the other (Levenshtein). */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      next.push(Math.min(row[j] + (one[i] === other[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[other.length];
}

/**
 * Warns about option names that mean nothing here, once per name and process; a name that asks
 * for security is warned about every time, because its absence must not go unnoticed.
 *
 * @param {string[]} names
 * @param {string[]} known the options that there are
 * @param {boolean} isEncrypted whether the store encrypts sessions all the same
 */
function warnAboutUnknown(names, known, isEncrypted) {
  for (const name of names) {
    const security = SECURITY.test(name);
    if (warned.has(name) && !security) continue;
    warned.add(name);
    const effect = security && !isEncrypted
      ? 'has NO effect: sessions are stored as they are, and nothing is protected by it.'
      : 'is unknown and has no effect.';
    const warning = `The option \`${name}\` of MongoDBStore ${effect} ${suggestion(name, known)}`.trim();
    process.emitWarning(warning, { type: 'MongoDBStoreWarning', code: 'MONGODB_STORE_UNKNOWN_OPTION' });
  }
}

module.exports = { warnAboutUnknown };
