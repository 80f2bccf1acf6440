/** The time of day, moved ahead as by an operator: nobody has to wait until the next second. */

import { onTestFinished, vi } from 'vitest';

/** Until the end of the test `Date.now()` says `aheadMs` more than it is. It goes on, and timers know nothing of it. */
export function movableClock(): { aheadMs: number } {
  const now = Date.now;
  const clock = { aheadMs: 0 };
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + clock.aheadMs);
  onTestFinished(() => spy.mockRestore());
  return clock;
}
