'use strict';

/** Metrics of a store, from `stats()` and its diagnostics channels. Takes nothing but @opentelemetry/api. */

const { subscribe } = require('diagnostics_channel');
const { metrics } = require('@opentelemetry/api');

const DURATIONS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** @param {object} store */
function measureSessions(store) {
  const meter = metrics.getMeter('connect-mongodb-session');
  const pool = { 'db.client.connection.pool.name': store.options.collection };
  const connections = meter.createObservableUpDownCounter('db.client.connection.count', { unit: '{connection}' });
  const waiting = meter.createObservableUpDownCounter('sessions.queue.waiting', { unit: '{operation}' });
  const retries = meter.createObservableCounter('sessions.command.retries', { unit: '{command}' });
  const operations = meter.createObservableCounter('sessions.operations', { unit: '{operation}' });
  const errors = meter.createObservableCounter('sessions.operation.errors', { unit: '{operation}' });

  meter.addBatchObservableCallback((result) => {
    const stats = store.stats();
    for (const [name, { count, errors: failed }] of Object.entries(stats.operations)) {
      result.observe(operations, count, { ...pool, 'db.operation.name': name });
      result.observe(errors, failed, { ...pool, 'db.operation.name': name });
    }
    // The rest is not there once the store is closed.
    if (!stats.pool) return;
    const { open, inUse } = stats.pool;
    result.observe(connections, inUse, { ...pool, 'db.client.connection.state': 'used' });
    result.observe(connections, open - inUse, { ...pool, 'db.client.connection.state': 'idle' });
    result.observe(waiting, stats.queue.waiting, pool);
    result.observe(retries, stats.commands.retries, pool);
  }, [connections, waiting, retries, operations, errors]);

  const duration = meter.createHistogram('db.client.operation.duration', { unit: 's', advice: { explicitBucketBoundaries: DURATIONS } });
  const batch = meter.createHistogram('sessions.command.operations', { unit: '{operation}', advice: { explicitBucketBoundaries: SIZES } });
  // One command serves many operations.
  subscribe('connect-mongodb-session:command', ({ command, operations: served, durationMs, failed, database, collection }) => {
    if (collection !== store.options.collection || database !== store.db.databaseName) return;
    const attributes = {
      'db.system.name': 'mongodb', 'db.namespace': database, 'db.collection.name': collection, 'db.operation.name': command,
      ...(failed && { 'error.type': '_OTHER' })
    };
    duration.record(durationMs / 1000, attributes);
    batch.record(served, attributes);
  });
}

module.exports = { measureSessions };
