'use strict';

/** A span for each operation of a store, from its diagnostics channels. Takes nothing but @opentelemetry/api. */

const { subscribe } = require('diagnostics_channel');
const { SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');

const OPERATION = 'tracing:connect-mongodb-session:operation';

/** Call it once, before or after stores are made. */
function traceSessions() {
  const tracer = trace.getTracer('connect-mongodb-session');
  const spans = new WeakMap();

  // Published within the call, so in the context of the request: its span is the parent.
  subscribe(`${OPERATION}:start`, (message) => {
    const { operation, database, collection, session } = message;
    spans.set(message, tracer.startSpan(`${operation} ${collection}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'mongodb',
        'db.namespace': database,
        'db.collection.name': collection,
        'db.operation.name': operation,
        // Not the id: whoever has it has the session. This tells sessions apart, no more.
        ...(session && { 'session.hash': session })
      }
    }));
  });

  subscribe(`${OPERATION}:asyncEnd`, (message) => {
    const span = spans.get(message);
    // It began before somebody listened.
    if (span === undefined) return;
    const { error } = message;
    if (error) {
      // No message and no stack: servers quote ids in theirs.
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', error.codeName || error.name);
      if (error.code !== undefined) span.setAttribute('db.response.status_code', String(error.code));
    }
    span.end();
  });
}

module.exports = { traceSessions };
