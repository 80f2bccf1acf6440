/** Numbers, sizes and times in words that are read at a glance. */

const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const exact = new Intl.DateTimeFormat('en-CA', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});
const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** `1,234`; from ten million on `12.3M`. */
export function count(value: number): string {
  return value < 1e7 ? whole.format(value) : compact.format(value);
}

/** `0`, `0.4`, `12.5`, `1,234` */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0';
  return perSecond < 99.95 ? oneDigit.format(perSecond) : count(Math.round(perSecond));
}

/** `one event`, `1,234 events` */
export function events(value: number): string {
  return value === 1 ? 'one event' : `${count(value)} events`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return value === 1 ? `one ${one}` : `${count(value)} ${many}`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `0 B`, `12.3 KiB` */
export function bytes(value: number): string {
  const power = value < 1024 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
  return `${power === 0 ? whole.format(value) : oneDigit.format(value / 1024 ** power)} ${units[power]}`;
}

/** `850 ms`, `12 s`, `3 min`, `5 h`, `2 d` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${oneDigit.format(seconds)} s`;
  return span(seconds);
}

/** Whole units: what ticks every second must not flicker. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `just now`, `12 s ago` */
export function ago(atMs: number, nowMs: number): string {
  const seconds = (nowMs - atMs) / 1000;
  return seconds < 2 ? 'just now' : `${span(seconds)} ago`;
}

/** `now`, `in 12 s`, `in 1:30 min` */
export function countdown(atMs: number, nowMs: number): string {
  const seconds = Math.ceil((atMs - nowMs) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds < 90) return `in ${seconds} s`;
  if (seconds < 3600) {
    return `in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
  }
  return `in ${span(seconds)}`;
}

/** With the zone: whoever reads logs of several places needs it. */
export function exactTime(at: string | number): string {
  return exact.format(new Date(at)).replace(',', '');
}

/** `14:03:07.123` */
export function clockTime(at: string | number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : clock.format(date);
}
