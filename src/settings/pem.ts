/** Reads certificates and keys in PEM, only to tell whether they can be used. */

import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/**
 * The certificates in a PEM text, which may hold any number of them and text between them.
 * @returns `undefined` when there is none, or one that cannot be read
 */
export const parseCertificates = remembering((pem: string): X509Certificate[] | undefined => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  try {
    return blocks?.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
});

/** Whether `pem` is a private key that needs no passphrase. */
export const isPrivateKey = remembering((pem: string): boolean => readKey(pem) !== undefined);

/** Whether `key` is the private key of the first certificate in `certificate`. */
export const isKeyOf = remembering((certificate: string, key: string): boolean => {
  const read = readKey(key);
  return read !== undefined && parseCertificates(certificate)?.[0]?.checkPrivateKey(read) === true;
});

/** Results that are remembered, of each function. */
const MAX_REMEMBERED = 500;

/**
 * Reading PEM takes half a millisecond, and with each change all targets are looked at again. Only digests of what was
 * read are kept, no secret.
 */
function remembering<Texts extends string[], Result>(read: (...texts: Texts) => Result) {
  const results = new Map<string, Result>();
  return (...texts: Texts): Result => {
    const digest = createHash('sha256').update(JSON.stringify(texts)).digest('base64');
    const known = results.get(digest);
    if (known !== undefined) return known;
    const result = read(...texts);
    if (results.size >= MAX_REMEMBERED) results.clear();
    results.set(digest, result);
    return result;
  };
}

/** The last key that was read: each is looked at by itself, then beside its certificate. */
let last: { readonly pem: string; readonly key: KeyObject | undefined } | undefined;

function readKey(pem: string): KeyObject | undefined {
  if (last?.pem !== pem) last = { pem, key: createKey(pem) };
  return last.key;
}

function createKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
