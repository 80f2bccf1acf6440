/** winston-loki, in batches of JSON. */

import http from 'node:http';
import LokiTransport from 'winston-loki';
import { logWith } from './logger.mjs';

export function create(options) {
  const transport = new LokiTransport({
    host: `http://127.0.0.1:${options.port}`,
    labels: { job: 'bench' },
    json: true,
    // In seconds. It sends by time alone; the default of 5 would only make it wait.
    interval: 0.2,
    timeout: 15_000,
    httpAgent: new http.Agent({ keepAlive: true }),
    // Would hold up the end of this process.
    gracefulShutdown: false,
  });
  return { log: logWith(transport, options) };
}
