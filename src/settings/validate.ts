/** Checks settings against the schema and says all that is wrong with them, in one go. */

import type { z } from 'zod';
import { type Problem, SettingsError } from '../errors.js';
import { isKeyOf, isPrivateKey } from './pem.js';
import { type LogTargetSettings, type SystemSettings, systemSettingsSchema, unquotedKeys } from './schema.js';

/** So many targets are a mistake, or an attack. */
const MAX_TARGETS = 1000;
/** Longest piece of a given value that a message quotes. */
const MAX_QUOTED = 80;

/**
 * Validates settings and fills in the defaults.
 * @throws SettingsError with every problem
 */
export function validateSettings(given: unknown): SystemSettings {
  const targets = own(given, 'log_targets');
  if (Array.isArray(targets) && targets.length > MAX_TARGETS) {
    throw new SettingsError([
      { path: 'log_targets', message: `Expected at most ${MAX_TARGETS} log targets, got ${targets.length}` },
    ]);
  }
  const result = systemSettingsSchema.safeParse(given);
  const issues = result.success ? [] : result.error.issues;
  const problems = issues.flatMap((issue) => fromIssue(issue, given)).concat(problemsTogether(targets));
  if (problems.length > 0 || !result.success) throw new SettingsError(problems);
  return result.data;
}

/** All that is wrong with settings. */
export function problemsOf(given: unknown): readonly Problem[] {
  try {
    validateSettings(given);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

/**
 * Validates a list of log targets and fills in the defaults.
 * @throws SettingsError with every problem of every target
 */
export function validateTargets(given: unknown): LogTargetSettings[] {
  if (!Array.isArray(given)) {
    throw new SettingsError([problem('log_targets', 'log_targets', 'a list', given)]);
  }
  return validateSettings({ log_targets: given }).log_targets;
}

/** What no single key can tell. Looks at raw targets, so that it is reported beside the problems of their keys. */
function problemsTogether(targets: unknown): Problem[] {
  if (!Array.isArray(targets)) return [];
  const names = new Set<unknown>();
  return targets.flatMap((target: unknown, index) => {
    const path = `log_targets[${index}]`;
    return [...checkTogether(path, target), ...checkUnique(path, own(target, 'name'), names)];
  });
}

function fromIssue(issue: z.core.$ZodIssue, settings: unknown): Problem[] {
  const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const path = keys.reduce<string>((parent, key) => joinPath(parent, key), '');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: joinPath(path, nameOf(key)),
      message: `\`${nameOf(key)}\` is not a key that is known here`,
    }));
  }
  const expectation = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message;
  const given = keys.reduce<unknown>((value, each) => own(value, each), settings);
  const key = String(keys.findLast((each) => typeof each === 'string') ?? 'settings');
  const shown = isContainerExpected(issue) ? new Kind(kindOf(given)) : given;
  return [problem(path || 'settings', key, expectation, keys.some(isUnquoted) ? secret(given) : shown)];
}

function checkTogether(path: string, target: unknown): Problem[] {
  const problems: Problem[] = [];
  // Validation would skip it without a word, as something that is not there.
  if (Object.hasOwn(Object(own(target, 'headers')), '__proto__')) {
    problems.push({ path: `${path}.headers.__proto__`, message: '`__proto__` is not a name for a header' });
  }
  const [token, certificate, key] = ['bearer_token', 'client_cert', 'client_key'].map((each) =>
    own(target, each),
  );
  if (isText(token) && ['username', 'password'].some((each) => isText(own(target, each)))) {
    problems.push(
      problem(`${path}.bearer_token`, 'bearer_token', 'empty beside `username` or `password`', secret(token)),
    );
  }
  if (isText(certificate) !== isText(key)) {
    const missing = isText(key) ? 'client_cert' : 'client_key';
    const other = isText(key) ? 'client_key' : 'client_cert';
    problems.push(problem(`${path}.${missing}`, missing, `given together with \`${other}\``, undefined));
  } else if (isText(certificate) && isText(key) && isPrivateKey(key) && !isKeyOf(certificate, key)) {
    problems.push(problem(`${path}.client_key`, 'client_key', 'the key of `client_cert`', secret(key)));
  }
  return problems;
}

function checkUnique(path: string, name: unknown, names: Set<unknown>): Problem[] {
  if (!isText(name)) return [];
  if (names.has(name)) return [problem(`${path}.name`, 'name', 'unique', name)];
  names.add(name);
  return [];
}

function problem(path: string, key: string, expectation: string, given: unknown): Problem {
  return { path, message: `Expected \`${key}\` to be ${expectation}, got ${quote(given)}` };
}

/** Stands for a value of which a message tells the kind only. */
class Kind {
  constructor(readonly text: string) {}
}

function secret(given: unknown): unknown {
  return given === undefined ? undefined : new Kind(`${kindOf(given)} that is not shown`);
}

/** Text where an object belongs may be a whole object in quotes, secrets and all. */
function isContainerExpected(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && ['object', 'array', 'record'].includes(issue.expected);
}

/** What is no name of a key may be anything, for instance a whole body that was parsed as a form. */
function nameOf(key: string): string {
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
  return text.replace(/.*@/s, '********@').replace(/\?.*/s, '?...');
}

function joinPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  return parent === '' ? shorten(key) : `${parent}.${shorten(key)}`;
}

function own(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
