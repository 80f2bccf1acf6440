/** How secrets that were hidden find their way back, and no other way. */

import type { Problem } from '../errors.js';
import { isObject } from '../model/json.js';
import { parseUrl, splitQuery } from '../model/url.js';
import { secretKeys } from './masking.js';
import { parseCertificates } from './pem.js';
import { type LogTargetSettings, MASK, type SystemSettings } from './schema.js';

/** A target as it came in. */
type Given = Readonly<Record<string, unknown>>;

/**
 * Puts stored secrets where masks were written back. A mask stands for the secret of the stored target with that
 * name, and only for the same scheme, host and port, by the same proxy, where no more is trusted than before: nobody
 * can have a stored secret sent to a server of theirs.
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
    return unmaskTarget(target, old, (path, why) => {
      const message = `Expected a secret instead of a mask: ${why}`;
      const name = old?.name;
      problems.push({
        path: `log_targets[${index}].${path}`,
        message,
        ...(name !== undefined && { target: name }),
      });
    });
  });
  return { settings: { ...given, log_targets: unmasked }, problems };
}

/** @param refuse told of masks that stand for nothing */
function unmaskTarget(
  target: Given,
  old: LogTargetSettings | undefined,
  refuse: (path: string, why: string) => void,
): Given {
  if (!hasMasks(target)) return target;
  let refusal: string | undefined | null = null;
  const restore = (path: string, value: unknown, secret: string | undefined): unknown => {
    if (!isMask(value)) return value;
    if (refusal === null) refusal = old && whyNot(target, old);
    if (secret && refusal === undefined) return secret;
    refuse(path, refusal ?? 'there is none to keep');
    return undefined;
  };
  const copy: Record<string, unknown> = { ...target };
  for (const key of secretKeys) copy[key] = restore(key, target[key], old?.[key]);
  if (Array.isArray(target.signing_secrets)) {
    copy.signing_secrets = target.signing_secrets.map((each: unknown, place) =>
      restore(`signing_secrets[${place}]`, each, old?.signing_secrets[place]),
    );
  }
  if (isObject(target.headers)) {
    const secrets = new Map(
      Object.entries(old?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const entries = Object.entries(target.headers).map(([name, value]) => [
      name,
      restore(`headers.${name}`, value, secrets.get(name.toLowerCase())),
    ]);
    copy.headers = Object.fromEntries(entries);
  }
  copy.address = unmaskQuery(target.address, old?.address ?? '', (value, secret) =>
    restore('address', value, secret),
  );
  for (const [key, value] of Object.entries(copy)) if (value === undefined) delete copy[key];
  return copy;
}

/** Whether there is anything to put back. */
function hasMasks({ address, headers, signing_secrets, ...target }: Given): boolean {
  return (
    secretKeys.some((key) => isMask(target[key])) ||
    (Array.isArray(signing_secrets) && signing_secrets.some(isMask)) ||
    (isObject(headers) && Object.values(headers).some(isMask)) ||
    (typeof address === 'string' && hasMask(splitQuery(address).query))
  );
}

function hasMask(query: string | undefined): boolean {
  return query?.split(/[&=]/).some(isMask) === true;
}

/** Each mask in the query stands for the value at its place among those of the same name. */
function unmaskQuery(
  given: unknown,
  stored: string,
  restore: (value: string, secret: string | undefined) => unknown,
): unknown {
  if (typeof given !== 'string') return given;
  const { before, query } = splitQuery(given);
  if (query === undefined || !hasMask(query)) return given;
  const secrets = new Map<string, string[]>();
  for (const { name, value } of partsOf(splitQuery(stored).query ?? '')) {
    secrets.set(name, [...(secrets.get(name) ?? []), value]);
  }
  const parts = partsOf(query).map(
    ({ name, value }) => `${name}${restore(value, secrets.get(name)?.shift()) ?? ''}`,
  );
  return `${before}?${parts.join('&')}`;
}

/** `name` with its `=`; that of a value without a name is empty. */
function partsOf(query: string): { readonly name: string; readonly value: string }[] {
  return query.split('&').map((part) => {
    const start = part.indexOf('=') + 1;
    return { name: part.slice(0, start), value: part.slice(start) };
  });
}

/** Clients may escape the asterisks in a query. */
function isMask(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 3 * MASK.length) return false;
  return value === MASK || value.replaceAll(/%2a/gi, '*') === MASK;
}

/** Why the secrets of a stored target must not be sent where `target` leads; `undefined` when they may. */
function whyNot(target: Given, old: LogTargetSettings): string | undefined {
  const origin = originOf(target.address);
  // What cannot be read is never the same.
  if (origin === undefined || origin !== originOf(old.address)) return 'its address leads to another server';
  if (proxyOf(target.proxy) !== proxyOf(old.proxy)) return 'it is sent by another proxy';
  if (!isTrustedBy(target.ca_cert, old.ca_cert)) return '`ca_cert` trusts more than before';
  const version = target.tls_min_version || 'TLSv1.2';
  return version === old.tls_min_version || old.tls_min_version === 'TLSv1.2'
    ? undefined
    : '`tls_min_version` is lower than before';
}

function originOf(address: unknown): string | undefined {
  const url = parseUrl(address);
  return url && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

function proxyOf(proxy: unknown): unknown {
  return parseUrl(proxy)?.href ?? (proxy || '');
}

/** Whether each certificate that is trusted now was trusted before. */
function isTrustedBy(now: unknown, before: string): boolean {
  if (!now || now === before) return true;
  if (typeof now !== 'string') return false;
  const known = new Set(parseCertificates(before)?.map(({ fingerprint256 }) => fingerprint256));
  return parseCertificates(now)?.every(({ fingerprint256 }) => known.has(fingerprint256)) === true;
}
