/** How long to wait before the next attempt. */

/** The shortest pause between attempts: settings must not make a flood of somebody else's server. */
const MIN_PAUSE_MS = 100;
/** The longest pause between probes of a target that is down, unless its `retry_timeout` is longer. */
const MAX_PROBE_PAUSE_MS = 30_000;
/** The longest pause while somebody waits for the target to be done. */
const MAX_HURRIED_PAUSE_MS = 1000;
/** Of an outage's age, the share that a pause takes where it may be short. */
const SHARE_OF_OUTAGE = 0.4;

/** Between the attempts of a round: `retryTimeoutMs`, give or take a fifth, and never less than 100 ms. */
export function roundPauseMs(retryTimeoutMs: number): number {
  return Math.max(MIN_PAUSE_MS, retryTimeoutMs * (0.8 + 0.4 * Math.random()));
}

/**
 * Between the probes of a target that is down: `retryTimeoutMs`, doubled with every probe up to 30 seconds; of that
 * a random part between half and all, so that many services do not come back in step. Half it is while an outage,
 * `failingMs` old, is young: one that was short should not cost as much again.
 */
export function probePauseMs(
  retryTimeoutMs: number,
  probes: number,
  failingMs = Number.POSITIVE_INFINITY,
): number {
  const longestMs = Math.max(MAX_PROBE_PAUSE_MS, retryTimeoutMs);
  const ceilingMs = Math.min(retryTimeoutMs * 2 ** probes, longestMs);
  const pauseMs = ceilingMs * (0.5 + 0.5 * Math.random());
  const shortMs = Math.max(ceilingMs / 2, failingMs * SHARE_OF_OUTAGE);
  return Math.max(MIN_PAUSE_MS, Math.min(pauseMs, shortMs));
}

/** While closing or draining: short enough that a receiver that restarts meanwhile still gets its events. */
export function hurriedPauseMs(retryTimeoutMs: number): number {
  return Math.max(MIN_PAUSE_MS, Math.min(retryTimeoutMs, MAX_HURRIED_PAUSE_MS));
}
