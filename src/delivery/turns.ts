/** Work of many targets, of which each turn of the event loop does a few milliseconds: nobody else is held up by it. */

/** In which the work of a turn, and what it sets off at once, is to be done. */
const TURN_MS = 5;
/** Twice as many work in the first turn, unless it comes late. */
const FIRST_SHARE = 4;
const MAX_SHARE = 64;

const waiting = new Set<Work>();
let turn: NodeJS.Immediate | undefined;
let share = FIRST_SHARE;

/** Something to be done soon, and once, however often it is asked for until then: whoever asked first, first. */
export class Work {
  readonly act: () => void;

  constructor(act: () => void) {
    this.act = act;
  }

  get isPlanned(): boolean {
    return waiting.has(this);
  }

  plan(): void {
    waiting.add(this);
    if (turn !== undefined) return;
    share = FIRST_SHARE;
    turn = setImmediate(takeTurn, performance.now());
  }

  /** Not after all. */
  cancel(): void {
    waiting.delete(this);
  }
}

/** @param before when the turn before began: what it has set off, requests for instance, is done only by now */
function takeTurn(before: number): void {
  const now = performance.now();
  share = now - before > TURN_MS ? Math.ceil(share / 2) : Math.min(share * 2, MAX_SHARE);
  let left = share;
  try {
    for (const work of waiting) {
      waiting.delete(work);
      left--;
      work.act();
      if (left === 0) break;
    }
  } finally {
    turn = waiting.size > 0 ? setImmediate(takeTurn, now) : undefined;
  }
}
