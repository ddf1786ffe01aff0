'use strict';

/**
 * Where connection strings and options are understood other than by the Node driver, on purpose; the
 * only place that says so in code. `covers` decides by both outcomes (see outcomes.js) whether what they
 * say differs for this reason; `expected` changes the driver's settings into what they are here. `cases`
 * are examples, with what this package says, or undefined where it accepts.
 */

const { isDeepStrictEqual } = require('node:util');
const { TABLE } = require('../../lib/connection/table');

/** What the Node driver quotes whole in its messages, and what stands there instead. */
const SHORTENED = [
  [/^MongoParseError: Protocol and host list are required in /, /^MongoParseError: Protocol and host list are required in "mongodb(\+srv)?:\/\/"$/],
  [/^MongoParseError: Username contains unescaped characters /, /^MongoParseError: Username contains unescaped characters$/],
  [/^MongoParseError: Invalid connection string "/, /^MongoParseError: Invalid connection string$/],
  [/^MongoRuntimeError: Unable to parse [^]* with URL$/, /^MongoRuntimeError: Unable to parse [^]*:… with URL$/],
  [/^TypeError: Invalid URL/, /^MongoParseError: Protocol and host list are required in "mongodb(\+srv)?:\/\/"$/]
];

/** What the Node driver calls the setting that an option goes into. */
const TARGETS = {
  auth: 'credentials',
  j: 'writeConcern',
  journal: 'writeConcern',
  fsync: 'writeConcern',
  maxStalenessSeconds: 'readPreference',
  tlsAllowInvalidCertificates: 'rejectUnauthorized',
  tlsAllowInvalidHostnames: 'checkServerIdentity',
  ssl: 'tls'
};

/** Names and passwords with characters of two UTF-16 units, as they are. */
const BEYOND = /^[^/]+:\/\/(?=[^@]*[\u{10000}-\u{10ffff}])([^:@]*)(?::([^@]*))?@/u;

const queryOf = (uri) => new URLSearchParams(/\?([^#\n]*)/.exec(uri)?.[1] ?? '');
const optionNames = (uri) => [...queryOf(uri).keys()];
const given = ({ uri, options = {} }) => [...optionNames(uri), ...Object.keys(options)].map((name) => name.toLowerCase());
const single = (settings, change) => ({
  ...settings, single: Object.fromEntries(Object.entries(settings.single).map(([name, value]) => [name, change(name, value)]))
});

const DIFFERENCES = [
  {
    why: 'what is left of a name or password behind an unescaped @ is no host',
    covers: ({ uri, ours }) => /^[^/]+:\/\/[^@]*@[^/?@]*@/.test(uri) && /^MongoParseError: (Username|Password) contains unescaped characters$/.test(ours.error),
    cases: [
      ['mongodb://u:p@q@h', {}, 'MongoParseError: Password contains unescaped characters'],
      ['mongodb://u@q@h', {}, 'MongoParseError: Username contains unescaped characters']
    ]
  },
  {
    why: 'no message quotes what may be a password',
    covers: ({ driver, ours }) => SHORTENED.some(([theirs, short]) => theirs.test(driver.error) && short.test(ours.error)),
    cases: [
      ['mongodb://u:p@@h', {}, 'MongoParseError: Protocol and host list are required in "mongodb://"'],
      ['mongodb://h/?appName=@x@', {}, 'MongoParseError: Username contains unescaped characters'],
      ['mongodb://:', {}, 'MongoParseError: Invalid connection string'],
      ['mongodb://u:p@:1', {}, 'MongoParseError: Protocol and host list are required in "mongodb://"'],
      ['mongodb://u:p', {}, 'MongoRuntimeError: Unable to parse u:… with URL']
    ]
  },
  {
    why: 'a message names the option as it was given, not what the driver makes of it',
    covers: ({ driver, ours }) => Object.entries(TARGETS).some(([option, target]) => {
      const named = (name) => new RegExp(`^(MongoParseError: (?:Expected )?)${name}\\b`);
      return named(target).test(driver.error) && driver.error.replace(named(target), `$1${option}`) === ours.error;
    }),
    cases: [
      ['mongodb://h/?journal=x', {}, 'MongoParseError: journal must be either "true" or "false"'],
      ['mongodb://h/?tlsAllowInvalidHostnames=x', {}, 'MongoParseError: tlsAllowInvalidHostnames must be either "true" or "false"'],
      ['mongodb://h', { auth: 5 }, "MongoParseError: auth must be an object with 'username' and 'password' properties"],
      ['mongodb://h', { auth: { username: 'a' } }, "MongoParseError: auth must be an object with 'username' and 'password' properties"]
    ]
  },
  {
    why: 'stray percent signs are an error of the driver\'s own class',
    covers: ({ driver, ours }) => driver.error === 'URIError: URI malformed' && /^MongoParseError: .*URI malformed$/.test(ours.error),
    cases: [
      ['mongodb://h/%', {}, 'MongoParseError: URI malformed'],
      ['mongodb://a%zz/', {}, 'MongoParseError: Unable to parse the host a%zz: URI malformed'],
      ['mongodb://%zz.sock', {}, 'MongoParseError: Unable to parse the host %zz.sock: URI malformed']
    ]
  },
  {
    why: 'tags and staleness that the primary does not have are refused, where the driver drops them without a mode',
    covers: ({ driver, ours, ...args }) => {
      const dropped = { tags: 'readpreferencetags', maxStalenessSeconds: 'maxstalenessseconds' };
      const [, what] = /^MongoInvalidArgumentError: Primary read preference cannot be combined with (\w+)$/.exec(ours.error) ?? [];
      return what !== undefined && given(args).includes(dropped[what]) && driver.settings?.readPreference.mode === 'primary';
    },
    cases: [
      ['mongodb://h/?readPreferenceTags=dc:a', {}, 'MongoInvalidArgumentError: Primary read preference cannot be combined with tags'],
      ['mongodb://h/?maxStalenessSeconds=90', {}, 'MongoInvalidArgumentError: Primary read preference cannot be combined with maxStalenessSeconds']
    ]
  },
  {
    why: 'an option that is there twice in different letter case is refused, where the driver drops the second',
    covers: ({ uri, ours }) => {
      const names = optionNames(uri);
      const [, named] = /^MongoInvalidArgumentError: URI option "(.*)" cannot appear more than once in the connection string$/.exec(ours.error) ?? [];
      const spellings = names.filter((name) => name.toLowerCase() === named?.toLowerCase());
      return new Set(spellings).size > 1;
    },
    cases: [['mongodb://h/?w=1&W=2', {}, 'MongoInvalidArgumentError: URI option "w" cannot appear more than once in the connection string']]
  },
  {
    why: 'readPreferenceTags count in any letter case, where the driver drops those of another case than the first',
    covers({ uri, ours }) {
      const spellings = optionNames(uri).filter((name) => name.toLowerCase() === 'readpreferencetags');
      return new Set(spellings).size > 1 && ours.error === 'MongoParseError: Cannot have undefined values in key value pairs';
    },
    expected(settings, { uri, options = {} }) {
      const values = [...queryOf(uri)].filter(([name]) => name.toLowerCase() === 'readpreferencetags').map(([, value]) => value);
      const instead = Object.keys(options).some((name) => /^readPreferenceTags$/i.test(name));
      if (values.length < 2 || instead || settings.readPreference.mode === 'primary') return settings;
      const tags = values.map((value) => Object.fromEntries(value.split(',').filter(Boolean).map((pair) => pair.split(':'))));
      return { ...settings, readPreference: { ...settings.readPreference, tags } };
    },
    cases: [['mongodb://h/?readPreference=nearest&readPreferenceTags=dc:a&READPREFERENCETAGS=dc:b', {}, undefined]]
  },
  {
    why: 'timeoutMS is honoured, and so must be a time; the driver takes anything and does nothing',
    covers: ({ driver, ours }) => driver.error === undefined && /(option "timeoutMS" cannot|Expected timeoutMS|: timeoutMS can only)/i.test(ours.error),
    cases: [
      ['mongodb://h/?timeoutMS=', {}, 'MongoAPIError: URI option "timeoutMS" cannot be specified with no value'],
      ['mongodb://h', { timeoutMS: 'soon' }, 'MongoParseError: Expected timeoutMS to be stringified int value, got: soon']
    ]
  },
  {
    why: 'a level that zlib does not have is refused when it is given, not when it is used',
    covers: ({ driver, ours }) => driver.error === undefined && /: zlibCompressionLevel must be from -1 to 9/.test(ours.error),
    cases: [['mongodb://h/?zlibCompressionLevel=10', {}, 'MongoInvalidArgumentError: zlibCompressionLevel must be from -1 to 9, got: 10']]
  },
  {
    why: 'numbers that are none are refused',
    covers: ({ ours }) => /^MongoParseError: Expected \w+ to be stringified int value, got: (NaN|Infinity)$/.test(ours.error),
    cases: [
      ['mongodb://h', { maxPoolSize: NaN }, 'MongoParseError: Expected maxPoolSize to be stringified int value, got: NaN'],
      ['mongodb://h', { socketTimeoutMS: Infinity }, 'MongoParseError: Expected socketTimeoutMS to be stringified int value, got: Infinity']
    ]
  },
  {
    why: 'counts and times end at 2147483647, which the driver\'s timers do, too',
    expected: (settings) => single(settings, (name, value) => (value > 2147483647 ? 2147483647 : value)),
    cases: [['mongodb://h/?maxPoolSize=5000000000', { socketTimeoutMS: 1e21 }, undefined]]
  },
  {
    why: 'the value of an option without meaning here may be anything',
    covers: ({ driver, ours }) => {
      const [, name] = /^MongoParseError: (\w+) must be either "true" or "false"$/.exec(driver.error) ?? [];
      return ours.error === undefined && TABLE[name]?.use === 'ignored';
    },
    cases: [['mongodb://h', { useNewUrlParser: 'x' }, undefined]]
  },
  {
    why: 'a second line is refused, where the driver drops it with all options on it',
    covers: ({ uri, ours }) => /\n./.test(uri) && /goes on behind a line break/.test(ours.error),
    cases: [['mongodb://h/\n?w=majority', {}, 'MongoParseError: The connection string goes on behind a line break: write it in one line']]
  },
  {
    why: 'checks of a server are 500 ms apart at least, as the driver has them whatever it was asked for',
    expected: (settings) => single(settings, (name, value) => (name === 'heartbeatFrequencyMS' ? Math.max(value, 500) : value)),
    cases: [['mongodb://h/?heartbeatFrequencyMS=7', {}, undefined]]
  },
  {
    why: 'MONGODB-AWS goes through a relay, which sockets of the file system do not',
    covers: ({ ours }) => /^MongoCompatibilityError: MONGODB-AWS needs a server with a host/.test(ours.error),
    cases: [
      ['mongodb://id:key@%2Ftmp%2Fx.sock/?authMechanism=MONGODB-AWS', {}, 'MongoCompatibilityError: MONGODB-AWS needs a server with a host and a port, not a socket of the file system']
    ]
  },
  {
    why: 'some authentication mechanisms are not supported',
    covers: ({ ours }) => /^MongoCompatibilityError: authMechanism [\w-]+ is not supported: /.test(ours.error),
    cases: [
      ['mongodb://u:p@h/?authMechanism=MONGODB-CR', {}, 'MongoCompatibilityError: authMechanism MONGODB-CR is not supported: servers since 4.0 do not have it; use SCRAM-SHA-256']
    ]
  },
  {
    why: 'characters beyond the first plane do not garble what follows them in names and passwords, as in the driver\'s URL parser',
    expected(settings, { uri, options = {} }) {
      const [, username, password] = BEYOND.exec(uri) ?? [];
      if (username === undefined || Object.keys(options).some((name) => /^auth$/i.test(name))) return settings;
      const decoded = { username: decodeURIComponent(username), ...(password && { password: decodeURIComponent(password) }) };
      return { ...settings, credential: { ...settings.credential, ...decoded } };
    },
    cases: [['mongodb://😀x:p|q@h', {}, undefined]]
  }
];

/** @returns {boolean} whether two outcomes are the same */
function agree(driver, ours) {
  return driver.error === ours.error && isDeepStrictEqual(driver.settings, ours.settings);
}

/** @returns {boolean} whether two outcomes are the same, or as they are meant to differ */
function agreed(outcome) {
  const { driver, ours } = outcome;
  if (agree(driver, ours) || DIFFERENCES.some(({ covers }) => covers?.(outcome))) return true;
  if (!driver.settings || !ours.settings) return false;
  const settings = DIFFERENCES.reduce((changed, { expected }) => expected?.(changed, outcome) ?? changed, driver.settings);
  return isDeepStrictEqual(settings, ours.settings);
}

module.exports = { DIFFERENCES, agree, agreed };
