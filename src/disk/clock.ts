/** Tells how much time has passed, over restarts too, whatever the wall clock does meanwhile. */

import { uptime } from 'node:os';

/** A reading that survives a restart. */
export interface ClockReading {
  /** Milliseconds since the spool was made. */
  readonly ms: number;
  /** Milliseconds since the machine was started. */
  readonly uptimeMs: number;
}

/**
 * Goes on with the process and, over a restart of it, with the machine. How long a machine was off nobody can tell
 * without the wall clock: that time does not count, so that nothing is too old before its time.
 */
export class SpoolClock {
  readonly #startMs: number;
  readonly #startedAtMs = performance.now();

  /** @param last reading of the clock before */
  constructor(last: ClockReading = { ms: 0, uptimeMs: uptimeMs() }) {
    const sinceBootMs = uptimeMs();
    this.#startMs = last.ms + (sinceBootMs >= last.uptimeMs ? sinceBootMs - last.uptimeMs : sinceBootMs);
  }

  get nowMs(): number {
    return this.#startMs + performance.now() - this.#startedAtMs;
  }

  read(): ClockReading {
    return { ms: this.nowMs, uptimeMs: uptimeMs() };
  }
}

function uptimeMs(): number {
  return uptime() * 1000;
}
