/** The settings API over a store of somebody else's, which others change too. */

import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  SettingsError,
  type SettingsListener,
  type SharedSettings,
  type SystemSettingsInput,
} from '../../src/index.js';
import { call, openSettings, serveSettings } from '../helpers/settings-api.js';

const target = { name: 'siem', address: 'https://siem.example.com/1.0/log', password: 's3cret' };

/** A row of a database that keeps what it is given, as it is given, with a number that grows. */
class Row implements SharedSettings {
  current: SystemSettingsInput = { log_targets: [target] };
  version = 1;
  /** Called before each change: others are quicker. */
  meanwhile = () => {};

  get revision(): string {
    return `v${this.version}`;
  }

  async change(next: SystemSettingsInput, { expectedRevision = this.revision } = {}): Promise<void> {
    await immediate();
    this.meanwhile();
    if (expectedRevision !== this.revision) {
      throw new SettingsError([{ path: 'settings', message: 'changed' }], { code: 'SETTINGS_CONFLICT' });
    }
    this.current = JSON.parse(JSON.stringify(next));
    this.version++;
  }

  subscribe(_listener: SettingsListener): () => void {
    return () => {};
  }
}

describe('over a store of any kind', () => {
  it('GET shows its settings complete and masked, with its revision as ETag', async () => {
    const row = new Row();
    const url = await serveSettings({ store: row });
    const { status, etag, body } = await call(url);
    expect([status, etag]).toEqual([200, '"v1"']);
    expect(body.metadata).toMatchObject({
      log_level: 'WARN',
      log_targets: [{ ...target, password: '********', retry_count: 3 }],
    });
  });

  it('PUT and PATCH change it, secrets kept, and answer with the tag of what is there now', async () => {
    const row = new Row();
    const url = await serveSettings({ store: row });
    const { metadata } = (await call(url)).body;
    expect(await call(url, 'PUT', metadata)).toMatchObject({ status: 200, etag: '"v2"' });
    expect(await call(url, 'PATCH', { log_level: 'INFO' }, { 'if-match': '"v2"' })).toMatchObject({
      status: 200,
      etag: '"v3"',
    });
    expect(row.current).toMatchObject({ log_level: 'INFO', log_targets: [{ password: 's3cret' }] });
  });

  it('a change with If-Match is refused with 412 when another was there first, also at the last moment', async () => {
    const row = new Row();
    const url = await serveSettings({ store: row });
    expect((await call(url, 'PATCH', { log_level: 'INFO' }, { 'if-match': '"v0"' })).status).toBe(412);
    row.meanwhile = () => row.version++;
    expect((await call(url, 'PATCH', { log_level: 'INFO' }, { 'if-match': '"v1"' })).status).toBe(412);
    expect(row.current.log_level).toBeUndefined();
  });

  it('a PATCH without If-Match is made on what others left, as often as it takes', async () => {
    const row = new Row();
    const url = await serveSettings({ store: row });
    let others = 3;
    row.meanwhile = () => {
      if (others-- <= 0) return;
      row.current = { ...row.current, sync_interval: `${others + 5}m` };
      row.version++;
    };
    expect((await call(url, 'PATCH', { log_level: 'INFO' })).status).toBe(200);
    expect(row.current).toMatchObject({ log_level: 'INFO', sync_interval: '5m0s' });
    row.meanwhile = () => row.version++;
    expect((await call(url, 'PATCH', { log_level: 'DEBUG' })).status).toBe(412);
  });

  it('what it holds and cannot be used is its fault, not the client', async () => {
    const row = new Row();
    row.current = { log_targets: [{ name: 'a', address: 'c4n4ry' }] };
    const { status, body } = await call(await serveSettings({ store: row }));
    expect(status).toBe(500);
    expect(body.error).not.toContain('c4n4ry');
  });

  it('a hundred changes at once, of two members each, are made one after the other', async () => {
    const row = new Row();
    const [one, other] = [await serveSettings({ store: row }), await serveSettings({ store: row })];
    const { etag } = await call(one);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        call(index % 2 ? one : other, 'PATCH', { sync_interval: `${index + 2}s` }, { 'if-match': `${etag}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(99);
  });
});

describe('a PUT that leaves out keys that Migration Manager does not have', () => {
  const stored = {
    ...target,
    enabled: false,
    batch_size: 7,
    event_format: 'cloudevents',
    format_options: { source: '/svc', type_prefix: 'com.example' },
    headers: { 'x-tenant': 'a' },
  } as const;
  const put = { name: target.name, address: target.address, password: '********' };

  it('keeps them, for a target of a known name; null resets one', async () => {
    const { store } = await openSettings({ log_targets: [stored] });
    const url = await serveSettings({ store });
    const other = { ...put, name: 'other', password: '' };
    expect((await call(url, 'PUT', { log_targets: [put, other] })).status).toBe(200);
    expect(store.current.log_targets).toMatchObject([
      { ...stored, format_options: { ...stored.format_options, extensions: {} } },
      { enabled: true, batch_size: 5000, event_format: 'migration-manager' },
    ]);
    expect((await call(url, 'PUT', { log_targets: [{ ...put, enabled: null, batch_size: 0 }] })).status).toBe(
      200,
    );
    expect(store.current.log_targets).toMatchObject([
      { enabled: true, batch_size: 5000, headers: stored.headers },
    ]);
  });

  it('sets its own keys that are left out to their defaults', async () => {
    const { store } = await openSettings({
      log_targets: [{ ...stored, level: 'DEBUG', lifecycle_actions: ['a-*'] }],
    });
    await call(await serveSettings({ store }), 'PUT', { log_targets: [put] });
    expect(store.current.log_targets).toMatchObject([
      { level: 'WARN', lifecycle_actions: [], enabled: false },
    ]);
  });

  it('does not keep options of another format', async () => {
    const { store } = await openSettings({ log_targets: [stored] });
    const url = await serveSettings({ store });
    expect((await call(url, 'PUT', { log_targets: [{ ...put, event_format: 'lxd' }] })).status).toBe(200);
    expect(store.current.log_targets).toMatchObject([
      { event_format: 'lxd', format_options: {}, batch_size: 7 },
    ]);
  });

  it('does not take a secret along to another server', async () => {
    const { store } = await openSettings({
      log_targets: [{ name: 'siem', address: target.address, bearer_token: 's3cret' }],
    });
    const url = await serveSettings({ store });
    const moved = { name: 'siem', address: 'https://other.example.com/' };
    const { status, body } = await call(url, 'PUT', { log_targets: [moved] });
    expect(status).toBe(400);
    expect(body.error).toContain('bearer_token');
    expect((await call(url, 'PUT', { log_targets: [{ ...moved, bearer_token: null }] })).status).toBe(200);
    expect(store.current.log_targets).toMatchObject([{ address: moved.address, bearer_token: '' }]);
  });
});

it('while somebody is at work in the file, changes are refused with 409 and it stays as it is', async () => {
  const { store, file } = await openSettings({ log_level: 'INFO' });
  const url = await serveSettings({ store });
  const draft = 'log_level: INFO\nlog_targets:\n  - name: siem # address to come\n';
  writeFileSync(file, draft);
  for (const method of ['PUT', 'PATCH']) {
    const { status, body } = await call(url, method, { log_level: 'DEBUG' });
    expect(status).toBe(409);
    expect(body.error).toContain('log_targets[0].address (`siem`)');
  }
  expect(readFileSync(file, 'utf8')).toBe(draft);
  expect((await call(url)).body.metadata.log_level).toBe('INFO');
});
