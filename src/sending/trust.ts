/** Whom a target trusts, and who it says it is. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type https from 'node:https';
import { setImmediate as immediate } from 'node:timers/promises';
import tls from 'node:tls';
import { parseCertificates } from '../settings/pem.js';
import type { LogTargetSettings } from '../settings/schema.js';

type TrustSettings = Pick<LogTargetSettings, 'ca_cert' | 'client_cert' | 'client_key' | 'tls_min_version'>;

/** A server that is pinned is recognised by its fingerprint, whatever its host name. */
export async function tlsOptions(settings: TrustSettings): Promise<https.AgentOptions> {
  const pins = new Set(parseCertificates(settings.ca_cert)?.map(({ fingerprint256 }) => fingerprint256));
  return {
    secureContext: await secureContextOf(settings),
    // Else NODE_TLS_REJECT_UNAUTHORIZED could turn all of this off, pins and names included.
    rejectUnauthorized: true,
    checkServerIdentity: (host, certificate) =>
      pins.has(certificate.fingerprint256) ? undefined : tls.checkServerIdentity(host, certificate),
  };
}

/** The latest contexts, by what they were made of. */
const contexts = new Map<string, Promise<tls.SecureContext>>();
const MAX_CONTEXTS = 100;
let lastContext: Promise<unknown> = Promise.resolve();

/**
 * Making a context reads 150 roots, which takes 25 ms: targets that trust the same share one, and no turn of the
 * event loop makes more than one.
 */
function secureContextOf({ ca_cert, client_cert, client_key, tls_min_version }: TrustSettings) {
  const options: tls.SecureContextOptions & { allowPartialTrustChain?: boolean } = {
    minVersion: tls_min_version,
    ...(client_cert !== '' && { cert: client_cert, key: client_key }),
  };
  const key = createHash('sha256')
    .update(JSON.stringify([options, ca_cert]))
    .digest('hex');
  const made = contexts.get(key);
  if (made) return made;
  const context = lastContext.then(async () => {
    await immediate();
    return tls.createSecureContext({ ...options, ...trust(ca_cert) });
  });
  lastContext = context.catch(() => contexts.delete(key));
  if (contexts.size >= MAX_CONTEXTS) contexts.clear();
  contexts.set(key, context);
  return context;
}

/**
 * `ca_cert` adds to the system's roots. `allowPartialTrustChain` makes every certificate in it a trust anchor, also
 * a server's own that somebody unknown signed.
 */
function trust(ca_cert: string): { ca?: string[]; allowPartialTrustChain?: boolean } {
  const certificates = parseCertificates(ca_cert)?.map((certificate) => certificate.toString());
  return certificates ? { ca: [...systemRoots(), ...certificates], allowPartialTrustChain: true } : {};
}

/** What Node trusts by itself, on versions that cannot tell: its bundled roots and NODE_EXTRA_CA_CERTS. */
function systemRoots(): readonly string[] {
  if ('getCACertificates' in tls && typeof tls.getCACertificates === 'function') {
    return tls.getCACertificates('default');
  }
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra === undefined ? tls.rootCertificates : [...tls.rootCertificates, ...readRoots(extra)];
}

/** A file that cannot be read is ignored, as Node itself does. */
function readRoots(file: string): string[] {
  try {
    const certificates = parseCertificates(readFileSync(file, 'utf8')) ?? [];
    return certificates.map((certificate) => certificate.toString());
  } catch {
    return [];
  }
}
