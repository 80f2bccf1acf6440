/** Asks file systems that may never answer, in a way that keeps nobody else waiting. */

import { within } from '../model/within.js';

/** The system has four threads for files and names, and a look that is not answered keeps one. */
const MAX_LOOKS = 2;

const waiting: (() => void)[] = [];
/** Places where a look has taken too long, and is not over yet. */
const unanswered = new Set<string>();
let looks = 0;

/**
 * What `look` finds at a place; `undefined` when it does not find out in time, or has not done so from the last time
 * on.
 */
export async function lookInTime<Found extends object>(
  place: string,
  timeoutMs: number,
  look: () => Promise<Found>,
): Promise<Found | undefined> {
  if (unanswered.has(place)) return undefined;
  const state = { isLooking: false, isLate: false };
  const looking = inTurn(async () => {
    if (state.isLate) return undefined;
    state.isLooking = true;
    return look();
  });
  const found = await within(looking, timeoutMs);
  if (found !== undefined) return found;
  if (state.isLooking) {
    unanswered.add(place);
    void looking.catch(() => {}).finally(() => unanswered.delete(place));
  }
  state.isLate = true;
  return undefined;
}

async function inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
  if (looks >= MAX_LOOKS) await new Promise<void>((resolve) => waiting.push(resolve));
  else looks++;
  try {
    return await act();
  } finally {
    // Whoever is next goes on in this place.
    const next = waiting.shift();
    if (next) next();
    else looks--;
  }
}
