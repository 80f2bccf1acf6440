/** Reads certificates and keys in PEM, only to tell whether they can be used. */

import { createPrivateKey, X509Certificate } from 'node:crypto';

/**
 * The certificates in a PEM text, which may hold any number of them and text between them.
 * @returns `undefined` when there is none, or one that cannot be read
 */
export function parseCertificates(pem: string): X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  try {
    return blocks?.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

/** Whether `pem` is a private key that needs no passphrase. */
export function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}

/** Whether `key` is the private key of the first certificate in `certificate`. */
export function isKeyOf(certificate: string, key: string): boolean {
  return parseCertificates(certificate)?.[0]?.checkPrivateKey(createPrivateKey(key)) === true;
}
