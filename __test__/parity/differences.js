'use strict';

/**
 * Where this package differs from connect-mongodb-session 5.0.0 on purpose; the only place that says so
 * in code. Every entry is tested on this package, and most on the original too, so that the claim about
 * it stays true. The table of docs/differences.md follows this list.
 */

const impl = require('../support/impl');

/** @type {{id: string, original: string, ours: string}[]} */
const differences = [
  {
    id: 'factory-misuse',
    original: 'using the factory as if it were the store fails with a TypeError that does not help',
    ours: 'using the factory as if it were the store fails with an error that says what to write instead'
  },
  {
    id: 'unknown-options',
    original: 'an option name it does not know is dropped in silence',
    ours: 'an option name it does not know is warned about once, with the name that was probably meant'
  },
  {
    id: 'old-driver-options',
    original: '`useNewUrlParser` and `useUnifiedTopology` give a deprecation warning each',
    ours: '`useNewUrlParser` and `useUnifiedTopology` are accepted in silence'
  },
  {
    id: 'infinite-times',
    original: '`expires: Infinity` is taken, and stores sessions as expired in 1970',
    ours: '`expires: Infinity` cannot be cast: it throws a `CastError`'
  },
  {
    id: 'clashing-fields',
    original: '`idField`, `expiresKey` and `session` may be one field, of which the last one written stays',
    ours: '`idField` and `expiresKey` that name one field, or `session`, throw a TypeError'
  },
  {
    id: 'operator-fields',
    original: '`idField: \'$where\'` is taken: MongoDB runs session ids as code',
    ours: '`idField` and `expiresKey` that start with `$`, or have an empty part, throw a `CastError`'
  },
  {
    id: 'error-cause',
    original: 'an error carries the text of the driver\'s error only',
    ours: 'an error has a `cause`: the driver-level error with `name`, `code`, `codeName` and `errorLabels`'
  },
  {
    id: 'bounded-messages',
    original: 'an error while setting quotes the whole session, however large',
    ours: 'an error while setting quotes a bounded part of the session'
  },
  {
    id: 'index-error-callback-once',
    original: 'after an index error the constructor callback runs twice: with the error, then without',
    ours: 'after an index error the constructor callback runs once, with the error'
  },
  {
    id: 'callbacks-outside-promises',
    original: 'a callback that throws on an error turns into an `unhandledRejection`',
    ours: 'a callback that throws is an `uncaughtException`, always, and never runs twice'
  },
  {
    id: 'ttl-changed-in-place',
    original: 'another `expiresAfterSeconds` than the existing index has is an index error',
    ours: 'another `expiresAfterSeconds` than the existing index has changes the index in place (`collMod`)'
  },
  {
    id: 'plain-index-made-ttl',
    original: 'an index on the expiry that was there already, without `expireAfterSeconds`, is an index error, and nobody removes expired sessions',
    ours: 'an index on the expiry that was there already becomes one that removes expired sessions'
  },
  {
    id: 'unparsable-cookie-expiry',
    original: 'a session whose `cookie.expires` cannot be parsed is stored as expired in 1970',
    ours: 'a session whose `cookie.expires` cannot be parsed lives for the `expires` option'
  },
  {
    id: 'null-cookie',
    original: '`set` throws at its caller when `session.cookie` is there but null or undefined',
    ours: '`set` calls back with a TypeError when `session.cookie` is there but null or undefined'
  },
  {
    id: 'write-order',
    original: 'writes to one session that do not wait for each other may be applied in any order',
    ours: 'writes to one session are applied in the order they were called'
  },
  {
    id: 'expires-key-read',
    original: 'expiry on reading looks at `expires`, whatever `expiresKey` says',
    ours: 'expiry on reading looks at `expiresKey`'
  },
  {
    id: 'expiry-dates-only',
    original: 'a session whose expiry is a number or a text is taken for expired and deleted',
    ours: 'only a BSON date counts as an expiry'
  },
  {
    id: 'conditional-stale-delete',
    original: '`get` deletes an expired session by id alone, and with it a renewal that came in between',
    ours: '`get` deletes an expired session only while it still has the expiry that was read'
  },
  {
    id: 'all',
    original: '`all` never calls back',
    ours: '`all` gives the stored documents of live sessions'
  },
  {
    id: 'promises',
    original: 'methods return undefined when called without a callback',
    ours: 'methods return a promise when called without a callback'
  },
  {
    id: 'one-emitter',
    original: '`on` and `once` use an emitter of their own, that `emit`, `off` and `listenerCount` do not see',
    ours: 'the store is one EventEmitter'
  },
  {
    id: 'id-field-index',
    original: 'a custom `idField` has no index: each request scans the collection',
    ours: 'a custom `idField` has an index, a unique one unless duplicates are stored already'
  },
  {
    id: 'ids-are-strings',
    original: 'an object given as an id is a query: `{ $ne: null }` reads somebody\'s session',
    ours: 'an id that is no string is refused with a TypeError through the callback'
  },
  {
    id: 'own-session',
    original: 'a collection whose collation ignores case gives the session of `ada` to who asks for `ADA`',
    ours: 'a document with another id than was asked for is an error, never somebody else\'s session'
  },
  {
    id: 'connect-mongo-sessions',
    original: 'a session that connect-mongo stored as JSON text is given to the caller as a text',
    ours: 'a session that connect-mongo stored as JSON text is read as the session it is'
  },
  {
    id: 'touch',
    original: 'there is no `touch`: a session that is only read keeps its first expiry',
    ours: '`touch` moves the expiry of a session that is only read'
  },
  {
    id: 'length',
    original: 'there is no `length`',
    ours: '`length` gives the number of live sessions'
  },
  {
    id: 'late-server',
    original: 'a store whose first connection failed never works: `Topology is closed`',
    ours: 'a store whose first connection failed works once a server is there, and makes its indexes then'
  },
  {
    id: 'idle-exit',
    original: 'a store keeps its process alive until its client is closed',
    ours: 'a store without operations in flight lets its process end'
  },
  {
    id: 'bson-majors',
    original: 'a value of a BSON class of another bson major version is refused',
    ours: 'values of BSON classes of any bson major version are stored'
  },
  {
    id: 'bigint-range',
    original: 'a BigInt of more than 64 bits is stored as another number',
    ours: 'a BigInt of more than 64 bits is refused with an error through the callback'
  },
  {
    id: 'options-without-secrets',
    original: '`console.log` of a store shows the password of its connection string',
    ours: '`console.log` of a store shows dots for the password of its connection string'
  },
  {
    id: 'no-password-for-a-port',
    original: 'a connection string without its host, `mongodb://user:password/`, has its password in the error',
    ours: 'a connection string without its host, `mongodb://user:password/`, has no password in the error'
  },
  {
    id: 'old-certificates',
    original: 'a server\'s certificate of X.509 version 1 is accepted',
    ours: 'a server\'s certificate of X.509 version 1 is refused, with what to do in the message'
  },
  {
    id: 'old-tls',
    original: 'a server whose TLS is old (RSA key exchange, CBC or DHE ciphers only, a certificate of 1024 bits or with SHA-1) is talked to',
    ours: 'a server whose TLS is old is refused, with what to change on the server in the message'
  },
  {
    id: 'x509-unknown-user',
    original: 'a client certificate without a user of its subject is an error with the code 11, `UserNotFound`',
    ours: 'a client certificate without a user of its subject is an error with the code 18, `AuthenticationFailed`'
  },
  {
    id: 'facade',
    original: '`client`, `db` and `collection` are objects of the Node driver\'s classes',
    ours: '`client`, `db` and `collection` are of classes of their own; what they do not do natively takes the application\'s `mongodb` package'
  }
];

/**
 * Declare the test of one difference.
 *
 * @param {string} id of an entry above
 * @param {{ours: Function, original?: Function, aspect?: string}} tests one per implementation;
 *   `aspect` names one of several tests of one difference
 */
function difference(id, { aspect, ...tests }) {
  const entry = differences.find(candidate => candidate.id === id);
  if (!entry) {
    throw new Error(`no difference has the id '${id}'`);
  }
  const test = tests[impl.name];
  if (test) {
    it(`[${id}] ${entry[impl.name]}${aspect ? ` (${aspect})` : ''}`, test);
  }
}

/** @returns {string} the table of docs/differences.md */
function asMarkdown() {
  const rows = differences.map(({ original, ours }) => `| ${escape(original)} | ${escape(ours)} |`);
  return ['| connect-mongodb-session 5.0.0 | here |', '|---|---|', ...rows].join('\n');
}

function escape(text) {
  const sentence = text[0].toUpperCase() + text.slice(1);
  return sentence.replaceAll('|', '\\|');
}

module.exports = { asMarkdown, differences, difference };
