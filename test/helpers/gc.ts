/** Collects garbage, to tell what is still held. */

import { setImmediate as immediate } from 'node:timers/promises';

export async function collectGarbage(): Promise<void> {
  if (!globalThis.gc) throw new Error('Expected Node to run with --expose-gc, as vitest.config.ts says');
  for (let round = 0; round < 3; round++) {
    await immediate();
    globalThis.gc();
  }
}
