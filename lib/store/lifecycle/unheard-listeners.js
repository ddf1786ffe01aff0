'use strict';

/**
 * Each `session({ store })` of express-session adds a listener of `connect` and one of `disconnect`, and never takes them
 * away. An application that calls it for every request, as some do, would keep them all. Without the option `degrade` the
 * store never emits these events: then their listeners are not kept.
 */

const { internalsOf } = require('../internals');

const EVENTS = new Set(['connect', 'disconnect']);
const METHODS = ['on', 'addListener', 'once'];

/** @param {object} prototype of stores; its methods that add listeners leave out those of events that never come */
function leaveOutUnheard(prototype) {
  for (const name of METHODS) {
    const add = prototype[name];
    if (typeof add !== 'function') continue;
    const value = function addListener(event, listener) {
      // What is no function is refused as by every emitter.
      if (EVENTS.has(event) && typeof listener === 'function' && isSilent(this)) return this;
      return add.call(this, event, listener);
    };
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

/** @returns {boolean} false for a store that is not open yet: whether it will be silent is not known */
function isSilent(store) {
  const options = internalsOf(store)?.options;
  return options !== undefined && !options.degrade;
}

module.exports = { leaveOutUnheard };
