/** Failures that nobody who is about to leave need wait for: only somebody's hand can mend what is wrong. */

import type { Failure } from '../sending/outcome.js';

/** Of Node and OpenSSL: names that nobody has, certificates that nobody trusts. */
const codes: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whether `failure` shows a wrong configuration, or receivers that refuse whatever they get. */
export function isHopeless({ kind, error }: Failure): boolean {
  return kind !== 'retryable' || codes.has(error.code);
}
