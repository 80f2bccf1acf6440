/** What the page works out by itself: forms from the schema, changes, filters, rates. */

import { describe, expect, it } from 'vitest';
import {
  changesBetween,
  diffLines,
  mergePatchOf,
  patchOf,
  problemsOf,
} from '../../src/console/app/changes.js';
import { createFilter, takenBy } from '../../src/console/app/event-filter.js';
import { Samples } from '../../src/console/app/samples.js';
import { parseSchema } from '../../src/console/app/schema.js';
import type { StreamEvent, TargetStatus } from '../../src/console/app/types.js';
import { bytes, count, countdown, duration, rate } from '../../src/console/app/words.js';
import { settingsJsonSchema } from '../../src/settings/json-schema.js';
import { defaultTarget } from '../../src/settings/schema.js';

describe('a form', () => {
  const schema = parseSchema(settingsJsonSchema() as Record<string, unknown>);

  it('has every key of a target, with its default', () => {
    const fields = schema.target('cloudevents');
    const standards = Object.fromEntries(
      fields.filter(({ isRequired }) => !isRequired).map(({ key, standard }) => [key, standard]),
    );
    expect(standards).toEqual(defaultTarget);
    expect(fields.filter(({ isRequired }) => isRequired).map(({ key }) => key)).toEqual(['name', 'address']);
  });

  it('knows what each key takes', () => {
    const kinds = Object.fromEntries(schema.target('cloudevents').map(({ key, kind }) => [key, kind]));
    expect(kinds).toMatchObject({
      address: 'text',
      level: 'choice',
      scopes: 'choices',
      enabled: 'switch',
      batch_size: 'number',
      ca_cert: 'long',
      password: 'secret',
      signing_secrets: 'secrets',
      headers: 'secret-map',
      lifecycle_actions: 'lines',
      event_format: 'choice',
      format_options: 'group',
    });
  });

  it('shows the options of the chosen format, and none where there are none', () => {
    const options = (format: string) => schema.target(format).find(({ key }) => key === 'format_options');
    expect(options('ibm-resource-lifecycle')?.fields.map(({ key }) => key)).toEqual([
      'account_id',
      'region_id',
      'service',
    ]);
    expect(options('migration-manager')).toBeUndefined();
  });

  it('has the settings of the service without the targets', () => {
    expect(schema.settings.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['sync_interval', 'disable_auto_sync', 'log_level']),
    );
    expect(schema.settings.map(({ key }) => key)).not.toContain('log_targets');
  });
});

describe('changes', () => {
  it('are sent key by key, whole', () => {
    expect(patchOf({ a: 1, b: { x: 1 }, c: [1] }, { a: 1, b: { y: 2 }, c: [] })).toEqual({
      b: { y: 2 },
      c: [],
    });
  });

  it('are sent as a merge patch: what is gone from an object is null', () => {
    const before = { level: 'INFO', headers: { a: '1', b: '2', c: '3' }, scopes: ['logging'], batch_size: 5 };
    const after = { level: 'WARN', headers: { a: '1', b: '4' }, scopes: [], batch_size: 5 };
    expect(mergePatchOf(before, after)).toEqual({ level: 'WARN', headers: { b: '4', c: null }, scopes: [] });
    const elasticsearch = { event_format: 'elasticsearch', format_options: { index: 'i', ecs: false } };
    const splunk = { event_format: 'splunk-hec', format_options: { index: 'i' } };
    expect(mergePatchOf(elasticsearch, splunk)).toEqual(splunk);
  });

  it('are shown without secrets', () => {
    const before = {
      password: '********',
      bearer_token: '',
      headers: { 'x-key': '********' },
      level: 'WARN',
    };
    const after = {
      password: 'canary',
      bearer_token: 'canary',
      headers: { 'x-key': 'canary', 'x-new': 'canary' },
      level: 'INFO',
    };
    const changes = changesBetween(before, after);
    expect(JSON.stringify(changes)).not.toContain('canary');
    expect(changes).toEqual([
      { key: 'password', before: 'stored', after: 'another one' },
      { key: 'bearer_token', before: 'none', after: 'a new one' },
      { key: 'headers.x-key', before: 'stored', after: 'another one' },
      { key: 'headers.x-new', before: 'none', after: 'a new one' },
      { key: 'level', before: 'WARN', after: 'INFO' },
    ]);
  });

  it('of a text are the lines that differ', () => {
    const lines = diffLines('a\nb\nc\nd', 'a\nx\nc\ny\nd').map(({ kind, text }) => `${kind} ${text}`);
    expect(lines).toEqual(['same a', 'gone b', 'new x', 'same c', 'new y', 'same d']);
    expect(diffLines('a', 'a')).toEqual([{ kind: 'same', text: 'a' }]);
  });

  it('that are refused are told by key', () => {
    const problems = problemsOf(
      'address: Expected `address` to be a URL, got `x; y`; format_options.source: missing; headers: a; headers: b',
    );
    expect([...problems.keys()]).toEqual(['address', 'format_options', 'headers']);
    expect(problems.get('address')).toContain('x; y');
    expect(problems.get('headers')).toBe('a b');
    expect(problemsOf('Something else').get('')).toBe('Something else');
  });
});

