/** Who hears of a change of the settings, and what: also whoever it cuts off. */

import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { defineCatalog } from '../../src/catalogs/index.js';
import { EventTransport, type LogTarget, type Report } from '../../src/index.js';
import { createCa } from '../helpers/certificates.js';
import { type Receiver, startReceiver } from '../helpers/receiver.js';
import { call, openSettings, serveSettings } from '../helpers/settings-api.js';

const ACTION = 'system-settings-modified';

async function start(targets: readonly LogTarget[], options: object = {}) {
  const { store } = await openSettings({ log_targets: targets });
  const transport = new EventTransport({ settings: store, shutdownTimeoutMs: 5000, ...options });
  const reports: Report[] = [];
  transport.on('report', (report) => void reports.push(report));
  onTestFinished(() => void transport.destroy());
  return { store, transport, reports, url: await serveSettings({ store, transport }) };
}

const target = (receiver: Receiver, name: string): LogTarget => ({
  name,
  address: receiver.address,
  batch_wait: '1ms',
});
const actions = (receiver: Receiver) => receiver.events().map(({ metadata }) => metadata.action);
// biome-ignore lint/suspicious/noExplicitAny: whatever was received
const told = (receiver: Receiver): any => receiver.events()[0]?.metadata.metadata;

describe('whoever a change cuts off is told who did what, once', () => {
  it.each<[string, (siem: Receiver, elsewhere: Receiver) => LogTarget[]]>([
    ['removed', () => []],
    ['disabled', (siem) => [{ ...target(siem, 'siem'), enabled: false }]],
    ['muted by scopes', (siem) => [{ ...target(siem, 'siem'), scopes: ['logging'] }]],
    ['muted by actions', (siem) => [{ ...target(siem, 'siem'), lifecycle_actions: ['instance-*'] }]],
    ['put off', (siem) => [{ ...target(siem, 'siem'), batch_wait: '1000h' }]],
    ['sent elsewhere', (_siem, elsewhere) => [target(elsewhere, 'siem')]],
    [
      'sent by a proxy',
      (siem, elsewhere) => [{ ...target(siem, 'siem'), proxy: new URL(elsewhere.address).origin }],
    ],
  ])('%s', async (_how, next) => {
    const [siem, other, elsewhere] = [await startReceiver(), await startReceiver(), await startReceiver()];
    const { transport, url } = await start([target(siem, 'siem'), target(other, 'other')]);
    const log_targets = [...next(siem, elsewhere), target(other, 'other')];
    expect((await call(url, 'PUT', { log_targets })).status).toBe(200);
    await siem.until(() => siem.events().length > 0);
    await other.until(() => other.events().length > 0);
    expect(siem.events()[0]?.metadata).toMatchObject({
      action: ACTION,
      requestor: 'tls/a57be4e2 (127.0.0.1)',
    });
    // What drains is gone once it has delivered.
    await vi.waitFor(() => expect(JSON.stringify(transport.status())).not.toContain('(before)'));
    expect([actions(siem), actions(other)]).toEqual([[ACTION], [ACTION]]);
  });
});

