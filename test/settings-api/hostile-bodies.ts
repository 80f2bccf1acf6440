/** Bodies that are made to keep the settings API busy. */

import { generateKeyPairSync } from 'node:crypto';
import { createCertificate } from '../helpers/certificates.js';

const address = 'https://siem.example.com/1.0/log';
const { cert, key } = await createCertificate();

const otherKeys = Array.from({ length: 100 }, () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
});

/** Targets that are sent nothing meanwhile: it is the API that is looked at. */
const target = (extra: object, index = 0) => ({ name: `t${index}`, address, scopes: ['logging'], ...extra });
const one = (extra: object) => ({ log_targets: [target(extra)] });
const many = (count: number, make: (index: number) => unknown) => ({
  log_targets: Array.from({ length: Math.max(1, Math.floor(count)) }, (_, index) => make(index)),
});
const keys = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: Math.floor(count) }, (_, index) => [`x-${index}`, value]));

/** Each makes a body of about so many bytes. */
export const hostileKinds: readonly ((bytes: number) => unknown)[] = [
  (bytes) => ({ log_level: 'a'.repeat(bytes) }),
  (bytes) => ({ log_level: '@'.repeat(bytes) }),
  (bytes) => one({ name: '?'.repeat(bytes) }),
  (bytes) => one({ address: `https://${'a.'.repeat(bytes / 2)}` }),
  (bytes) => one({ address: `https://u:${'@'.repeat(bytes)}` }),
  (bytes) => one({ lifecycle_actions: [`${'*a'.repeat(bytes / 2)}z`] }),
  (bytes) => one({ lifecycle_actions: Array(Math.floor(bytes / 28)).fill('+(+(+(+(+(+([a-z]))))))z') }),
  (bytes) => many(bytes / 1700, (index) => target({ lifecycle_actions: Array(100).fill('*a*a*a*z') }, index)),
  (bytes) => many(bytes / 70, (index) => target({ password: '********' }, index)),
  (bytes) => many(bytes / 3, () => ({})),
  (bytes) => many(bytes / 2, () => 0),
  (bytes) =>
    many(1000, (index) => target({ lifecycle_actions: Array(Math.floor(bytes / 6000)).fill(5) }, index)),
  (bytes) => one({ scopes: Array(Math.floor(bytes / 6)).fill('logs') }),
  (bytes) => one({ signing_secrets: Array(Math.floor(bytes / 11)).fill('********') }),
  (bytes) => one({ headers: keys(bytes / 12) }),
  (bytes) => one({ headers: { 'x-a': 'a'.repeat(bytes) } }),
  (bytes) => one({ headers: keys(bytes / 22, '********') }),
  (bytes) => one(keys(bytes / 10)),
  (bytes) => keys(bytes / 10),
  (bytes) => many(bytes / 1100, (index) => target(keys(90), index)),
  (bytes) =>
    many(bytes / 800, (index) =>
      target(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`bearerTokem${n}`, 1])), index),
    ),
  (bytes) => one({ ca_cert: cert.repeat(bytes / cert.length) }),
  (bytes) => one({ ca_cert: '-----BEGIN CERTIFICATE-----'.repeat(bytes / 27) }),
  (bytes) => one({ ca_cert: '-----BEGIN CERTIFICATE-----'.repeat(10) + ' '.repeat(bytes) }),
  (bytes) =>
    many(bytes / (cert.length + key.length), (index) =>
      target({ client_cert: cert, client_key: key, password: `${index}` }, index),
    ),
  (bytes) =>
    many(Math.min(otherKeys.length, bytes / 1500), (index) =>
      target({ client_cert: `${cert}${'\n'.repeat(index)}`, client_key: otherKeys[index] }, index),
    ),
  (bytes) => one({ ca_cert: cert.repeat(Math.min(300, bytes / cert.length)) }),
  (bytes) => one({ client_cert: cert, client_key: key.repeat(bytes / key.length) }),
  (bytes) => one({ retry_timeout: '1s'.repeat(bytes / 2) }),
  (bytes) => one({ retry_timeout: `${'9'.repeat(bytes)}h` }),
  (bytes) => one({ retry_timeout: `0.${'9'.repeat(bytes)}h` }),
  (bytes) =>
    one({
      event_format: 'cloudevents',
      format_options: { source: `/${'a'.repeat(bytes)}`, type_prefix: 'a.b', extensions: keys(bytes / 20) },
    }),
  (bytes) =>
    one({
      event_format: 'cloudevents',
      format_options: { source: '/', type_prefix: `${'a-'.repeat(bytes / 2)}` },
    }),
  (bytes) =>
    many(bytes / 80, (index) => target({ enabled: index % 2 === 0, batch_bytes: 300 + index }, index)),
  (bytes) => many(bytes / 1000, (index) => target({ username: `u${'ö'.repeat(450)}` }, index)),
  (bytes) => '['.repeat(bytes),
  (bytes) => `${'{"log_targets":['.repeat(bytes / 20)}${']}'.repeat(bytes / 20)}`,
];

/** The body of a kind, of about so many bytes. */
export function hostileBody(kind: (bytes: number) => unknown, bytes: number): Buffer {
  const made = kind(bytes);
  return Buffer.from(typeof made === 'string' ? made : JSON.stringify(made)).subarray(0, 2 ** 20);
}
