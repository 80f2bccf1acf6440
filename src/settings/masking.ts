/** What of the settings may be seen, and how what was hidden finds its way back. */

import type { Problem } from '../errors.js';
import { isObject, isSameJson } from '../model/json.js';
import { defaultTarget, type LogTargetSettings, MASK, type SystemSettings } from './schema.js';

/** Keys that are one secret, or a list of secrets. */
const secretKeys = ['password', 'proxy_password', 'bearer_token', 'client_key', 'signing_secrets'] as const;

/** Keys that every client knows: they are shown even where they have their default. */
const migrationManagerKeys: ReadonlySet<string> = new Set([
  'name',
  'type',
  'level',
  'address',
  'username',
  'password',
  'ca_cert',
  'retry_count',
  'retry_timeout',
  'scopes',
  'lifecycle_actions',
]);

/** Whether a key of a target is one that Migration Manager knows. */
export function isMigrationManagerKey(key: string): boolean {
  return migrationManagerKeys.has(key);
}

/** Settings as they are written down: of the keys that Migration Manager does not know those that differ from the default. */
export function compactSettings(settings: SystemSettings): object {
  return { ...settings, log_targets: settings.log_targets.map(compactTarget) };
}

/** Compact settings with a mask for each secret that is set. */
export function maskSettings(settings: SystemSettings): object {
  return compactSettings({ ...settings, log_targets: settings.log_targets.map(maskTarget) });
}

/** A target with a mask for each secret that is set. */
export function maskTarget(target: LogTargetSettings): LogTargetSettings {
  const mask = (secret: string) => (secret === '' ? '' : MASK);
  return {
    ...target,
    password: mask(target.password),
    proxy_password: mask(target.proxy_password),
    bearer_token: mask(target.bearer_token),
    client_key: mask(target.client_key),
    signing_secrets: target.signing_secrets.map(mask),
  };
}

function compactTarget(target: LogTargetSettings): object {
  const entries = Object.entries(target).filter(
    ([key, value]) => migrationManagerKeys.has(key) || !isDefault(key, value),
  );
  return Object.fromEntries(entries);
}

function isDefault(key: string, value: unknown): boolean {
  const standard: unknown = defaultTarget[key as keyof typeof defaultTarget];
  return value === standard || (typeof value === 'object' && isSameJson(value, standard));
}

/**
 * Puts stored secrets where masks were written back. A mask stands for the secret of the stored target with that
 * name, and only for the same scheme, host and port: nobody can have a stored secret sent to a server of theirs.
 * @param given settings as they came in, not validated yet
 * @param renamed a stored target that may come in under a new name
 */
export function unmaskSettings(
  given: unknown,
  stored: SystemSettings,
  renamed?: LogTargetSettings,
): { readonly settings: unknown; readonly problems: readonly Problem[] } {
  const targets = isObject(given) ? given.log_targets : undefined;
  if (!isObject(given) || !Array.isArray(targets)) return { settings: given, problems: [] };
  const storedByName = new Map<unknown, LogTargetSettings>();
  for (const target of stored.log_targets) storedByName.set(target.name, target);
  const problems: Problem[] = [];
  const unmasked = targets.map((target: unknown, index) => {
    if (!isObject(target)) return target;
    const old = storedByName.get(target.name) ?? renamed;
    const isSameServer = old !== undefined && origin(target.address) === origin(old.address);
    const restore = (path: string, masked: unknown, secret: string | undefined): unknown => {
      if (masked !== MASK) return masked;
      if (isSameServer && secret) return secret;
      const why = old && !isSameServer ? 'its address leads to another server' : 'there is none to keep';
      problems.push({
        path: `log_targets[${index}].${path}`,
        message: `Expected a secret instead of a mask: ${why}`,
      });
      return undefined;
    };
    const copy: Record<string, unknown> = { ...target };
    for (const key of secretKeys) {
      const value = target[key];
      if (key !== 'signing_secrets') copy[key] = restore(key, value, old?.[key]);
      else if (Array.isArray(value)) {
        copy[key] = value.map((each: unknown, place) => restore(`${key}[${place}]`, each, old?.[key][place]));
      }
      if (copy[key] === undefined) delete copy[key];
    }
    return copy;
  });
  return { settings: { ...given, log_targets: unmasked }, problems };
}

function origin(address: unknown): string | undefined {
  return typeof address === 'string' && URL.canParse(address) ? new URL(address).origin : undefined;
}
