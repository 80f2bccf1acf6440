/** @logtail/winston, with what would lose records of a burst by design switched off. */

import { Logtail } from '@logtail/node';
import { LogtailTransport } from '@logtail/winston';
import { logWith } from './logger.mjs';

export function create(options) {
  const logtail = new Logtail('token', {
    endpoint: `http://127.0.0.1:${options.port}/`,
    // By default it drops what exceeds 10,000 records in 5 s, and 100 waiting batches.
    burstProtectionMax: 0,
    syncQueuedMax: -1,
    batchInterval: 200,
    // Finds the caller of each log call in a stack trace, which no other contender does.
    captureStackContext: false,
    ignoreExceptions: true,
  });
  return { log: logWith(new LogtailTransport(logtail), options), flush: () => logtail.flush() };
}
