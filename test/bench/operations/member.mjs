/** A member of a fleet: a logger with one target that takes everything. */

import winston from 'winston';
import { EventTransport } from '../../../dist/index.js';

/** So many are logged in a turn of the event loop. */
const A_TURN = 1000;

/** One target at `port`; other options as a transport takes them. */
export function createMember(port, options) {
  const targets = [{ name: 'siem', address: `http://127.0.0.1:${port}/`, level: 'DEBUG' }];
  const transport = new EventTransport(options ?? { targets });
  return { transport, logger: winston.createLogger({ level: 'debug', transports: [transport] }) };
}

/** Logs so many records, and waits until they are delivered. */
export async function logAndFlush({ logger, transport }, events) {
  for (let index = 1; index <= events; index++) {
    logger.info('request served', { method: 'GET', path: '/a/b', status: 200, ms: 12, user: `u${index}` });
    if (index % A_TURN === 0) await new Promise(setImmediate);
  }
  const { delivered } = await transport.flush({ timeoutMs: 60_000 });
  if (!delivered) throw new Error('Not everything was delivered');
}
