/** What is hidden, and that it comes back only where it was. */

import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { maskSettings } from '../../src/settings/masking.js';
import { unmaskSettings } from '../../src/settings/unmasking.js';
import { validateSettings } from '../../src/settings/validate.js';
import { createCa, createCertificate } from '../helpers/certificates.js';
import { openSettings } from '../helpers/settings-api.js';

const whsec = `whsec_${Buffer.from('c4n4ry'.repeat(4)).toString('base64')}`;
const secrets = ['c4n4ry', whsec.slice(6)];
let one: string;
let other: string;
let key: string;

const target = {
  name: 'siem',
  address: 'https://siem.example.com/1.0/log?tenant=c4n4ry1&c4n4ry2&empty=&tenant=c4n4ry3',
  password: 'c4n4ry4',
  headers: { 'DD-API-KEY': 'c4n4ry5', cookie: 'c4n4ry6' },
  signing_secrets: [whsec],
  proxy: 'http://proxy.example.com:3128',
  proxy_username: 'u',
  proxy_password: 'c4n4ry7',
};

beforeAll(async () => {
  [one, other] = [(await createCa('one')).cert, (await createCa('other')).cert];
  const client = await createCertificate();
  key = client.key;
  Object.assign(target, { client_cert: client.cert, client_key: key, ca_cert: one + other });
});

const validated = () => validateSettings({ log_targets: [target] });
const masked = () => structuredClone(maskSettings(validated())) as { log_targets: Record<string, unknown>[] };
const changed = (extra: object) => ({ log_targets: [{ ...masked().log_targets[0], ...extra }] });

it('every secret is hidden, values of headers and queries too, and their names are not', () => {
  const text = JSON.stringify(masked());
  for (const secret of [...secrets, key.split('\n')[1] ?? '']) expect(text).not.toContain(secret);
  expect(masked().log_targets[0]).toMatchObject({
    address: 'https://siem.example.com/1.0/log?tenant=********&********&empty=&tenant=********',
    headers: { 'DD-API-KEY': '********', cookie: '********' },
    proxy_password: '********',
    signing_secrets: ['********'],
  });
});

it('nor is any shown by inspection', async () => {
  const { store } = await openSettings({ log_targets: [target] });
  for (const shown of [inspect(store, { depth: 9 }), inspect(store.current, { depth: 9 })]) {
    for (const secret of secrets) expect(shown).not.toContain(secret);
  }
});

it('what was read and written back is what was stored', () => {
  const { settings, problems } = unmaskSettings(masked(), validated());
  expect(problems).toEqual([]);
  expect(validateSettings(settings)).toEqual(validated());
});

describe('a mask keeps the stored secret', () => {
  it.each<[string, () => object]>([
    ['for another path', () => ({ address: 'https://siem.example.com/2.0?tenant=********' })],
    [
      'for the same server in another spelling',
      () => ({ address: 'HTTPS://SIEM.example.com:443/?tenant=x' }),
    ],
    [
      'when clients escape it',
      () => ({ address: 'https://siem.example.com/?tenant=%2A%2a%2A%2A%2A%2A%2A%2A' }),
    ],
    ['under another spelling of a header', () => ({ headers: { Cookie: '********' } })],
    ['with fewer certificates', () => ({ ca_cert: other })],
    ['with none', () => ({ ca_cert: '' })],
    ['with the same ones in another order', () => ({ ca_cert: other + one })],
    ['with a higher TLS version', () => ({ tls_min_version: 'TLSv1.3' })],
    ['by the same proxy', () => ({ proxy: 'http://PROXY.example.com:3128/' })],
  ])('%s', (_when, extra) => {
    const { settings, problems } = unmaskSettings(changed(extra()), validated());
    expect(problems).toEqual([]);
    expect(JSON.stringify(validateSettings(settings))).not.toContain('"********"');
    expect(validateSettings(settings).log_targets[0]?.password).toBe('c4n4ry4');
  });
});

describe('a mask is refused', () => {
  it.each<[string, () => object, string]>([
    ['for another host', () => ({ address: 'https://evil.example.com/' }), 'another server'],
    ['for another port', () => ({ address: 'https://siem.example.com:444/' }), 'another server'],
    ['for another scheme', () => ({ address: 'http://siem.example.com/' }), 'another server'],
    ['for an address that is none', () => ({ address: 'siem' }), 'another server'],
    ['for an address that is missing', () => ({ address: undefined }), 'another server'],
    ['by another proxy', () => ({ proxy: 'http://evil.example.com:3128' }), 'another proxy'],
    ['by no proxy', () => ({ proxy: 'direct' }), 'another proxy'],
    ['with one more certificate', () => ({ ca_cert: one + other + evil }), 'trusts more'],
    ['with another certificate', () => ({ ca_cert: evil }), 'trusts more'],
    ['with text for certificates', () => ({ ca_cert: 'x' }), 'trusts more'],
  ])('%s', (_when, extra, why) => {
    const { settings, problems } = unmaskSettings(changed(extra()), validated());
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['log_targets[0].password', 'log_targets[0].headers.cookie']),
    );
    expect(problems[0]?.message).toContain(why);
    expect(JSON.stringify(settings)).not.toContain('c4n4ry');
  });

  let evil: string;
  beforeAll(async () => {
    evil = (await createCa('evil')).cert;
  });

  it('with a lower TLS version', () => {
    const strict = validateSettings({ log_targets: [{ ...target, tls_min_version: 'TLSv1.3' }] });
    for (const tls_min_version of ['TLSv1.2', '', undefined]) {
      expect(unmaskSettings(changed({ tls_min_version }), strict).problems[0]?.message).toContain('lower');
    }
  });

  it('where nothing is stored: another header, another name in the query, one too many', () => {
    for (const extra of [
      { headers: { 'x-other': '********' } },
      { address: 'https://siem.example.com/?other=********' },
      { address: 'https://siem.example.com/?tenant=********&tenant=********&tenant=********' },
    ]) {
      expect(unmaskSettings(changed(extra), validated()).problems).toHaveLength(1);
    }
  });

  it('where it would be taken for the secret itself', () => {
    for (const extra of [
      { headers: { a: '********' } },
      { address: 'https://siem.example.com/?a=********' },
    ]) {
      expect(() => validateSettings({ log_targets: [{ ...target, ...extra }] })).toThrow('mask');
    }
  });
});

it('hosts with Latin-1 letters are told apart, however often they are looked at', () => {
  let leaked = 0;
  for (let index = 0; index < 3000; index++) {
    const stored = validateSettings({
      log_targets: [{ name: 'a', address: `https://bücher${index}.example.com/`, password: 'c4n4ry' }],
    });
    const moved = { name: 'a', address: `https://bücher${index}é.example.com/`, password: '********' };
    const { settings, problems } = unmaskSettings({ log_targets: [moved] }, stored);
    if (problems.length !== 1 || JSON.stringify(settings).includes('c4n4ry')) leaked++;
    const same = { name: 'a', address: `https://BÜCHER${index}.example.com/x`, password: '********' };
    if (unmaskSettings({ log_targets: [same] }, stored).problems.length > 0) leaked++;
  }
  expect(leaked).toBe(0);
});
