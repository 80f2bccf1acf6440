/** Asks file systems that may never answer, in a way that keeps nobody else waiting. */

import { within } from '../model/within.js';

/** The system has four threads for files and names, and a look that is not answered keeps one. */
const MAX_LOOKS = 2;

/** Those whose turn has not come, the first first. */
const waiting = new Set<() => void>();
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
  const startedAtMs = performance.now();
  if (!(await isTurn(timeoutMs))) return undefined;
  const looking = look().finally(handOn);
  const found = await within(looking, timeoutMs - (performance.now() - startedAtMs));
  if (found !== undefined) return found;
  unanswered.add(place);
  void looking.catch(() => {}).finally(() => unanswered.delete(place));
  return undefined;
}

/** Whether it was the caller's turn in time; `handOn` ends that. Who goes without leaves nothing behind. */
async function isTurn(timeoutMs: number): Promise<boolean> {
  if (looks < MAX_LOOKS) {
    looks++;
    return true;
  }
  let goOn = () => {};
  const turn = new Promise<void>((resolve) => {
    goOn = resolve;
    waiting.add(goOn);
  });
  await within(turn, timeoutMs);
  return !waiting.delete(goOn);
}

/** Whoever is next goes on in this place. */
function handOn(): void {
  const [next] = waiting;
  if (next === undefined) {
    looks--;
    return;
  }
  waiting.delete(next);
  next();
}
