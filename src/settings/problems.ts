/** Says what is wrong with a value: where, what was expected, what was given. Never shows a secret. */

import type { z } from 'zod';
import { type Problem, SettingsError } from '../errors.js';
import { unquotedKeys } from './schema.js';

/** Longest piece of a given value that a message quotes. */
const MAX_QUOTED = 80;

/** The problems that an issue tells of. `root`: path of `given`, the value that was parsed. */
export function fromIssue(issue: z.core.$ZodIssue, given: unknown, root = ''): Problem[] {
  const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const path = keys.reduce<string>((parent, key) => joinPath(parent, key), root);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: joinPath(path, nameOf(key)),
      message: `\`${nameOf(key)}\` is not a key that is known here`,
    }));
  }
  const expectation = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message;
  const value = keys.reduce<unknown>((whole, each) => own(whole, each), given);
  const [, rootKey = 'settings'] = /(\w+)[^.]*$/.exec(root) ?? [];
  const key = String(keys.findLast((each) => typeof each === 'string') ?? rootKey);
  const shown = isContainerExpected(issue) ? new Kind(kindOf(value)) : value;
  return [problem(path || 'settings', key, expectation, keys.some(isUnquoted) ? secret(value) : shown)];
}

/** The problem that the value of `key` is not what was expected. */
export function problem(path: string, key: string, expectation: string, given: unknown): Problem {
  return { path, message: `Expected \`${key}\` to be ${expectation}, got ${quote(given)}` };
}

/** Stands for a value of which a message tells the kind only. */
class Kind {
  constructor(readonly text: string) {}
}

/** Stands for a value that no message shows. */
export function secret(given: unknown): unknown {
  return given === undefined ? undefined : new Kind(`${kindOf(given)} that is not shown`);
}

/** Stands for something that is told by its size. */
export function count(size: number, what: string): unknown {
  return new Kind(`${size} ${what}`);
}

/** Text where an object belongs may be a whole object in quotes, secrets and all. */
function isContainerExpected(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && ['object', 'array', 'record'].includes(issue.expected);
}

/** What is no name of a key may be anything, for instance a whole body that was parsed as a form. */
export function nameOf(key: string): string {
  return /^[\w$-]{1,64}$/.test(key) ? key : '?';
}

function isUnquoted(key: string | number): boolean {
  return typeof key === 'string' && unquotedKeys.has(key);
}

function quote(given: unknown): string {
  if (given instanceof Kind) return given.text;
  if (given === undefined) return 'nothing';
  if (typeof given === 'string') return `\`${shorten(hideCredentials(given))}\``;
  return typeof given === 'object' && given !== null ? kindOf(given) : `\`${shorten(String(given))}\``;
}

function kindOf(given: unknown): string {
  if (given === null) return 'null';
  if (given === undefined) return 'nothing';
  if (Array.isArray(given)) return 'a list';
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`;
}

function shorten(text: string): string {
  const line = text.slice(0, 4 * MAX_QUOTED).replace(/[\s\p{Cc}]+/gu, ' ');
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}...` : line;
}

/** URLs can carry a password before the `@` and tokens in the query: neither is quoted. */
function hideCredentials(text: string): string {
  const at = text.lastIndexOf('@');
  const shown = at < 0 ? text : `********${text.slice(at)}`;
  const query = shown.indexOf('?');
  return query < 0 ? shown : `${shown.slice(0, query)}?...`;
}

/** `log_targets[1]`, `log_targets[1].name` */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  return parent === '' ? shorten(key) : `${parent}.${shorten(key)}`;
}

/** An own property of any value; `undefined` when it has none of that name. */
export function own(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

/** What a change meets that was made from settings which are not in force any more. */
export function settingsConflict(): SettingsError {
  const message = 'The settings have been changed since they were read';
  return new SettingsError([{ path: 'settings', message }], { code: 'SETTINGS_CONFLICT' });
}
