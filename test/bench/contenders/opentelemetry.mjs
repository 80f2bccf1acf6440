/** @opentelemetry/winston-transport, with a batch processor and the OTLP exporter for JSON. */

import { logs } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport';
import { logWith } from './logger.mjs';

export function create(options) {
  const processor = new BatchLogRecordProcessor({
    exporter: new OTLPLogExporter({ url: `http://127.0.0.1:${options.port}/v1/logs` }),
    // As many as ours; the default of 2048 loses nearly all of a burst.
    maxQueueSize: 500_000,
    maxExportBatchSize: 1000,
    scheduledDelayMillis: 200,
  });
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [processor] }));
  return { log: logWith(new OpenTelemetryTransportV3(), options), flush: () => processor.forceFlush() };
}
