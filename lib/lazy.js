'use strict';

/**
 * What a store rarely needs is loaded when it is first used: an application starts, and a
 * function in the cloud answers, that much sooner.
 */

/**
 * @param {function(): *} load
 * @returns {function(): *} gives what `load` returned, which runs on the first call only
 */
function lazy(load) {
  let loaded;
  return () => (loaded ??= load());
}

/**
 * Defines methods of a class that are loaded when one of them is first called.
 *
 * @param {object} prototype
 * @param {string[]} names
 * @param {function(): Object<string, Function>} load gives the methods by name
 */
function lazyMethods(prototype, names, load) {
  const methods = lazy(load);
  for (const name of names) {
    const { [name]: value } = {
      [name](...given) {
        return Reflect.apply(methods()[name], this, given);
      }
    };
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

module.exports = { lazy, lazyMethods };
