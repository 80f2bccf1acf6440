/** pino with pino-loki in a worker thread, as its README recommends. Not Winston: what another logger could give. */

import pino from 'pino';
import { MESSAGE } from '../record.mjs';

export function create({ port }) {
  const transport = pino.transport({
    target: 'pino-loki',
    options: {
      host: `http://127.0.0.1:${port}`,
      // In seconds, and as many records as ours; the default of 10,000 loses nearly all of a burst.
      batching: { interval: 0.2, maxBufferSize: 500_000 },
      silenceErrors: true,
    },
  });
  const logger = pino(transport);
  return { log: (record) => logger.info(record, MESSAGE) };
}
