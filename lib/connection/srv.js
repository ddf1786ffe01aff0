'use strict';

/** `mongodb+srv`: asks DNS with Node's own name service, and reads what it says as the Node driver does. */

const dns = require('dns');
const { MongoAPIError, MongoParseError } = require('../errors/client');
const { parseHost } = require('./hosts');

const ALLOWED = ['authSource', 'replicaSet', 'loadBalanced'];
/**
 * The names of Node's own functions, by which they are known: an application, or its tests, may have replaced them before
 * this file is loaded. Functions of other names are what somebody has put there, or another runtime's.
 */
const OWN_NAMES = { resolveSrv: 'bound querySrv', resolveTxt: 'bound queryTxt' };

/** When DNS is asked again for the routers of a sharded cluster: as often as the Node driver asks, which no option changes. */
const RESCAN = { intervalMS: 60_000 };

/** Of a name that has no TXT record, and of a name that is none. */
const NO_RECORD = ['ENODATA', 'ENOTFOUND'];

/**
 * @param {object} settings of `parse`, with `srv`
 * @param {AbortSignal} signal ends what is asked, so that nothing keeps the process
 * @returns {Promise<{hosts: object[], authSource?: string, replicaSet?: string, loadBalanced?: boolean, askAgainMS: number}>}
 * @throws {Error} of Node's name service, `code` and all
 * @throws {MongoAPIError|MongoParseError} for records that are not those of a deployment
 */
async function resolveSrv({ srv, replicaSet, loadBalanced }, signal) {
  const { host, maxHosts = 0 } = srv;
  const ask = asking(signal);
  const text = ask('resolveTxt', host);
  // It is looked at later.
  text.catch(() => {});
  const addresses = await ask('resolveSrv', nameOf(srv));
  if (addresses.length === 0) throw new MongoAPIError('No addresses found at host');
  for (const { name } of addresses) {
    const reason = whyForeign(name, host);
    if (reason !== undefined) throw new MongoAPIError(reason);
  }
  const said = await optionsOf(text);
  checkTogether({ hosts: addresses.length, maxHosts, replicaSet: replicaSet ?? said.replicaSet, loadBalanced: loadBalanced ?? said.loadBalanced });
  return { ...said, ...recordsOf(chosen(addresses, maxHosts)) };
}

/**
 * Asks for the hosts again, while they are in use. Those that are in no domain of the name are left out, as by the Node
 * driver; there may be none.
 *
 * @param {object} srv of the settings
 * @param {AbortSignal} signal ends what is asked
 * @returns {Promise<{hosts: object[], askAgainMS: number}>} in random order
 * @throws {Error} of Node's name service
 */
async function resolveHosts(srv, signal) {
  const addresses = await asking(signal)('resolveSrv', nameOf(srv));
  const own = addresses.filter(({ name }) => whyForeign(name, srv.host) === undefined);
  return recordsOf(shuffled(own, own.length));
}

function nameOf({ host, serviceName = 'mongodb' }) {
  return `_${serviceName}._tcp.${host}`;
}

function recordsOf(addresses) {
  return { hosts: addresses.map(({ name, port }) => parseHost(`${name}:${port}`)), askAgainMS: RESCAN.intervalMS };
}

/**
 * Asks the name servers of this process (`dns.setServers`). A resolver of one's own can be stopped; what an application
 * has put in the place of Node's functions is called all the same.
 *
 * @returns {function(string, string): Promise<object[]>} asks for a name by a method of `dns.promises`
 */
function asking(signal) {
  const resolver = new dns.promises.Resolver();
  resolver.setServers(dns.getServers());
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  return async (method, name) => {
    const isOwn = dns.promises[method].name === OWN_NAMES[method];
    const query = () => (isOwn ? resolver[method](name) : dns.promises[method](name));
    try {
      return await query();
    } catch (error) {
      if (error.code !== dns.TIMEOUT || signal.aborted) throw error;
      // As the Node driver.
      return query();
    }
  };
}

async function optionsOf(text) {
  let records;
  try {
    records = await text;
  } catch (error) {
    if (NO_RECORD.includes(error.code)) return {};
    throw error;
  }
  if (records.length === 0) return {};
  if (records.length > 1) throw new MongoParseError('Multiple text records not allowed');
  const options = new URLSearchParams(records[0].join(''));
  if ([...options.keys()].some((name) => !ALLOWED.includes(name))) {
    throw new MongoParseError(`Text record may only set any of: ${ALLOWED.join(', ')}`);
  }
  const said = Object.fromEntries(options);
  if (Object.values(said).includes('')) throw new MongoParseError('Cannot have empty URI params in DNS TXT Record');
  const { loadBalanced, ...others } = said;
  return loadBalanced === 'true' ? { ...others, loadBalanced: true } : others;
}

function checkTogether({ hosts, maxHosts, replicaSet, loadBalanced }) {
  const refuse = (condition, message) => {
    if (condition) throw new MongoParseError(message);
  };
  refuse(replicaSet && maxHosts > 0, 'Cannot combine replicaSet option with srvMaxHosts');
  if (!loadBalanced) return;
  refuse(hosts > 1, 'loadBalanced option only supported with a single host in the URI');
  refuse(replicaSet, 'loadBalanced option not supported with a replicaSet option');
  refuse(maxHosts > 0, 'Cannot limit srv hosts with loadBalanced enabled');
}

/**
 * Servers must be in the domain of the name that they were found under, so that nobody else's DNS can name others.
 *
 * @returns {undefined|string} the reason, for an address that is not
 */
function whyForeign(address, host) {
  const labels = (name) => name.replace(/\.$/, '').toLowerCase().split('.');
  const [found, asked] = [labels(address), labels(host)];
  if (asked.length < 3 && found.length <= asked.length) {
    return 'Server record does not have at least one more domain level than parent URI';
  }
  const domain = asked.length < 3 ? asked : asked.slice(1);
  if (found.slice(1).slice(-domain.length).join('.') !== domain.join('.')) {
    return 'Server record does not share hostname with parent URI';
  }
  return undefined;
}

/** So many of them, any. */
function chosen(addresses, maxHosts) {
  if (maxHosts === 0 || maxHosts >= addresses.length) return addresses;
  return shuffled(addresses, maxHosts);
}

function shuffled(addresses, number) {
  const left = [...addresses];
  return Array.from({ length: number }, () => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

module.exports = { RESCAN, resolveHosts, resolveSrv };
