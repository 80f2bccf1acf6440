/** How large settings may be. Looked at before anything else, since what has no bounds takes its time to be refused. */

import type { Problem } from '../errors.js';
import { isObject } from '../model/json.js';
import { count, nameOf, own, problem } from './problems.js';

/** So many targets are a mistake, or an attack. */
const MAX_TARGETS = 1000;
/** Of settings, or of a target, known or not. */
const MAX_KEYS = 100;
/** Characters of a text that has no bound of its own. */
const MAX_TEXT = 8 * 1024;
/** Characters of the texts that may be longer: bundles of certificates, and keys. */
const textBounds: Readonly<Record<string, number>> = {
  ca_cert: 512 * 1024,
  client_cert: 64 * 1024,
  client_key: 64 * 1024,
};
/** Of all targets together, each counted once: reading one takes half a millisecond. */
const MAX_CERTIFICATES = 300;
const MAX_PRIVATE_KEYS = 100;
/** Items of a list that has no bound of its own. */
const MAX_ITEMS = 100;
/** Of all targets together: each lifecycle event is compared with each. */
const MAX_GLOBS = 20_000;
/** Each signing secret costs a signature for each request. */
const itemBounds: Readonly<Record<string, number>> = { signing_secrets: 10 };
/** Receivers refuse more: Node's from 16 KiB on, all headers counted. */
const MAX_HEADERS_BYTES = 8 * 1024;
const MAX_HEADERS = 100;
/** Of JSON: each event carries them. */
const MAX_OPTIONS_BYTES = 16 * 1024;

/** What in settings, as they were given, is too large to be looked at. Takes no longer than reading them once. */
export function boundProblems(given: unknown): Problem[] {
  if (!isObject(given)) return [];
  const problems = keyProblems('settings', given);
  for (const key of ['sync_interval', 'log_level']) problems.push(...textProblems(key, key, own(given, key)));
  const targets = own(given, 'log_targets');
  if (!Array.isArray(targets)) return problems.concat(textProblems('log_targets', 'log_targets', targets));
  if (targets.length > MAX_TARGETS) {
    const message = `Expected at most ${MAX_TARGETS} log targets, got ${targets.length}`;
    return [...problems, { path: 'log_targets', message }];
  }
  problems.push(
    ...sumProblems(targets),
    ...targets.flatMap((target: unknown, index) => targetProblems(`log_targets[${index}]`, target)),
  );
  return problems;
}

/** What is bounded for all targets together. */
function sumProblems(targets: readonly unknown[]): Problem[] {
  const texts = (...keys: readonly string[]) =>
    new Set(targets.flatMap((target) => keys.map((key) => own(target, key)).filter(isText)));
  const certificates = [...texts('ca_cert', 'client_cert')].reduce(
    (sum, text) => sum + text.split('-----BEGIN CERTIFICATE-----').length - 1,
    0,
  );
  const privateKeys = texts('client_key').size;
  const globs = targets.reduce((sum: number, target) => sum + sizeOf(own(target, 'lifecycle_actions')), 0);
  return [
    ...tooMany(globs, MAX_GLOBS, '`lifecycle_actions`'),
    ...tooMany(certificates, MAX_CERTIFICATES, 'different certificates'),
    ...tooMany(privateKeys, MAX_PRIVATE_KEYS, 'different private keys'),
  ];
}

function tooMany(count: number, most: number, what: string): Problem[] {
  if (count <= most) return [];
  const message = `Expected at most ${most} ${what} in all log targets, got ${count}`;
  return [{ path: 'log_targets', message }];
}

function sizeOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function targetProblems(path: string, target: unknown): Problem[] {
  if (!isObject(target)) return [];
  const keys = Object.keys(target);
  if (keys.length > MAX_KEYS) return keyProblems(path, target);
  return keys.flatMap((key) => {
    const value = target[key];
    // Nearly always there is nothing to tell.
    if (typeof value === 'string' ? value.length <= MAX_TEXT : typeof value !== 'object') return [];
    const name = nameOf(key);
    const where = `${path}.${name}`;
    if (key === 'headers') return headerProblems(where, value);
    if (isObject(value)) return optionProblems(where, name, value);
    return Array.isArray(value) ? listProblems(where, name, value) : textProblems(where, name, value);
  });
}

function keyProblems(path: string, object: object): Problem[] {
  const { length } = Object.keys(object);
  if (length <= MAX_KEYS) return [];
  return [{ path, message: `Expected at most ${MAX_KEYS} keys, got ${length}` }];
}

function textProblems(path: string, key: string, value: unknown): Problem[] {
  if (!isTooLong(key, value)) return [];
  return [problem(path, key, `at most ${textBound(key)} characters`, count(value.length, 'characters'))];
}

function isTooLong(key: string, value: unknown): value is string {
  return typeof value === 'string' && value.length > textBound(key);
}

function textBound(key: string): number {
  return Object.hasOwn(textBounds, key) ? (textBounds[key] ?? MAX_TEXT) : MAX_TEXT;
}

function listProblems(path: string, key: string, list: readonly unknown[]): Problem[] {
  const most = Object.hasOwn(itemBounds, key) ? (itemBounds[key] ?? MAX_ITEMS) : MAX_ITEMS;
  if (list.length > most)
    return [problem(path, key, `a list of at most ${most}`, count(list.length, 'items'))];
  // Nearly always there is nothing to tell.
  if (list.every((item) => !isTooLong(key, item))) return [];
  return list.flatMap((item, index) => textProblems(`${path}[${index}]`, key, item));
}

function headerProblems(path: string, headers: unknown): Problem[] {
  if (!isObject(headers)) return textProblems(path, 'headers', headers);
  const names = Object.keys(headers);
  if (names.length > MAX_HEADERS) {
    return [problem(path, 'headers', `at most ${MAX_HEADERS} headers`, count(names.length, 'headers'))];
  }
  const bytes = names.reduce((sum, name) => sum + lengthOf(name) + lengthOf(own(headers, name)) + 4, 0);
  if (bytes <= MAX_HEADERS_BYTES) return [];
  return [problem(path, 'headers', `at most ${MAX_HEADERS_BYTES} bytes together`, count(bytes, 'bytes'))];
}

function optionProblems(path: string, key: string, options: object): Problem[] {
  const bytes = jsonBytes(options);
  if (bytes <= MAX_OPTIONS_BYTES) return [];
  return [problem(path, key, `at most ${MAX_OPTIONS_BYTES} bytes of JSON`, count(bytes, 'bytes'))];
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

/** Settings can be anything, also what has no JSON. */
function jsonBytes(value: object): number {
  try {
    return Buffer.byteLength(JSON.stringify(value) ?? '');
  } catch {
    return 0;
  }
}
