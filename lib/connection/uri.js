'use strict';

/**
 * Takes a connection string apart. The rules are those of the Node driver's parser: a WHATWG URL
 * whose host is a placeholder, because URLs know no lists of hosts.
 */

const { MongoAPIError, MongoInvalidArgumentError, MongoParseError } = require('../errors/client');
const { parseHost } = require('./hosts');

const PLACEHOLDER = '__this_is_a_placeholder__';
const PARTS = /^([^/]+):\/\/(?:([^:@]*)(?::([^@]*))?@)?((?!:)[^/?@]*)(.*)/;
const RESERVED = /[:/?#[\]@]/;

/** The scheme and the hosts of a connection string, for messages: never what may be a password. */
function withoutSecrets(protocol, hosts) {
  return `${protocol}://${hosts}`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new MongoParseError(error.message);
  }
}

function checkUserInfo(uri, protocol, username, password) {
  decode(username ?? '');
  decode(password ?? '');
  if (RESERVED.test(username ?? '')) {
    throw new MongoParseError('Username contains unescaped characters');
  }
  if (!username || !password) {
    const rest = uri.replace(`${protocol}://`, '');
    if (rest.startsWith('@') || rest.startsWith(':')) {
      throw new MongoParseError('URI contained empty userinfo section');
    }
  }
  if (RESERVED.test(password ?? '')) throw new MongoParseError('Password contains unescaped characters');
}

function toUrl(protocol, username, password, hosts, rest) {
  let user = username ?? '';
  if (password !== undefined) user += `:${password}`;
  try {
    return new URL(`${protocol.toLowerCase()}://${user && `${user}@`}${PLACEHOLDER}${rest}`);
  } catch {
    // The URL parser quotes its whole input, and with it the password.
    // With an @ behind them, what look like hosts are a user and a password.
    const shown = rest.includes('@') ? '' : hosts;
    throw new MongoParseError(`Invalid connection string "${withoutSecrets(protocol, shown)}…"`);
  }
}

/**
 * @param {string} uri
 * @returns {{srv: boolean, hosts: object[]|string[], username: string, password: string|undefined,
 *   database: string, options: Map<string, string[]>}} `hosts` are names for SRV; options by their
 *   lower-case name
 * @throws {MongoParseError|MongoRuntimeError|MongoAPIError|MongoInvalidArgumentError}
 */
function parseUri(uri) {
  if (!uri.startsWith('mongodb://') && !uri.startsWith('mongodb+srv://')) {
    throw new MongoParseError(
      'Invalid scheme, expected connection string to start with "mongodb://" or "mongodb+srv://"'
    );
  }
  const match = PARTS.exec(uri);
  if (!match) throw new MongoParseError('Invalid connection string');
  const [, protocol, username, password, hosts, rest] = match;
  if (uri.slice(match[0].length).trim() !== '') {
    throw new MongoParseError('The connection string goes on behind a line break: write it in one line');
  }
  if (!hosts) {
    const shown = username === undefined ? uri : withoutSecrets(protocol, '');
    throw new MongoParseError(`Protocol and host list are required in "${shown}"`);
  }
  checkUserInfo(uri, protocol, username, password);
  if (/^@:[^@/?]*(?:[/?]|$)/.test(rest)) {
    throw new MongoParseError(`Protocol and host list are required in "${withoutSecrets(protocol, '')}"`);
  }
  // The Node driver takes the rest of the password for the host, and names it when it does not answer.
  if (rest.startsWith('@')) {
    throw new MongoParseError(`${password === undefined ? 'Username' : 'Password'} contains unescaped characters`);
  }
  const url = toUrl(protocol, username, password, hosts, rest);
  const srv = url.protocol.includes('srv');
  const names = hosts.split(',');
  if (srv && names.length !== 1) throw new MongoParseError('mongodb+srv URI cannot have multiple service names');
  if (srv && hosts.includes(':')) throw new MongoParseError('mongodb+srv URI cannot have port number');
  return {
    srv,
    hosts: srv ? names : names.map(parseHost),
    username: decode(url.username),
    // As in the Node driver: a URL without a password has an empty one.
    password: url.username === '' ? undefined : decode(url.password),
    database: decode(url.pathname.replace(/^\//, '')),
    options: queryOptions(url.searchParams)
  };
}

function queryOptions(query) {
  const options = new Map();
  for (const key of query.keys()) {
    const lower = key.toLowerCase();
    if (options.has(lower)) continue;
    const values = [...query].filter(([name]) => name.toLowerCase() === lower).map(([, value]) => value);
    if (lower !== 'readpreferencetags') {
      if (values.length > 1) {
        throw new MongoInvalidArgumentError(
          `URI option "${key}" cannot appear more than once in the connection string`
        );
      }
      if (values[0] === '') throw new MongoAPIError(`URI option "${key}" cannot be specified with no value`);
    }
    options.set(lower, values);
  }
  return options;
}

module.exports = { parseUri };
