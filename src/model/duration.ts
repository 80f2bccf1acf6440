/**
 * Durations as Go reads and writes them (`1h30m`, `1.5s`, `300ms`), exact to the nanosecond.
 * @see https://pkg.go.dev/time#ParseDuration
 * @see https://pkg.go.dev/time#Duration.String
 */

import { describe } from './describe.js';

const MICROSECOND = 1_000n;
const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;

/** Nanoseconds of each unit; microseconds are written with either of Unicode's micro signs, or `us`. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: MICROSECOND,
  '\u00b5s': MICROSECOND,
  '\u03bcs': MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};

/** The longest duration that Go can hold, about 292 years. */
const MAX_DURATION = 2n ** 63n - 1n;

const TOO_LONG = 'longer than 292 years';

/** The longest wait a Node timer can make, about 24.8 days; longer ones would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads a Go duration. Accepts all that Go's `time.ParseDuration` accepts, except negative durations.
 * @returns nanoseconds
 * @throws RangeError that says what is wrong with `text`
 * @throws TypeError when it is no text, such as a number of milliseconds
 */
export function parseDuration(text: string): bigint {
  if (typeof text !== 'string') {
    throw new TypeError(`Expected a duration to be text such as \`1m30s\`, got ${describe(text)}`);
  }
  if (/^[+-]?0$/.test(text)) return 0n;
  const unsigned = text.replace(/^[+-]/, '');
  const part = /(\d*)(?:\.(\d*))?([^\d.]*)/y;
  let total = 0n;
  if (unsigned === '') throw invalid(text);
  while (part.lastIndex < unsigned.length) {
    const [matched, whole = '', fraction = '', unit = ''] = part.exec(unsigned) ?? [''];
    if (matched === '' || (whole === '' && fraction === '')) throw invalid(text);
    if (unit === '') throw invalid(text, 'missing unit');
    const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (scale === undefined) throw invalid(text, `unknown unit ${JSON.stringify(unit.slice(0, 20))}`);
    total += parseWhole(whole, text) * scale + parseFraction(fraction, scale);
    if (total > MAX_DURATION) throw invalid(text, TOO_LONG);
  }
  if (text.startsWith('-') && total > 0n) throw invalid(text, 'negative');
  return total;
}

/**
 * Writes a duration as Go's `Duration.String` does: `10m0s`, `1.5s`, `100µs`.
 * @param nanoseconds not negative
 * @throws TypeError when it is none, such as a number of milliseconds
 */
export function formatDuration(nanoseconds: bigint): string {
  if (typeof nanoseconds !== 'bigint' || nanoseconds < 0n) {
    throw new TypeError(
      `Expected nanoseconds to be a bigint >= 0, such as \`90_000_000_000n\`, got ${describe(nanoseconds)}`,
    );
  }
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < MICROSECOND) return `${nanoseconds}ns`;
  if (nanoseconds < MILLISECOND) return `${decimal(nanoseconds, MICROSECOND)}\u00b5s`;
  if (nanoseconds < SECOND) return `${decimal(nanoseconds, MILLISECOND)}ms`;
  const hours = nanoseconds / HOUR;
  const minutes = (nanoseconds % HOUR) / MINUTE;
  const seconds = `${decimal(nanoseconds % MINUTE, SECOND)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

/** Milliseconds of a Go duration, for a timer: at most the 24.8 days that a Node timer can wait. */
export function timerMs(duration: string): number {
  return Math.min(Number(parseDuration(duration)) / 1e6, MAX_TIMER_MS);
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}

function parseWhole(digits: string, text: string): bigint {
  const significant = digits.replace(/^0+/, '');
  if (significant.length > MAX_DURATION.toString().length) throw invalid(text, TOO_LONG);
  return BigInt(significant);
}

/** In floating point, and without the digits that a Go integer cannot hold: to the nanosecond what Go makes of it. */
function parseFraction(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > MAX_DURATION) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** `cause` is the reason alone. */
function invalid(text: string, why = 'not a number and a unit'): RangeError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return new RangeError(`invalid duration ${JSON.stringify(shown)}: ${why}`, { cause: why });
}
