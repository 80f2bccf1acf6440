/** One target at a time: added, changed, removed, or only looked at, with the stored secrets where there are masks. */

import { expect, it } from 'vitest';
import { SettingsError } from '../../src/index.js';
import { validateSettings } from '../../src/settings/validate.js';
import { addTarget, patchTarget, removeTarget, resolveTarget } from '../../src/settings-api/next-settings.js';

const one = { name: 'one', address: 'https://one.example.com/', username: 'u', password: 's3cret' };
const two = { name: 'two', address: 'https://two.example.com/', bearer_token: 't0ken', enabled: false };
const stored = validateSettings({ log_level: 'INFO', log_targets: [one, two] });
const MASK = '********';

it('one more leaves the others as they are', () => {
  const { log_level, log_targets } = addTarget(stored, {
    name: 'three',
    address: 'https://three.example.com/',
  });
  expect(log_level).toBe('INFO');
  expect(log_targets).toMatchObject([one, two, { name: 'three', retry_count: 3 }]);
  expect(() => addTarget(stored, { ...one, password: 'other' })).toThrow('unique');
  expect(() => addTarget(stored, { name: 'three', address: one.address, password: MASK })).toThrow('mask');
});

it('one is changed in the given keys, its secrets kept, also under a new name', () => {
  expect(patchTarget(stored, 'two', { batch_size: 5 }).log_targets).toMatchObject([
    one,
    { ...two, batch_size: 5 },
  ]);
  expect(patchTarget(stored, 'two', { enabled: null }).log_targets[1]).toMatchObject({
    enabled: true,
    bearer_token: 't0ken',
  });
  expect(patchTarget(stored, 'two', { name: '2' }).log_targets[1]).toMatchObject({ ...two, name: '2' });
  expect(() => patchTarget(stored, 'two', { address: one.address })).toThrow(SettingsError);
  expect(() => patchTarget(stored, 'two', { name: 'one' })).toThrow('unique');
  expect(() => patchTarget(stored, 'two', 5)).toThrow(SettingsError);
  expect(() => patchTarget(stored, 'three', {})).toThrow(expect.objectContaining({ status: 404 }));
});

it('one is changed as deep as the patch goes: null takes away', () => {
  const settings = validateSettings({
    log_targets: [
      {
        ...one,
        headers: { a: '1', b: '2' },
        event_format: 'loki',
        format_options: { labels: { app: 'x', env: 'y' }, tenant: 't' },
      },
    ],
  });
  const patched = (patch: object) => patchTarget(settings, 'one', patch).log_targets[0];
  expect(patched({ headers: { b: null, c: '3' } })?.headers).toEqual({ a: '1', c: '3' });
  expect(patched({ headers: null })?.headers).toEqual({});
  const relabelled = patched({ format_options: { labels: { env: null } } })?.format_options;
  expect(relabelled).toMatchObject({ tenant: 't' });
  expect(relabelled?.labels).toEqual({ app: 'x' });
  const json = patched({ event_format: 'json', format_options: { timestamp: 'ts' } })?.format_options;
  expect(json).toMatchObject({ timestamp: 'ts' });
  expect(json).not.toHaveProperty('labels');
  const loki = patched({ event_format: 'loki', format_options: { tenant: null } })?.format_options;
  expect(loki?.labels).toEqual({ app: 'x', env: 'y' });
  expect(loki?.tenant).not.toBe('t');
});

it('one is changed by a null within what is new as RFC 7386 has it, and keeps a null that is stored', () => {
  const settings = validateSettings({
    log_targets: [{ ...one, event_format: 'json', format_options: { fields: { stored: null } } }],
  });
  const patch = { format_options: { fields: { new: { kept: 1, gone: null } } } };
  const [patched] = patchTarget(settings, 'one', patch).log_targets;
  expect(patched?.format_options?.fields).toEqual({ stored: null, new: { kept: 1 } });
});

it('one that would be too deep is refused', () => {
  const settings = validateSettings({ log_targets: [{ ...one, event_format: 'json' }] });
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
  for (const patch of [{ format_options: { fields: deep } }, { format_options: deep }, deep]) {
    expect(() => patchTarget(settings, 'one', patch)).toThrow(SettingsError);
  }
});

it('one less leaves the others as they are', () => {
  expect(removeTarget(stored, 'one').log_targets).toMatchObject([two]);
  expect(() => removeTarget(stored, 'three')).toThrow(expect.objectContaining({ status: 404 }));
});

it('one is completed without being saved', () => {
  expect(resolveTarget(stored, { ...one, password: MASK, level: 'debug' })).toMatchObject({
    ...one,
    level: 'DEBUG',
  });
  expect(() => resolveTarget(stored, { ...one, password: MASK, address: two.address })).toThrow(
    'another server',
  );
  expect(() => resolveTarget(stored, undefined)).toThrow(SettingsError);
});
