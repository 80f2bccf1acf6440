/** @axiomhq/winston, which has no settings for its batches: 1000 records or 1 s, in gzip. */

import { WinstonTransport } from '@axiomhq/winston';
import { logWith } from './logger.mjs';

export function create(options) {
  const transport = new WinstonTransport({
    url: `http://127.0.0.1:${options.port}`,
    dataset: 'bench',
    token: 'xaat-token',
    // Otherwise errors are printed.
    onError: () => {},
  });
  // No `flush`: it takes records a turn late, so that one after the last log call would come too early.
  return { log: logWith(transport, options) };
}
