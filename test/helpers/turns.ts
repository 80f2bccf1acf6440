/** How long turns of the event loop hold everybody up, in time at work: that others keep the machine busy is not counted. */

export interface Turns {
  /** Milliseconds of processor time in all. */
  readonly ms: number;
  /** In the longest turn, to a millisecond. */
  readonly longestMs: number;
}

/** Watches the turns from now on; returns what ends that, and tells of them. */
export function watchTurns(): () => Turns {
  const begun = process.cpuUsage();
  let lastMs = 0;
  let longestMs = 0;
  const spentMs = () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
  const look = () => {
    const nowMs = spentMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  const timer = setInterval(look, 1);
  return () => {
    clearInterval(timer);
    look();
    return { ms: lastMs, longestMs };
  };
}
