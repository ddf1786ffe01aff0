'use strict';

const net = require('node:net');
const { MongoParseError, MongoRuntimeError } = require('../errors');

const DEFAULT_PORT = 27017;

/**
 * The text of a host that cannot be parsed. Without its host a connection string is `user:password`,
 * so what does not look like a port is shown only behind an address that no user has for a name.
 */
function shownHost(text) {
  const [, name, port] = /^(.*?):([^:]*)$/s.exec(text) ?? [];
  if (port === undefined || /^\d{0,5}$/.test(port)) return text;
  return net.isIP(name) || name === 'localhost' ? text : `${name}:…`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new MongoParseError(error.message);
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
    // Without its cause, which quotes the whole text.
    throw new MongoRuntimeError(`Unable to parse ${shownHost(escaped)} with URL`);
  }
  const name = decode(url.hostname).toLowerCase();
  if (name === '') throw new MongoParseError('The list of hosts has an empty name: leave out the comma too many');
  const host = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  const port = url.port === '' ? DEFAULT_PORT : Number.parseInt(url.port, 10);
  if (port === 0) throw new MongoParseError('Invalid port (zero) with hostname');
  return { host, port };
}

module.exports = { decode, parseHost };
