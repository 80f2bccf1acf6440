/** Checks of what is handed to a transport: each names the option that is wrong. */

import type { DeadLetterPage, DeadLetterSelection, DiscardSelection } from '../dead-letters/dead-letter.js';
import { closestName } from '../model/closest.js';
import { defaultTarget } from '../settings/schema.js';

const keysOfTarget = ['name', 'address', ...Object.keys(defaultTarget)];

/** @throws TypeError that names the first option which is none of `names`, and the one that was meant */
export function refuseUnknown(options: object, names: readonly string[], owner = ''): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const meant = closestName(unknown, names);
  throw new TypeError(`\`${owner}${unknown}\` is not an option${hint(unknown, meant, names, owner)}`);
}

function hint(unknown: string, meant: string | undefined, names: readonly string[], owner: string): string {
  if (meant !== undefined) return `; did you mean \`${owner}${meant}\`?`;
  if (owner === '' && keysOfTarget.includes(unknown)) {
    const keys = ['name', 'address', unknown].filter((key, index, all) => all.indexOf(key) === index);
    return `; it is a key of a log target: \`targets: [{ ${keys.join(', ')} }]\``;
  }
  return `; there are: ${names.map((name) => `\`${owner}${name}\``).join(', ')}`;
}

/** @throws TypeError when `value` is no object */
export function parseObject<Value extends object>(name: string, value: Value): Value {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrongOption(name, 'an object', value);
}

/** @throws TypeError when `value` is no number, or less than `min` */
export function parseNumber(name: string, value: unknown, min: number): number {
  if (typeof value === 'number' && value >= min) return value;
  throw wrongOption(name, `a number >= ${min}`, value);
}

/** @throws TypeError when `value` is neither true nor false */
export function parseBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw wrongOption(name, 'true or false', value);
}

/** How long somebody wants to wait: `timeoutMs`, and nothing besides. */
export function parseTimeout(options: { timeoutMs?: number }, defaultMs: number): number {
  refuseUnknown(parseObject('options', options), ['timeoutMs']);
  return parseNumber('timeoutMs', options.timeoutMs ?? defaultMs, 0);
}

/** The error that an option is something else than expected. */
export function wrongOption(name: string, expected: string, given: unknown): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${expected}, got \`${String(given)}\``);
}

/**
 * Checks which dead letters are meant.
 * @param time name of the key that is a time
 * @throws TypeError that names what is wrong
 */
export function checkSelection<Selection extends DeadLetterSelection | DiscardSelection>(
  selection: Selection,
  time: 'since' | 'before',
): Selection {
  refuseUnknown(parseObject('selection', selection), ['ids', time]);
  const { ids } = selection;
  const limit = (selection as Readonly<Record<string, Date | string | number | undefined>>)[time];
  if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string'))) {
    throw wrongOption('ids', 'a list of texts', ids);
  }
  if (limit !== undefined && Number.isNaN(new Date(limit).getTime())) {
    throw wrongOption(time, 'a valid date', limit);
  }
  return selection;
}

/** @throws TypeError that names what is wrong with the part of a list that is asked for */
export function checkPage(page: DeadLetterPage): DeadLetterPage {
  refuseUnknown(parseObject('page', page), ['limit', 'after']);
  const { limit, after } = page;
  if (limit !== undefined) parseNumber('limit', limit, 1);
  if (after !== undefined && typeof after !== 'string') throw wrongOption('after', 'an id', after);
  return page;
}
