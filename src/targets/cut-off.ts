/** Who would not hear of a change of settings, because it is that change which cuts them off. */

import { timerMs } from '../model/duration.js';
import { parseUrl } from '../model/url.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Filter } from './filter.js';

/** A target that waits longer than this for company is as good as muted. */
const MAX_WAIT_MS = 60_000;

/**
 * Those targets of `before` that wanted lifecycle events with `action`, and by `now` are removed, disabled, muted, or
 * sent elsewhere: as they were, but for a name of their own, which is none of `taken`.
 */
export function cutOff(
  action: string,
  before: readonly LogTargetSettings[],
  now: readonly LogTargetSettings[],
  taken: ReadonlyMap<string, unknown>,
): LogTargetSettings[] {
  const nowByName = new Map(now.map((settings) => [settings.name, settings]));
  const deaf = before.filter((old) => {
    if (!hears(old, action)) return false;
    const current = nowByName.get(old.name);
    return (
      current === undefined || !hears(current, action) || !isSamePlace(old, current) || isLater(old, current)
    );
  });
  return deaf.map((old) => ({ ...old, name: nameBefore(old.name, taken), batch_wait: '0s' }));
}

/** No target's own name has white space. */
function nameBefore(name: string, taken: ReadonlyMap<string, unknown>): string {
  let before = `${name} (before)`;
  for (let count = 2; taken.has(before); count++) before = `${name} (before ${count})`;
  return before;
}

function hears(settings: LogTargetSettings, action: string): boolean {
  return new Filter(settings).wantsLifecycle(action);
}

function isSamePlace(one: LogTargetSettings, other: LogTargetSettings): boolean {
  return hrefOf(one.address) === hrefOf(other.address) && one.proxy === other.proxy;
}

function hrefOf(address: string): string {
  return parseUrl(address)?.href ?? address;
}

function isLater(old: LogTargetSettings, current: LogTargetSettings): boolean {
  return timerMs(current.batch_wait) > Math.max(MAX_WAIT_MS, timerMs(old.batch_wait));
}
