/** Counts the events in request bodies by their sequence numbers: what came, came twice, came too late. */

import { MARKER } from './record.mjs';

const marker = Buffer.from(MARKER);

/**
 * Of the events with sequence numbers `from` to `to - 1` at one address. Those before `backlogTo` were logged before
 * the end of an outage. Times are comparable between processes.
 */
export class Tally {
  distinct = 0;
  doubled = 0;
  outOfOrder = 0;
  lastNewAt = 0;
  lastOfBacklogAt = 0;
  #backlog;
  #isBacklog = false;
  #latest = -1;
  #from;
  #seen;

  constructor({ from, to, backlogTo = from }) {
    this.#from = from;
    this.#backlog = backlogTo - from;
    this.#seen = new Uint8Array(to - from);
  }

  /**
   * Looks for markers and parses nothing, so that the receiver is not what limits a contender. A peer may write all
   * fields of a record twice, in a line and beside it: a number that directly follows itself counts once.
   */
  count(body) {
    const before = this.distinct;
    this.#isBacklog = false;
    let previous = -1;
    let at = body.indexOf(marker);
    while (at !== -1) {
      at += marker.length;
      let seq = 0;
      for (let digit = body[at] - 48; digit >= 0 && digit <= 9; digit = body[++at] - 48) {
        seq = seq * 10 + digit;
      }
      if (seq !== previous) this.#add(seq);
      previous = seq;
      at = body.indexOf(marker, at);
    }
    if (this.distinct === before) return;
    this.lastNewAt = performance.timeOrigin + performance.now();
    if (this.#isBacklog) this.lastOfBacklogAt = this.lastNewAt;
  }

  #add(seq) {
    const index = seq - this.#from;
    if (index < 0 || index >= this.#seen.length) return;
    if (this.#seen[index] === 1) {
      this.doubled++;
      return;
    }
    this.#seen[index] = 1;
    this.distinct++;
    if (index < this.#backlog) this.#isBacklog = true;
    if (seq < this.#latest) this.outOfOrder++;
    else this.#latest = seq;
  }
}