it('who hears of it anyway hears of it once, under a new password too', async () => {
  const siem = await startReceiver();
  const { transport, url } = await start([{ ...target(siem, 'siem'), username: 'u', password: 'old' }]);
  const changed = { ...target(siem, 'siem'), username: 'u', password: 'new', level: 'DEBUG' };
  await call(url, 'PUT', { log_targets: [changed] });
  await transport.flush();
  expect(actions(siem)).toEqual([ACTION]);
  expect(siem.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:new').toString('base64')}`);
});

it('a target that ran under other settings than those of the store is sent nothing', async () => {
  const [siem, own] = [await startReceiver(), await startReceiver()];
  const { store } = await openSettings({ log_targets: [target(siem, 'siem')] });
  const transport = new EventTransport({ targets: [target(own, 'own')] });
  onTestFinished(() => void transport.destroy());
  await call(await serveSettings({ store, transport }), 'PUT', { log_targets: [] });
  await transport.flush();
  expect([actions(siem), actions(own)]).toEqual([[], [ACTION]]);
});

it('a catalog that does not name the action does not keep it back', async () => {
  const siem = await startReceiver();
  const catalog = defineCatalog({ name: 'own', actions: { done: { description: 'It is done' } } });
  const { transport, url } = await start([target(siem, 'siem')], { catalog });
  await call(url, 'PATCH', { log_level: 'INFO' });
  await transport.flush();
  expect(actions(siem)).toEqual([ACTION]);
});

describe('the event', () => {
  it('begins with the names of what was added, changed and removed', async () => {
    const siem = await startReceiver();
    const quiet = (name: string): LogTarget => ({ ...target(siem, name), scopes: ['logging'] });
    const [gone, kept, added] = [quiet('gone'), quiet('kept'), quiet('new')];
    const { transport, url } = await start([target(siem, 'siem'), gone, kept]);
    const changed = { ...target(siem, 'siem'), level: 'ERROR' };
    await call(url, 'PUT', { log_targets: [changed, kept, added] });
    await transport.flush();
    expect(Object.keys(told(siem)).slice(0, 3)).toEqual(['added', 'changed', 'removed']);
    expect(told(siem)).toMatchObject({
      added: ['new'],
      changed: ['siem'],
      removed: ['gone'],
      log_level: 'WARN',
    });
  });

  it('has fingerprints and size for certificates, so that no text around them pushes anything out', async () => {
    const siem = await startReceiver();
    const { cert } = await createCa();
    const { transport, url } = await start([target(siem, 'siem')]);
    const padded = {
      ...target(siem, 'padded'),
      ca_cert: `${cert}${' '.repeat(400_000)}`,
      scopes: ['logging'],
    };
    await call(url, 'PUT', { log_targets: [{ ...target(siem, 'siem'), batch_bytes: 4096 }, padded] });
    await transport.flush();
    const fingerprint = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(told(siem).added).toEqual(['padded']);
    expect(told(siem).log_targets[1].ca_cert).toEqual({
      fingerprints: [fingerprint],
      size: cert.length + 400_000,
    });
  });

  it('keeps its names where it is cut down', async () => {
    const siem = await startReceiver();
    const { transport, url } = await start([target(siem, 'siem')]);
    const many = Array.from({ length: 50 }, (_, index) => ({
      ...target(siem, `t${index}`),
      scopes: ['logging'],
    }));
    await call(url, 'PUT', { log_targets: [{ ...target(siem, 'siem'), batch_bytes: 1024 }, ...many] });
    await transport.flush();
    expect(told(siem)).toMatchObject({ changed: ['siem'], removed: [], truncated: expect.any(Number) });
    expect(told(siem).added).toHaveLength(50);
  });
});

describe('a change that is refused is reported', () => {
  it('with who asked for it, as far as that is known', async () => {
    const { store } = await openSettings();
    const transport = new EventTransport({ settings: store });
    onTestFinished(() => void transport.destroy());
    const refused: Report[] = [];
    transport.on('report', (report) => void (report.type === 'settingsRefused' && refused.push(report)));
    const authorize = ({ headers: { authorization } }: IncomingMessage) => {
      if (authorization === undefined) throw new Error('who are you?');
      return authorization === 'admin' && 'token/admin (10.0.0.1)';
    };
    const url = await serveSettings({ store, transport, authorize });
    const admin = { authorization: 'admin' };
    await call(url, 'PUT', {});
    await call(url, 'PATCH', {}, { authorization: 'guest' });
    await call(url, 'PATCH', { log_level: 'c4n4ry'.repeat(100) }, admin);
    await call(url, 'PATCH', {}, { ...admin, 'if-match': '"x"' });
    await call(url, 'GET', undefined, { authorization: 'guest' });
    await call(url, 'PUT', {}, admin);
    expect(refused).toMatchObject([
      { method: 'PUT', status: 401, client: '127.0.0.1' },
      { method: 'PATCH', status: 403, client: '127.0.0.1' },
      {
        method: 'PATCH',
        status: 400,
        client: 'token/admin (10.0.0.1)',
        reason: expect.stringContaining('log_level'),
      },
      { method: 'PATCH', status: 412, client: 'token/admin (10.0.0.1)' },
    ]);
  });
});