describe('a filter of events', () => {
  const at = '2026-01-01T00:00:00Z';
  const logging = (level: string, message = 'text'): StreamEvent => ({
    type: 'logging',
    timestamp: at,
    metadata: { level, message },
  });
  const lifecycle = (action: string, project?: string): StreamEvent => ({
    type: 'lifecycle',
    timestamp: at,
    ...(project !== undefined && { project }),
    metadata: { action },
  });
  const any = { level: 'debug', action: '', text: '', target: undefined };

  it('goes by level, action and text', () => {
    expect(
      ['debug', 'info', 'warning', 'error'].filter((level) =>
        createFilter({ ...any, level: 'warning' })(logging(level)),
      ),
    ).toEqual(['warning', 'error']);
    const actions = createFilter({ ...any, action: 'instance-*' });
    expect(
      [lifecycle('instance-started'), lifecycle('my-instance-started'), logging('error')].map(actions),
    ).toEqual([true, false, false]);
    expect(createFilter({ ...any, text: 'NEEDLE' })(logging('info', 'a needle'))).toBe(true);
    expect(createFilter({ ...any, action: 'a.b' })(lifecycle('axb'))).toBe(false);
  });

  it('goes by what a target takes', () => {
    const takes = takenBy({
      level: 'WARN',
      scopes: ['lifecycle', 'logging'],
      lifecycle_actions: ['instance-*'],
      lifecycle_projects: ['blue'],
    });
    expect(takes(logging('info'))).toBe(false);
    expect(takes(logging('warning'))).toBe(true);
    expect(takes(lifecycle('instance-started'))).toBe(true);
    expect(takes(lifecycle('instance-started', 'red'))).toBe(false);
    expect(takes(lifecycle('batch-started', 'blue'))).toBe(false);
    expect(takes({ type: 'operation', timestamp: at, metadata: {} })).toBe(false);
  });
});

describe('samples', () => {
  const status = (accepted: number, delivered: number) =>
    ({
      accepted,
      delivered,
      dropped: {},
      dead: 0,
      pending: { events: accepted - delivered, bytes: 0 },
    }) as TargetStatus;

  it('make rates of counts', () => {
    const samples = new Samples();
    for (let second = 0; second <= 60; second += 2)
      samples.add(status(second * 10, second * 5), second * 1000);
    expect(samples.rate('accepted')).toBeCloseTo(10);
    expect(samples.rate('delivered')).toBeCloseTo(5);
    expect(samples.rates('delivered').every(({ value }) => Math.abs(value - 5) < 1e-9)).toBe(true);
    expect(samples.peak(60_000)).toBeCloseTo(5);
  });

  it('go no further back than five minutes', () => {
    const samples = new Samples();
    for (let second = 0; second <= 1200; second += 2) samples.add(status(second, second), second * 1000);
    expect(samples.all[0]?.at).toBeGreaterThanOrEqual(890_000);
    expect(samples.all.length).toBeLessThan(70);
  });

  it('begin anew with a target that begins anew', () => {
    const samples = new Samples();
    samples.add(status(1000, 1000), 0);
    samples.add(status(3, 3), 6000);
    expect(samples.rate('delivered')).toBe(0);
    expect(samples.rates('delivered').every(({ value }) => value >= 0)).toBe(true);
  });

  it('take over what the server remembers', () => {
    const samples = new Samples();
    samples.seed({
      at: [0, 5000, 10_000],
      accepted: [0, 50, 100],
      delivered: [0, 50, 100],
      lost: [0, 0, 0],
      pending: [0, 0, 0],
    });
    expect(samples.rate('delivered')).toBe(10);
  });
});

it('says numbers in words that keep their width', () => {
  expect([count(999), count(1234567), count(12_345_678)]).toEqual(['999', '1,234,567', '12.3M']);
  expect([rate(0), rate(0.42), rate(12.34), rate(1234.5)]).toEqual(['0', '0.4', '12.3', '1,235']);
  expect([bytes(0), bytes(1023), bytes(12_595), bytes(2 ** 30)]).toEqual([
    '0 B',
    '1,023 B',
    '12.3 KiB',
    '1.0 GiB',
  ]);
  expect([duration(4.4), duration(2500), duration(75_000)]).toEqual(['4 ms', '2.5 s', '1 min']);
  expect([countdown(0, 5), countdown(30_000, 0), countdown(125_000, 0)]).toEqual([
    'now',
    'in 30 s',
    'in 2:05 min',
  ]);
});
