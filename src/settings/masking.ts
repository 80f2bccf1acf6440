/** What of the settings may be seen: masks stand for secrets, and what says nothing is left out. */

import { isSameJson } from '../model/json.js';
import { splitQuery } from '../model/url.js';
import { defaultTarget, type LogTargetSettings, MASK, type SystemSettings } from './schema.js';

/** Keys that are one secret. */
export const secretKeys = ['password', 'proxy_password', 'bearer_token', 'client_key'] as const;

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

/** A target with a mask for each secret that is set: nobody knows what a header or a query holds, so they are some. */
export function maskTarget(target: LogTargetSettings): LogTargetSettings {
  const headers = Object.entries(target.headers).map(([name, value]) => [name, mask(value)]);
  return {
    ...target,
    address: maskQuery(target.address),
    password: mask(target.password),
    proxy_password: mask(target.proxy_password),
    bearer_token: mask(target.bearer_token),
    client_key: mask(target.client_key),
    headers: Object.fromEntries(headers),
    signing_secrets: target.signing_secrets.map(mask),
  };
}

/** A target as it is written down. */
function compactTarget(target: LogTargetSettings): object {
  const compact: Record<string, unknown> = {};
  let key: keyof LogTargetSettings;
  for (key in target)
    if (migrationManagerKeys.has(key) || !isDefault(key, target[key])) compact[key] = target[key];
  return compact;
}

function mask(secret: string): string {
  return secret === '' ? '' : MASK;
}

/** `?tenant=********&********`: names stay. What is behind a `#` is sent to nobody, and shown to nobody. */
function maskQuery(address: string): string {
  const { before, query } = splitQuery(address);
  if (query === undefined) return before;
  const parts = query.split('&').map((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? mask(part) : `${part.slice(0, equals + 1)}${mask(part.slice(equals + 1))}`;
  });
  return `${before}?${parts.join('&')}`;
}

/** Whether a key of a target says nothing that leaving it out would not say. */
export function isDefault(key: string, value: unknown): boolean {
  const standard: unknown = defaultTarget[key as keyof typeof defaultTarget];
  if (value === standard) return true;
  if (Array.isArray(value) && Array.isArray(standard) && value.length !== standard.length) return false;
  return typeof value === 'object' && isSameJson(value, standard);
}
