/** Says what is wrong with a value: where, what was expected, what was given. Never shows a secret. */

import type { z } from 'zod';
import { type Problem, SettingsError } from '../errors.js';
import { closestName } from '../model/closest.js';
import { logTargetSchema, systemSettingsSchema, unquotedKeys } from './schema.js';

/** Longest piece of a given value that a message quotes. */
const MAX_QUOTED = 80;

/** The problems that an issue tells of. `root`: path of `given`, the value that was parsed. */
export function fromIssue(issue: z.core.$ZodIssue, given: unknown, root = ''): Problem[] {
  const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const path = keys.reduce<string>((parent, key) => joinPath(parent, key), root);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = meantBy(nameOf(key), path);
      const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
      return {
        path: joinPath(path, nameOf(key)),
        message: `\`${nameOf(key)}\` is not a key that is known here${hint}`,
      };
    });
  }
  const expectation = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message;
  const value = keys.reduce<unknown>((whole, each) => own(whole, each), given);
  const [, rootKey = 'settings'] = /(\w+)[^.]*$/.exec(root) ?? [];
  const key = String(keys.findLast((each) => typeof each === 'string') ?? rootKey);
  const shown = isContainerExpected(issue) ? new Kind(kindOf(value)) : value;
  return [problem(path || 'settings', key, expectation, keys.some(isUnquoted) ? secret(value) : shown)];
}

/** The key that somebody meant who wrote another one: of a target, or of the settings. */
function meantBy(key: string, path: string): string | undefined {
  if (key.length > 40) return undefined;
  if (path === '') return closestName(key, Object.keys(systemSettingsSchema.shape));
  return /^log_targets\[\d+\]$/.test(path) ? closestName(key, Object.keys(logTargetSchema.shape)) : undefined;
}

/** The problem that the value of `key` is not what was expected. */
export function problem(path: string, key: string, expectation: string, given: unknown): Problem {
  return {
    path,
    message: `Expected \`${key}\` to be ${expectation}, got ${quote(given)}${oddityOf(key, given)}`,
  };
}

/** Stands for a value of which a message tells the kind only. */
class Kind {
  constructor(
    readonly text: string,
    /** Looked at, never shown. */
    readonly original?: unknown,
  ) {}
}

/** Stands for a value that no message shows. */
export function secret(given: unknown): unknown {
  return given === undefined ? undefined : new Kind(`${kindOf(given)} that is not shown`, given);
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

/** Keys with text of several lines. */
const longKeys: ReadonlySet<string> = new Set(['ca_cert', 'client_cert', 'client_key']);

/** What a message cannot show of a text, and what is often all that is wrong with it. */
function oddityOf(key: string, given: unknown): string {
  const text = given instanceof Kind ? given.original : given;
  if (typeof text !== 'string' || longKeys.has(key)) return '';
  const [odd] = /[\p{Cc}\u2028\u2029]/u.exec(text) ?? [];
  if (odd === undefined) return '';
  return `, which has the control character U+${odd.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
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
