'use strict';

/**
 * OpenTelemetry for the application: required before anything else. Spans and metrics go to the collector that
 * OTEL_EXPORTER_OTLP_ENDPOINT names, and to the console without one.
 */

const { metrics } = require('@opentelemetry/api');
const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-http');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BatchSpanProcessor, ConsoleSpanExporter, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { traceSessions } = require('./session-spans');

const resource = resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME || 'example-opentelemetry' });
const collector = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;

const traces = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(collector ? new OTLPTraceExporter() : new ConsoleSpanExporter())]
});
traces.register();

const exporter = collector ? new OTLPMetricExporter() : new ConsoleMetricExporter();
const numbers = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter })] });
metrics.setGlobalMeterProvider(numbers);

// A span for each request: the parent of what its session does.
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
traceSessions();

/** Sends what is not sent yet. */
async function shutdown() {
  await Promise.all([traces.shutdown(), numbers.shutdown()]);
}

module.exports = { shutdown };
