'use strict';

const { MongoParseError, MongoRuntimeError } = require('../errors/client');

const DEFAULT_PORT = 27017;

/** What stands after a colon and is no port may be a password: `mongodb://user:password/` lacks its host. */
function withoutSecret(text) {
  const [, host, rest] = /^(\[[^\]]*\]|[^:]*)(.*)$/s.exec(text);
  return /^(:\d{1,5})?$/.test(rest) ? text : `${host}:…`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new MongoParseError(`Unable to parse the host ${withoutSecret(text)}: ${error.message}`);
  }
}

/**
 * One entry of a connection string's host list.
 *
 * @param {string} text `name`, `name:port`, `[IPv6]:port`, or a percent-encoded path that ends in `.sock`
 * @returns {{host: string, port: number}|{socketPath: string}}
 * @throws {MongoRuntimeError|MongoParseError}
 */
function parseHost(text) {
  const escaped = text.split(' ').join('%20');
  if (escaped.endsWith('.sock')) return { socketPath: decode(escaped) };
  let url;
  try {
    url = new URL(`mongodb-host://${escaped}`);
  } catch {
    // Without the URL parser's error as cause: it quotes its whole input.
    throw new MongoRuntimeError(`Unable to parse ${withoutSecret(escaped)} with URL`);
  }
  const name = decode(url.hostname).toLowerCase();
  const host = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  const port = url.port === '' ? DEFAULT_PORT : Number.parseInt(url.port, 10);
  if (port === 0) throw new MongoParseError('Invalid port (zero) with hostname');
  return { host, port };
}

module.exports = { parseHost };
