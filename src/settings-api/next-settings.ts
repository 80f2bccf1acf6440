/** What a request makes of the settings: pure functions of those that are stored and of its body. */

import { SettingsError } from '../errors.js';
import { builtIn, type Formats } from '../formats/formats.js';
import { HttpError } from '../http/envelope.js';
import { isObject } from '../model/json.js';
import { MAX_LEVELS } from '../model/json-value.js';
import { boundProblems } from '../settings/bounds.js';
import { isDefault, isMigrationManagerKey, maskSettings, maskTarget } from '../settings/masking.js';
import type { LogTargetSettings, SystemSettings } from '../settings/schema.js';
import { sealSettings } from '../settings/sealing.js';
import { unmaskSettings } from '../settings/unmasking.js';
import { problemsOf, validateSettings } from '../settings/validate.js';

/**
 * `PUT`: what the body says. A target of a known name keeps those of our keys that it leaves out: clients of Migration
 * Manager send its own keys only, and mean nothing by it.
 * @throws SettingsError
 */
export function replaceSettings(current: SystemSettings, body: unknown, formats = builtIn): SystemSettings {
  const targets = isObject(body) ? body.log_targets : undefined;
  if (!isObject(body) || !Array.isArray(targets)) return resolve(current, body, formats);
  checkBounds(body);
  const known = new Map<unknown, LogTargetSettings>(current.log_targets.map((each) => [each.name, each]));
  const log_targets = targets.map((target: unknown) => {
    const stored = isObject(target) ? known.get(target.name) : undefined;
    return isObject(target) && stored ? { ...keptKeys(stored, target), ...target } : target;
  });
  return resolve(current, { ...body, log_targets }, formats);
}

/**
 * `PATCH`: what the body says, of all else what is stored.
 * @throws SettingsError
 */
export function patchSettings(current: SystemSettings, body: unknown, formats = builtIn): SystemSettings {
  return resolve(current, mergePatch(maskSettings(current), body), formats);
}

/**
 * One target more.
 * @throws SettingsError
 */
export function addTarget(current: SystemSettings, target: unknown, formats = builtIn): SystemSettings {
  return resolve(current, { ...current, log_targets: [...maskedTargets(current), target] }, formats);
}

/**
 * One target with the given keys changed.
 * @throws SettingsError
 * @throws HttpError 404 when there is none of that name
 */
export function patchTarget(
  current: SystemSettings,
  name: string,
  patch: unknown,
  formats = builtIn,
): SystemSettings {
  const stored = targetNamed(current, name);
  const log_targets = maskedTargets(current).map((target) =>
    target.name === name ? mergePatch(patchable(target, patch), patch) : target,
  );
  return resolve(current, { ...current, log_targets }, formats, stored);
}

/**
 * One target less.
 * @throws HttpError 404 when there is none of that name
 */
export function removeTarget(current: SystemSettings, name: string, formats = builtIn): SystemSettings {
  const stored = targetNamed(current, name);
  const log_targets = current.log_targets.filter((target) => target !== stored);
  return sealSettings(validateSettings({ ...current, log_targets }, formats), formats);
}

/**
 * A target as it would be if it were saved: complete, with the stored secrets where it has masks.
 * @throws SettingsError
 */
export function resolveTarget(
  current: SystemSettings,
  target: unknown,
  formats = builtIn,
): LogTargetSettings {
  const { log_targets } = resolve(current, { log_targets: [target] }, formats);
  return log_targets[0] as LogTargetSettings;
}

/**
 * RFC 7386: headers and options are changed one by one, too.
 * @param levels what is deeper is not looked into: settings are not so deep, and it is refused afterwards
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
function mergePatch(target: unknown, patch: unknown, levels = MAX_LEVELS): unknown {
  if (!isObject(patch) || levels === 0) return patch;
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value, levels - 1));
  }
  return Object.fromEntries(merged);
}

/** Options of another format say nothing for this one. */
function patchable(target: LogTargetSettings, patch: unknown): LogTargetSettings {
  const isOtherFormat =
    isObject(patch) && Object.hasOwn(patch, 'event_format') && patch.event_format !== target.event_format;
  return isOtherFormat ? { ...target, format_options: {} } : target;
}

function maskedTargets({ log_targets }: SystemSettings): LogTargetSettings[] {
  return log_targets.map((target) => maskTarget(target));
}

function targetNamed({ log_targets }: SystemSettings, name: string): LogTargetSettings {
  const target = log_targets.find((each) => each.name === name);
  if (target === undefined) throw new HttpError(404, 'There is no log target of that name');
  return target;
}

/** Of a stored target, what Migration Manager has no key for and `target` does not mention. Masked: it may have moved. */
function keptKeys(stored: LogTargetSettings, target: Readonly<Record<string, unknown>>): object {
  const isOtherFormat = Object.hasOwn(target, 'event_format') && target.event_format !== stored.event_format;
  const kept = Object.entries(stored).filter(
    ([key, value]) =>
      !isMigrationManagerKey(key) &&
      !Object.hasOwn(target, key) &&
      !(key === 'format_options' && isOtherFormat) &&
      !isDefault(key, value),
  );
  if (kept.length === 0) return {};
  const masked: Readonly<Record<string, unknown>> = maskTarget(stored);
  return Object.fromEntries(kept.map(([key]) => [key, masked[key]]));
}

function checkBounds(given: unknown): void {
  const tooLarge = boundProblems(given);
  if (tooLarge.length > 0) throw new SettingsError(tooLarge);
}

/**
 * Validated settings with the stored secrets where there are masks. Masks that stand for nothing are told together with
 * all else that is wrong.
 * @param renamed a stored target whose secrets a target of another name may keep: it is the same one
 */
function resolve(
  current: SystemSettings,
  given: unknown,
  formats: Formats,
  renamed?: LogTargetSettings,
): SystemSettings {
  checkBounds(given);
  const { settings, problems } = unmaskSettings(given, current, renamed);
  if (problems.length === 0) return sealSettings(validateSettings(settings, formats), formats);
  const paths = new Set(problems.map(({ path }) => path));
  throw new SettingsError([
    ...problems,
    ...problemsOf(settings, formats).filter(({ path }) => !paths.has(path)),
  ]);
}
