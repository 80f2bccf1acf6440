/** What somebody has changed in settings: what to send, and how to show it. */

import { MASK } from './schema.js';
import type { Settings } from './types.js';

export interface Change {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

const secretKeys: ReadonlySet<string> = new Set([
  'password',
  'bearer_token',
  'proxy_password',
  'client_key',
  'signing_secrets',
]);

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What changes of a target, key by key: each with the whole of its new value. */
export function patchOf(before: Settings, after: Settings): Record<string, unknown> {
  const changed = Object.keys(after).filter((key) => !isSame(before[key], after[key]));
  return Object.fromEntries(changed.map((key) => [key, after[key]]));
}

/** The same for a request that changes parts of objects, too: what is gone from one is `null`. */
export function mergePatchOf(before: Settings, after: Settings): Record<string, unknown> {
  const patch = Object.entries(patchOf(before, after)).map(([key, value]) => {
    const old = before[key];
    return [
      key,
      isRecord(old) && isRecord(value) ? { ...absent(old, value), ...mergePatchOf(old, value) } : value,
    ];
  });
  // The service lets go of the options of another format.
  const isOtherFormat = before.event_format !== after.event_format && after.format_options !== undefined;
  return { ...Object.fromEntries(patch), ...(isOtherFormat && { format_options: after.format_options }) };
}

function absent(before: Settings, after: Settings): Record<string, null> {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return Object.fromEntries(gone.map((key) => [key, null]));
}

/** Line by line, for people; secrets are told of, not shown. */
export function changesBetween(before: Settings, after: Settings, root = ''): Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => !isSame(before[key], after[key]))
    .flatMap((key) => {
      const [old, next] = [before[key], after[key]];
      const path = root === '' ? key : `${root}.${key}`;
      if (isRecord(old) && isRecord(next)) return changesBetween(old, next, path);
      const isSecret = secretKeys.has(key) || root === 'headers';
      return [{ key: path, before: shown(old, isSecret), after: shown(next, isSecret, !isEmpty(old)) }];
    });
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function shown(value: unknown, isSecret: boolean, isReplacing = false): string {
  if (isEmpty(value)) return 'none';
  if (isSecret) {
    if (Array.isArray(value)) return `${value.length} stored`;
    return value === MASK ? 'stored' : isReplacing ? 'another one' : 'a new one';
  }
  if (typeof value === 'string') return value.includes('\n') ? `${value.split('\n')[0]}…` : value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  return JSON.stringify(value);
}

export interface Line {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Beyond this the parts that differ are shown as a whole. */
const MAX_CELLS = 4_000_000;

/** Which lines of a text were changed: the longest common subsequence, between what is the same at both ends. */
export function diffLines(before: string, after: string): Line[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const same = (texts: readonly string[]): Line[] => texts.map((text) => ({ kind: 'same', text }));
  return [...same(a.slice(0, start)), ...middle(from, to), ...same(end > 0 ? a.slice(-end) : [])];
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const gone = (texts: readonly string[]): Line[] => texts.map((text) => ({ kind: 'gone', text }));
  const added = (texts: readonly string[]): Line[] => texts.map((text) => ({ kind: 'new', text }));
  if (a.length * b.length > MAX_CELLS || a.length === 0 || b.length === 0) return [...gone(a), ...added(b)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const below = lengths[(i + 1) * width + j] ?? 0;
      const right = lengths[i * width + j + 1] ?? 0;
      lengths[i * width + j] =
        a[i] === b[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(below, right);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] ?? '' });
      i++;
      j++;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) {
      lines.push({ kind: 'gone', text: a[i++] ?? '' });
    } else lines.push({ kind: 'new', text: b[j++] ?? '' });
  }
  return [...lines, ...gone(a.slice(i)), ...added(b.slice(j))];
}

/** What is wrong by key, from the one line that the API answers. */
export function problemsOf(message: string): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const part of message.split(/; (?=[a-z_]+[\w.[\]-]*: )/)) {
    const [, path = '', text = part] = /^([a-z_]+[\w.[\]-]*): (.*)$/s.exec(part) ?? [];
    const key = path.split(/[.[]/)[0] ?? '';
    problems.set(key, [problems.get(key), text].filter(Boolean).join(' '));
  }
  return problems;
}
