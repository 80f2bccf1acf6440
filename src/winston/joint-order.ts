/** Keeps lifecycle events behind the records that were logged before them but are still on their way to us. */

import type { Readable } from 'node:stream';

/** The state of a stream of `readable-stream`, as Winston's loggers are. */
interface Buffering extends Readable {
  readonly _writableState?: { readonly length: number };
  readonly _readableState?: { readonly length: number };
}

/** Longest that an event waits for records that another transport holds up. */
const MAX_WAIT_MS = 1000;

/**
 * Calls `act` once the records have been handed on that `logger` has buffered because one of its transports is
 * slower than it: at once when there are none, which is the rule, and after a second at the latest, since that
 * transport may have stopped for good.
 * @returns what `act` returns
 */
export function afterBufferedRecords<Value>(logger: Buffering, act: () => Value): Promise<Value> {
  let left = (logger._writableState?.length ?? 0) + (logger._readableState?.length ?? 0);
  if (left === 0) return Promise.resolve(act());
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      logger.off('data', count);
      resolve(act());
    };
    const count = () => {
      if (--left === 0) stop();
    };
    const timer = setTimeout(stop, MAX_WAIT_MS);
    logger.on('data', count);
  });
}
