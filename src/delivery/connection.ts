/** How to reach a target: its address, TLS and authentication as options of the HTTP client. */

import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { parseCertificates } from '../settings/pem.js';
import type { LogTargetSettings } from '../settings/schema.js';

/** A target's own pool of kept-alive connections, and the headers that every request to it has. */
export interface Connection {
  readonly agent: { readonly http: http.Agent } | { readonly https: https.Agent };
  readonly headers: Readonly<Record<string, string>>;
}

/** Opens no connection yet. */
export function createConnection(settings: LogTargetSettings): Connection {
  const pool = { keepAlive: true, maxFreeSockets: settings.concurrency };
  const isTls = new URL(settings.address).protocol === 'https:';
  return {
    agent: isTls
      ? { https: new https.Agent({ ...pool, ...tlsOptions(settings) }) }
      : { http: new http.Agent(pool) },
    headers: { ...settings.headers, ...authorization(settings) },
  };
}

function authorization({ username, password, bearer_token }: LogTargetSettings): Record<string, string> {
  if (bearer_token !== '') return { authorization: `Bearer ${bearer_token}` };
  if (username === '' && password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/**
 * `ca_cert` adds to the system's roots. `allowPartialTrustChain` makes every certificate in it a trust anchor, also
 * a server's own that somebody unknown signed; such a pinned server is recognised by its fingerprint, whatever its
 * host name.
 */
function tlsOptions(settings: LogTargetSettings): https.AgentOptions {
  const { ca_cert, client_cert, client_key, tls_min_version } = settings;
  const secure: tls.SecureContextOptions & { allowPartialTrustChain?: boolean } = {
    minVersion: tls_min_version,
    ...(client_cert !== '' && { cert: client_cert, key: client_key }),
  };
  if (ca_cert === '') return { secureContext: tls.createSecureContext(secure) };
  const certificates = parseCertificates(ca_cert) ?? [];
  const pins = new Set(certificates.map((certificate) => certificate.fingerprint256));
  secure.ca = [...systemRoots(), ...certificates.map((certificate) => certificate.toString())];
  secure.allowPartialTrustChain = true;
  return {
    // Made once: reading 150 roots for each connection would stall the event loop every time.
    secureContext: tls.createSecureContext(secure),
    checkServerIdentity: (host, certificate) =>
      pins.has(certificate.fingerprint256) ? undefined : tls.checkServerIdentity(host, certificate),
  };
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
