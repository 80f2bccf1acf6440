/** `log-targets dead-letters`, `replay` and `discard`: events that a receiver refused for good. */

import { countOf } from '../count.js';
import { membersOf } from '../events/shown-event.js';
import { note, paintFor, print, printJson } from '../terminal.js';
import { linesOf } from './dead-letter-lines.js';
import { Service, type ServiceOptions, targetPath } from './service.js';

/** The options of `dead-letters`. */
export interface ListOptions extends ServiceOptions {
  readonly limit: number;
  readonly after?: string;
}

/** Lists them, the oldest first. */
export async function deadLetters(name: string, options: ListOptions): Promise<void> {
  const { limit, after } = options;
  const query = { limit: String(limit), ...(after !== undefined && { after }) };
  const { metadata } = await new Service(options).request('GET', targetPath(name, '/dead-letters'), {
    query,
  });
  const letters = Array.isArray(metadata) ? metadata : [];
  if (options.json) return printJson(letters);
  if (letters.length === 0)
    return print(`${name} has no${after === undefined ? '' : ' further'} dead letters.`);
  const paint = paintFor(process.stdout);
  for (const letter of letters) for (const line of linesOf(letter, paint)) print(line);
  const last = membersOf(letters.at(-1)).id;
  if (letters.length >= limit) note(`There may be more: --after ${last}`);
}

/** Which dead letters; none of them given means all. */
export interface Selection {
  readonly id?: readonly string[];
  readonly since?: string;
  readonly before?: string;
}

/** Queues them again, as the events they were. */
export async function replay(name: string, options: ServiceOptions & Selection): Promise<void> {
  const body = { ...(options.id && { ids: options.id }), ...(options.since && { since: options.since }) };
  const path = targetPath(name, '/dead-letters/replay');
  const { metadata } = await new Service(options).request('POST', path, { body });
  if (options.json) printJson(metadata);
  else print(`${countOf(Number(membersOf(metadata).replayed), 'dead letter')} of ${name} queued again.`);
}

/** Drops them for good. */
export async function discard(name: string, options: ServiceOptions & Selection): Promise<void> {
  const body = { ...(options.id && { ids: options.id }), ...(options.before && { before: options.before }) };
  const path = targetPath(name, '/dead-letters');
  const { metadata } = await new Service(options).request('DELETE', path, { body });
  if (options.json) printJson(metadata);
  else print(`${countOf(Number(membersOf(metadata).discarded), 'dead letter')} of ${name} discarded.`);
}
