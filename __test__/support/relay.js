'use strict';

const tools = require('../../tools/relay');

/** A relay in front of a real server. */
class Relay extends tools.Relay {
  /** What an application sees when its server goes away: open connections break and new ones are refused, until `open` is called again. */
  cut() {
    return this.close();
  }
}

/**
 * @param {string} uri a MongoDB connection string
 * @returns {{host: string, port: number}} its first host
 */
function hostOf(uri) {
  const match = /^mongodb:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/,?]+)(?::(\d+))?/.exec(uri);
  if (!match) {
    throw new Error('a relay needs a mongodb:// URI with a host and a port');
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] || 27017) };
}

/**
 * @param {string} uri a MongoDB connection string
 * @param {number} port of a relay on 127.0.0.1
 * @returns {string} the same database and options by way of the relay, without host discovery
 */
function relayedUri(uri, port) {
  const [, credentials = '', rest = ''] = /^mongodb:\/\/([^@/]*@)?[^/]*(.*)$/.exec(uri);
  const [path, query = ''] = (rest || '/').split('?');
  const options = query.split('&').filter(option => option && !/^replicaSet=/i.test(option));
  options.push('directConnection=true');
  return `mongodb://${credentials}127.0.0.1:${port}${path}?${options.join('&')}`;
}

module.exports = { Relay, hostOf, relayedUri };
