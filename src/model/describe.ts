/** Says of any value what it is, in a few words. */

const MAX_QUOTED = 80;

/** For messages: what is no text, number or the like is named by its kind. Never throws. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return value === null ? 'null' : 'nothing';
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' ? 'an object' : `\`${String(value).slice(0, MAX_QUOTED)}\``;
}
