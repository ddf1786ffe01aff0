/**
 * The classes behind `store.client`, `store.db` and `store.collection` with what is done natively: all that
 * they have where the application does not have the package `mongodb`.
 *
 * @packageDocumentation
 */

export * from './client';
export * from './collection';
export * from './cursor';
export * from './db';
