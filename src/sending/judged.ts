/** What an attempt comes to when the body of the answer tells of single events. */

import type { RefusedEvent, Verdict } from '../formats/verdict.js';
import type { DeliveryError } from '../report.js';
import type { Outcome } from './outcome.js';

/** An answer whose body was read. */
export interface JudgedAnswer {
  readonly status: number;
  /** From the start of the attempt to the status line. */
  readonly ms: number;
  readonly verdict: Verdict;
  /** Events in the batch. */
  readonly count: number;
  /** Takes out of what the receiver says what must not be kept. */
  readonly hide: (text: string) => string;
}

/** The outcome by what was said of the events. */
export function outcomeOfVerdict({ status, ms, verdict, count, hide }: JudgedAnswer): Outcome {
  const refusal = (events: number, message: string): DeliveryError => ({
    code: 'EVENTS_REFUSED',
    message: `the receiver answered ${status} and did not take ${events} of ${count} events: ${hide(message)}`,
  });
  switch (verdict.kind) {
    case 'foreign': {
      const message = `the receiver answered ${status}, but not as a receiver of this format: ${hide(verdict.message)}`;
      return { kind: 'misconfigured', status, error: { code: 'ANSWER_UNKNOWN', message } };
    }
    case 'counted': {
      const lost = Math.min(Math.max(Math.trunc(verdict.events), 0), count);
      return { kind: 'partial', status, ms, refused: [], lost, error: refusal(lost, verdict.message) };
    }
    case 'named': {
      const { unreadFrom = count, warning } = verdict;
      const refused = onePerEvent(verdict.refused, Math.min(unreadFrom, count)).map((event) => ({
        ...event,
        message: hide(event.message),
      }));
      const untaken = refused.length + Math.max(count - unreadFrom, 0);
      if (untaken === 0) return { kind: 'delivered', status, ms, ...(warning && { warning: hide(warning) }) };
      const error = refusal(untaken, refused[0]?.message ?? '');
      if (refused.length === count && refused.every(({ retryable }) => retryable)) {
        return { kind: 'retryable', status, error };
      }
      return { kind: 'partial', status, ms, refused, unreadFrom, lost: 0, error };
    }
  }
}

/** What is said of events that are not there, or a second time, does not count. */
function onePerEvent(refused: readonly RefusedEvent[], count: number): RefusedEvent[] {
  const byIndex = new Map<number, RefusedEvent>();
  for (const event of refused) {
    if (event.index >= 0 && event.index < count && !byIndex.has(event.index)) byIndex.set(event.index, event);
  }
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}
