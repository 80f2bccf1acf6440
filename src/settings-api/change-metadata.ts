/** What the lifecycle event of a change says of it. */

import { isSameJson } from '../model/json.js';
import { maskSettings } from '../settings/masking.js';
import { parseCertificates } from '../settings/pem.js';
import type { LogTargetSettings, SystemSettings } from '../settings/schema.js';

/** A certificate, or a list of them, in the event. */
interface CertificateSummary {
  /** SHA-256 of each, in lower-case hex. */
  readonly fingerprints: readonly string[];
  /** Characters of PEM. */
  readonly size: number;
}

/**
 * The names of what was added, changed and removed, then the settings with masks and without PEM: the names come first,
 * and nothing in the settings is so large that it could push them out of an event that is cut down.
 */
export function changeMetadata(before: SystemSettings, after: SystemSettings): object {
  const masked = maskSettings(after) as { readonly log_targets: readonly Partial<LogTargetSettings>[] };
  return {
    ...changedNames(before.log_targets, after.log_targets),
    ...masked,
    log_targets: masked.log_targets.map((target) => ({
      ...target,
      ...(target.ca_cert && { ca_cert: summary(target.ca_cert) }),
      ...(target.client_cert && { client_cert: summary(target.client_cert) }),
    })),
  };
}

function changedNames(before: readonly LogTargetSettings[], after: readonly LogTargetSettings[]) {
  const old = new Map(before.map((target) => [target.name, target]));
  const names = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    changed: after
      .filter((target) => old.has(target.name) && !isSameJson(old.get(target.name), target))
      .map(({ name }) => name),
    removed: before.filter(({ name }) => !names.has(name)).map(({ name }) => name),
  };
}

function summary(pem: string): CertificateSummary {
  const fingerprints = (parseCertificates(pem) ?? []).map(({ fingerprint256 }) =>
    fingerprint256.replaceAll(':', '').toLowerCase(),
  );
  return { fingerprints, size: pem.length };
}
