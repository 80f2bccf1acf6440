/** Real certificates, made by the test. */

import { generate, type SubjectAltNameEntry } from 'selfsigned';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const loopback: SubjectAltNameEntry[] = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
];

/** A certificate authority. */
export function createCa(name = 'Test CA'): Promise<Certificate> {
  return create(name, {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

/** A certificate signed by `ca`, or by itself, for `hosts` (default: localhost and 127.0.0.1). */
export function createCertificate(
  options: { ca?: Certificate; hosts?: string[]; expired?: boolean; name?: string } = {},
): Promise<Certificate> {
  const altNames = options.hosts?.map((value): SubjectAltNameEntry => ({ type: 2, value })) ?? loopback;
  const day = 24 * 60 * 60 * 1000;
  return create(options.name ?? 'test', {
    ...(options.ca && { ca: options.ca }),
    ...(options.expired && {
      notBeforeDate: new Date(Date.now() - 2 * day),
      notAfterDate: new Date(Date.now() - day),
    }),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames },
    ],
  });
}

async function create(name: string, options: Parameters<typeof generate>[1]): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...options,
  });
  return { cert, key };
}
