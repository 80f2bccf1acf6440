import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { settingsJsonSchema } from '../../src/settings/json-schema.js';
import { defaultSettings } from '../../src/settings/schema.js';
import { problemsOf, validateSettings } from '../../src/settings/validate.js';

const accepts = new Ajv2020({ strictTypes: false, allowUnionTypes: true }).compile(settingsJsonSchema());
const target = { name: 'a', address: 'https://a' };
const ibm = {
  ...target,
  event_format: 'ibm-resource-lifecycle',
  format_options: { account_id: 'a', region_id: 'r', service: 's' },
};
const ce = { ...target, event_format: 'cloudevents', format_options: { source: '/', type_prefix: 'com.a' } };

describe('the JSON Schema', () => {
  it.each([
    {},
    defaultSettings,
    { log_level: 'debug', log_targets: [target] },
    {
      log_targets: [
        { ...target, retry_count: 0, scopes: [], password: null, level: '', headers: { a: 'b' } },
      ],
    },
    validateSettings({ log_targets: [target] }),
    { log_targets: [{ ...target, event_format: '', format_options: null }] },
    { log_targets: [{ ...target, event_format: 'lxd', body_format: 'ndjson' }] },
    { log_targets: [ibm, { ...ce, name: 'b' }] },
    validateSettings({ log_targets: [ibm, { ...ce, name: 'b' }] }),
  ])('accepts what is accepted: %j', (settings) => {
    expect(problemsOf(settings)).toEqual([]);
    expect({ ok: accepts(settings), errors: accepts.errors }).toEqual({ ok: true, errors: null });
  });

  it.each([
    null,
    [],
    { extra: 1 },
    { log_targets: {} },
    { log_targets: [{ name: 'a' }] },
    { log_targets: [{ ...target, retry_count: '3' }] },
    { log_targets: [{ ...target, retry_count: -1 }] },
    { log_targets: [{ ...target, concurrency: 1000 }] },
    { log_targets: [{ ...target, body_format: 'xml' }] },
    { log_targets: [{ ...target, scopes: ['all'] }] },
    { log_targets: [{ ...target, headers: { a: 5 } }] },
    { log_targets: [{ ...target, retries: 3 }] },
    { disable_auto_sync: 'no' },
    { log_targets: [{ ...target, format_options: { source: '/' } }] },
    { log_targets: [{ ...target, event_format: 'cloudevents' }] },
    { log_targets: [{ ...ce, format_options: { source: '/' } }] },
    { log_targets: [{ ...ce, format_options: { ...ce.format_options, extension: {} } }] },
    { log_targets: [{ ...ce, format_options: { ...ce.format_options, extensions: { a: 1.5 } } }] },
    { log_targets: [{ ...ce, body_format: 'ndjson' }] },
    { log_targets: [{ ...ibm, format_options: undefined }] },
    { log_targets: [{ ...ibm, scopes: ['logging'] }] },
  ])('refuses what is refused: %j', (settings) => {
    expect(problemsOf(settings).length).toBeGreaterThan(0);
    expect(accepts(settings)).toBe(false);
  });
});

it('says of each key what it does, and its default; so do the types', () => {
  // biome-ignore lint/suspicious/noExplicitAny: any JSON Schema
  const schema = settingsJsonSchema() as any;
  const keys: Record<string, { description?: string }> = {
    ...schema.properties,
    ...findTarget(schema).properties,
  };
  delete keys.$schema;
  const source = readFileSync(new URL('../../src/settings/log-target.ts', import.meta.url), 'utf8');
  const documented = new Map(
    [...source.matchAll(/ {2}\/\*\*((?:(?!\*\/).)*)\*\/\s+readonly (\w+)\??:/gs)].map(
      ([, text = '', key = '']) => [key, text.replaceAll(/\s*\n\s*\* ?/g, ' ').trim()],
    ),
  );
  expect([...documented.keys()].sort()).toEqual(Object.keys(keys).sort());
  for (const [key, { description }] of Object.entries(keys)) {
    expect({ key, description }).toEqual({ key, description: documented.get(key) });
    if (!['name', 'address'].includes(key)) expect(description).toMatch(/Default: `.*`\.$/);
  }
});

// biome-ignore lint/suspicious/noExplicitAny: any JSON Schema
function findTarget(schema: any): any {
  const [list] = schema.properties.log_targets.anyOf;
  return list.items;
}
