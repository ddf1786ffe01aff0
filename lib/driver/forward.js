'use strict';

/**
 * From a method of ours to the Node driver's. Every class of this facade that has a counterpart there
 * says with its `counterpart` what it is: a function in its internals, `object.s.counterpart(what)`,
 * that gives the Node driver's client, database or collection of the same name and options.
 */

const { driverOption } = require('./driver-options');
const { missingMethodError } = require('./unsupported');

/**
 * Defines methods that are the Node driver's only.
 *
 * @param {Function} Class
 * @param {{returning?: string[], promising?: string[]}} names by what the methods do in the Node driver:
 *   return a value and throw errors, or promise one and reject with them
 */
function forwardMethods(Class, { returning = [], promising = [] }) {
  for (const name of returning) {
    define(Class, name, function forwarded(...given) {
      return forward(this, name, given, `${Class.name}.${name}()`);
    });
  }
  for (const name of promising) {
    define(Class, name, async function forwarded(...given) {
      return forward(this, name, given, `${Class.name}.${name}()`);
    });
  }
}

/**
 * Makes methods that are there forward the calls whose options only the Node driver knows: their own
 * options, or those of the database or collection that they are called on.
 *
 * @param {Function} Class
 * @param {{returning?: Object<string, number>, promising?: Object<string, number>}} names as above, each
 *   with the place of the options among its parameters
 */
function forwardByOptions(Class, { returning = {}, promising = {} }) {
  for (const [name, at] of Object.entries({ ...returning, ...promising })) {
    const own = Class.prototype[name];
    const isPromising = name in promising;
    define(Class, name, function withAnyOptions(...given) {
      const option = driverOption(given[at]) ?? this.s.driverOption;
      if (option === undefined) return Reflect.apply(own, this, given);
      const forwarding = () => forward(this, name, given, `The option '${option}'`);
      return isPromising ? new Promise((resolve) => resolve(forwarding())) : forwarding();
    });
  }
}

function forward(object, name, given, what) {
  const counterpart = object.s.counterpart(what);
  if (typeof counterpart[name] !== 'function') throw missingMethodError(what);
  return counterpart[name](...given);
}

function define(Class, name, method) {
  Object.defineProperty(method, 'name', { value: name });
  Object.defineProperty(Class.prototype, name, { value: method, writable: true, configurable: true });
}

module.exports = { define, forwardByOptions, forwardMethods };
