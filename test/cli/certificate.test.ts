/** The certificate of `listen --https` is one that TLS clients trust when they are told to. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../../src/cli/listen/certificate.js';

it('is a certificate of its own for its hosts, and no authority', () => {
  const { cert, key } = createSelfSignedCertificate([
    'localhost',
    '127.0.0.1',
    '::1',
    '2001:db8::7:1',
    'fe80::',
  ]);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  for (const address of ['127.0.0.1', '::1', '2001:db8::7:1', 'fe80::']) {
    expect(certificate.checkIP(address)).toBeDefined();
  }
  expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
  const [from, to] = [certificate.validFrom, certificate.validTo].map(Date.parse);
  expect(from).toBeLessThan(Date.now());
  expect(to).toBeGreaterThan(Date.now());
});

it('has a number of its own each time', () => {
  const numbers = [1, 2].map(
    () => new X509Certificate(createSelfSignedCertificate(['localhost']).cert).serialNumber,
  );
  expect(numbers[0]).not.toBe(numbers[1]);
});
