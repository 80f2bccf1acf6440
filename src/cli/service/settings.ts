/** `log-targets settings get` and `set`: all settings of a running service. */

import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { type Members, membersOf } from '../events/shown-event.js';
import { readObject } from '../settings-file/read-object.js';
import { print, printJson } from '../terminal.js';
import { Service, type ServiceOptions } from './service.js';

const SETTINGS = '/1.0/system/settings';

/** Prints them, secrets masked, in a form that `settings set` takes. */
export async function getSettings(options: ServiceOptions): Promise<void> {
  const { metadata } = await new Service(options).request('GET', SETTINGS);
  if (options.json) printJson(metadata);
  else print(stringify(metadata, { lineWidth: 0 }).trimEnd());
}

/** Puts those of a file in their place, unless somebody else changes them at the same moment. */
export async function setSettings(file: string, options: ServiceOptions): Promise<void> {
  const { $schema: _, ...body } = readObject(file);
  const service = new Service(options);
  const before = await service.request('GET', SETTINGS);
  await service.request('PUT', SETTINGS, { body, ifMatch: before.etag });
  const after = await service.request('GET', SETTINGS);
  const changes = changesBetween(membersOf(before.metadata), membersOf(after.metadata));
  if (options.json) printJson(changes);
  else for (const line of linesOf(changes)) print(line);
}

/** What a change did, as far as masks let it be seen. */
interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Beside the targets. */
  readonly keys: readonly string[];
}

function changesBetween(before: Members, after: Members): Changes {
  const [old, current] = [before, after].map(targetsIn) as [Map<unknown, unknown>, Map<unknown, unknown>];
  const names = [...current.keys()].map(String);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return {
    added: names.filter((name) => !old.has(name)),
    removed: [...old.keys()].map(String).filter((name) => !current.has(name)),
    changed: names.filter((name) => old.has(name) && !isDeepStrictEqual(old.get(name), current.get(name))),
    keys: keys.filter((key) => key !== 'log_targets' && !isDeepStrictEqual(before[key], after[key])),
  };
}

function targetsIn({ log_targets }: Members): Map<unknown, unknown> {
  return new Map((Array.isArray(log_targets) ? log_targets : []).map((each) => [membersOf(each).name, each]));
}

function linesOf({ added, removed, changed, keys }: Changes): string[] {
  const parts = [
    ['Added', added],
    ['Removed', removed],
    ['Changed', [...changed, ...keys]],
  ] as const;
  const lines = parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: ${names.join(', ')}.`);
  return lines.length === 0 ? ['The settings are set; nothing that can be seen has changed.'] : lines;
}
