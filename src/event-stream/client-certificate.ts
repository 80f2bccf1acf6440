/** Tells clients apart by their certificates. */

import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/**
 * SHA-256 of the certificate that a client showed, in lower-case hex, as LXD writes it. `undefined` without one. The
 * handshake has proved that the client holds its key; whether anybody vouches for it is another question.
 */
export function fingerprintOf({ socket }: IncomingMessage): string | undefined {
  // Null when the connection is gone, whatever the types say.
  const certificate = (socket as Partial<TLSSocket>).getPeerCertificate?.() as
    | { fingerprint256?: string }
    | null
    | undefined;
  return certificate?.fingerprint256?.replaceAll(':', '').toLowerCase();
}
