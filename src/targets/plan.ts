/** What a reload has to do: a pure comparison of the targets that run with those that are wanted. */

import type { ReloadResult } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';

/** Compares by name, and by meaning: order of scopes and actions, order of keys and spelling of the URL do not count. */
export function planReload(
  running: readonly LogTargetSettings[],
  wanted: readonly LogTargetSettings[],
): ReloadResult {
  const before = new Map(running.map((settings) => [settings.name, settings]));
  const plan = { added: [] as string[], changed: [] as string[], unchanged: [] as string[] };
  for (const settings of wanted) {
    const { name } = settings;
    const old = before.get(name);
    before.delete(name);
    if (old === undefined) plan.added.push(name);
    else if (meaning(old) === meaning(settings)) plan.unchanged.push(name);
    else plan.changed.push(name);
  }
  return { ...plan, removed: [...before.keys()] };
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
