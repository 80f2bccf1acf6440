/** Spans of time as people say them. */

/** `12 s`, `3 min`, `2 h`, `5 d` */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** How long ago an ISO time was; `-` where there is none. */
export function ago(time: string | undefined, nowMs: number): string {
  return time === undefined ? '-' : `${span(nowMs - Date.parse(time))} ago`;
}
