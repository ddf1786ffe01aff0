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
  writeoperationoptions: 'connectionOptions'
};

const ADVICE = {
  __proto__: null,
  stringify: 'Sessions are stored as documents; for text, give `serialize: JSON.stringify`.',
  client: 'The store opens its own client: give `uri` and `connectionOptions`.',
  clientpromise: 'The store opens its own client: give `uri` and `connectionOptions`.',
  mongooseconnection: 'The store opens its own client: give `uri` and `connectionOptions`.',
  cryptoadapter: 'See `crypto`, or `serialize` and `unserialize`.',
  ttl: 'Note that `ttl` is in seconds and `expires` in milliseconds.',
  cookie: 'Cookie options belong to `session({ cookie })` of express-session.'
};

/** Options of the driver that were put one level too high. */
const CONNECTION = /^(ssl|tls|auth|replicaset|maxpoolsize|poolsize|servers|usenewurl|useunified|retrywrites|.*timeoutms$)/i;
const SECURITY = /crypt|secret|cipher|hash|sign|password|passphrase/i;

const warned = new Set();

function suggestion(name) {
  const lower = name.toLowerCase();
  const advice = ADVICE[lower] ? ` ${ADVICE[lower]}` : '';
  if (MEANT[lower]) return `Did you mean \`${MEANT[lower]}\`?${advice}`;
  if (CONNECTION.test(name)) return `Did you mean \`connectionOptions: { ${name} }\`?`;
  return advice.trim();
}

/**
 * Warns about option names that mean nothing here, once per name and process; a name that asks
 * for security is warned about every time, because its absence must not go unnoticed.
 *
 * @param {string[]} names
 */
function warnAboutUnknown(names) {
  for (const name of names) {
    const security = SECURITY.test(name);
    if (warned.has(name) && !security) continue;
    warned.add(name);
    const effect = security
      ? 'has NO effect: sessions are stored as they are, and nothing is protected by it.'
      : 'is unknown and has no effect.';
    const warning = `The option \`${name}\` of MongoDBStore ${effect} ${suggestion(name)}`.trim();
    process.emitWarning(warning, { type: 'MongoDBStoreWarning', code: 'MONGODB_STORE_UNKNOWN_OPTION' });
  }
}

module.exports = { warnAboutUnknown };
