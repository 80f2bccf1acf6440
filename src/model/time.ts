/** Times of events, as RFC 3339 text in UTC with milliseconds. */

/** The first and last millisecond whose year RFC 3339 can write: years 0000 to 9999. */
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = 253_402_300_799_999;

let cachedMs = Number.NaN;
let cachedText = '';

/**
 * RFC 3339 text of `ms`, milliseconds since the epoch.
 * Remembers the last answer: in a burst thousands of records share a millisecond, and making the text costs
 * more than all the rest of an event's envelope.
 */
export function isoTime(ms: number): string {
  if (ms !== cachedMs) {
    cachedText = new Date(ms).toISOString();
    cachedMs = ms;
  }
  return cachedText;
}

/**
 * RFC 3339 text of a date in any of the shapes that loggers leave: a `Date`, milliseconds since the epoch, or
 * text that JavaScript parses and that shows a four-digit year (so that `'12'` or `'08:15'` is no date).
 * `undefined` for everything else.
 */
export function parseTime(value: unknown): string | undefined {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? parseText(value) : value;
  return typeof ms === 'number' && ms >= FIRST_MS && ms <= LAST_MS ? isoTime(Math.trunc(ms)) : undefined;
}

function parseText(text: string): number {
  return /(?<!\d)\d{4}(?!\d)/.test(text) ? Date.parse(text) : Number.NaN;
}
