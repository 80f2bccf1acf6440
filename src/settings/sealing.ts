/** Settings that are done: nobody can change them any more, and looking at them shows no secret. */

import { inspect } from 'node:util';
import type { Formats } from '../formats/formats.js';
import { maskTarget } from './masking.js';
import type { SystemSettings } from './schema.js';

/** With the formats that they were validated with. */
const sealed = new WeakMap<object, Formats>();

/** Freezes validated settings, and has them inspected (`console.log`) with masks. */
export function sealSettings(settings: SystemSettings, formats: Formats): SystemSettings {
  if (sealed.has(settings)) return settings;
  for (const target of settings.log_targets) hideFromInspection(target, () => maskTarget(target));
  hideFromInspection(settings, () => ({ ...settings, log_targets: settings.log_targets.map(maskTarget) }));
  sealed.set(settings, formats);
  return deepFreeze(settings);
}

/** Whether these are settings that were validated with such formats, and sealed: nothing about them has to be looked at again. */
export function isSealed(settings: unknown, formats: Formats): settings is SystemSettings {
  if (typeof settings !== 'object' || settings === null) return false;
  return sealed.get(settings)?.isSameAs(formats) === true;
}

function hideFromInspection(object: object, masked: () => object): void {
  Object.defineProperty(object, inspect.custom, { value: masked });
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
