/** What a reload has to do: a pure comparison of the targets that run with those that are wanted. */

import type { ReloadResult } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';

/** Compares by name, and by meaning: order of scopes and actions, order of keys and spelling of the URL do not count. */
export function planReload(
  running: readonly LogTargetSettings[],
  wanted: readonly LogTargetSettings[],
): ReloadResult {
  const before = new Map(running.map((settings) => [settings.name, meaning(settings)]));
  const after = new Map(wanted.map((settings) => [settings.name, meaning(settings)]));
  const names = [...after.keys()];
  const kept = names.filter((name) => before.has(name));
  return {
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: kept.filter((name) => before.get(name) !== after.get(name)),
    unchanged: kept.filter((name) => before.get(name) === after.get(name)),
  };
}

/** Of settings that nobody can change: those that run are compared again with the next ones. */
const meanings = new WeakMap<LogTargetSettings, string>();

/** The same text for settings that mean the same. Validated settings have all keys, durations in one spelling. */
function meaning(settings: LogTargetSettings): string {
  const known = meanings.get(settings);
  if (known !== undefined) return known;
  const text = JSON.stringify({
    ...settings,
    address: new URL(settings.address).href,
    scopes: set(settings.scopes),
    lifecycle_actions: set(settings.lifecycle_actions),
    lifecycle_projects: set(settings.lifecycle_projects),
    headers: Object.entries(settings.headers)
      .map(([name, value]) => [name.toLowerCase(), value])
      .sort(),
  });
  if (Object.isFrozen(settings)) meanings.set(settings, text);
  return text;
}

function set(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
