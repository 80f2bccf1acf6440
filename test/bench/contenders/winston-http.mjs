/** Winston's own Http transport, in batches. */

import http from 'node:http';
import winston from 'winston';
import { logWith } from './logger.mjs';

export function create(options) {
  const transport = new winston.transports.Http({
    host: '127.0.0.1',
    port: options.port,
    batch: true,
    batchCount: 500,
    batchInterval: 200,
    // By default it sends all batches at once, on as many connections, and delivers a quarter less.
    agent: new http.Agent({ keepAlive: true, maxSockets: 4 }),
  });
  return { log: logWith(transport, options) };
}
