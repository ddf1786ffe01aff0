'use strict';

/** A host and a certificate that are nobody's. */
const STRANGER = 'one.invalid';
const certificate = () => ({ subject: { CN: 'other.invalid' }, subjectaltname: 'DNS:other.invalid' });

/**
 * Whether a `checkServerIdentity` means `tlsAllowInvalidHostnames`, as `() => undefined` does, which is what the Node driver
 * makes of that option. The function itself can decide nothing where certificates are checked, so it must be one that finds
 * no fault with the certificate of somebody else, and never looks at the certificate: one that looks might find a fault with another.
 *
 * @param {any} check calls it
 * @param {string[]} hosts of the connection string
 * @returns {boolean}
 */
function acceptsEveryName(check, hosts) {
  if (typeof check !== 'function') return false;
  let looked = false;
  const look = (method) => (...args) => {
    looked = true;
    return Reflect[method](...args);
  };
  const traps = Object.fromEntries(['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'].map((name) => [name, look(name)]));
  try {
    // A fault is whatever Node takes for one: anything truthy.
    return [STRANGER, ...hosts].every((host) => !check(host, new Proxy(certificate(), traps))) && !looked;
  } catch {
    return false;
  }
}

module.exports = { acceptsEveryName };
