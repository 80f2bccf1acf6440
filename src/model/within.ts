/** Waits for something, but not for ever. */

import { MAX_TIMER_MS } from './duration.js';

/** The value of `promise`, or `undefined` after `timeoutMs`. Keeps the process alive meanwhile. */
export async function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutMs, MAX_TIMER_MS), undefined);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
