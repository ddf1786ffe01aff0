'use strict';

/** An OpenTelemetry collector: takes what OTLP exporters send over HTTP, as JSON. */

const { once } = require('node:events');
const http = require('node:http');

class Collector {
  constructor() {
    /** As they were sent; `attributes` by name. */
    this.spans = [];
    /** @type {Map<string, object[]>} data points by the name of their metric; each with `attributes` by name */
    this.metrics = new Map();
    /** All that was sent, as text. */
    this.received = '';
    this.server = http.createServer((req, res) => this.#take(req).then(() => res.end('{}'), () => res.writeHead(400).end()));
  }

  /** @returns {Promise<Collector>} once it listens */
  async open() {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  close() {
    this.server.closeAllConnections?.();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #take(req) {
    let text = '';
    for await (const part of req.setEncoding('utf8')) text += part;
    this.received += text;
    const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(text);
    for (const { scopeSpans } of resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) this.spans.push({ ...span, scope: scope.name, attributes: byName(span.attributes) });
      }
    }
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { metrics } of scopeMetrics) {
        for (const metric of metrics) {
          const points = (metric.sum ?? metric.histogram ?? metric.gauge).dataPoints;
          // Those that came last count: they are sums from the start.
          this.metrics.set(metric.name, points.map((point) => ({ ...point, attributes: byName(point.attributes) })));
        }
      }
    }
  }
}

function byName(attributes) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

module.exports = { Collector };
