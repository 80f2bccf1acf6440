/** The guard stands before every way out, not only before deliveries. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SettingsStore } from '../../src/index.js';
import { runCommand } from '../helpers/command.js';
import { startConsole } from '../helpers/console.js';
import { temporaryDirectory } from '../helpers/files.js';
import { answerNames } from '../helpers/names.js';
import { startProxy } from '../helpers/proxy.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const egress = { deny: ['loopback', '0.0.0.0/8'] };
const spellings = [
  '127.0.0.1',
  '2130706433',
  '0177.1',
  '0x7f.1',
  '[::1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
];
const rebound = ['rebound.test', 'mapped.test'];
const names = {
  'rebound.test': ['127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'receiver.test': ['192.0.2.1'],
};
const hosts = [...spellings, ...rebound];

describe('the console', () => {
  it.each(hosts)('tries nothing out at %s: neither saved nor before that', async (host) => {
    const receiver = await startReceiver();
    const target = quickTarget(`http://${host}:${receiver.port}/`);
    const { call } = await startConsole({ transportOptions: { egress } });
    answerNames(names);
    const tried = await call('POST', '/1.0/log-targets/check', target);
    expect(tried).toMatchObject({ status: 200, metadata: { ok: false, error: { code: 'EGRESS_DENIED' } } });
    expect((await call('POST', '/1.0/log-targets', target)).status).toBe(200);
    const pinged = await call('POST', '/1.0/log-targets/siem/ping');
    expect(pinged).toMatchObject({ status: 200, metadata: { ok: false, error: { code: 'EGRESS_DENIED' } } });
    expect((await call('POST', '/1.0/log-targets/siem/retry')).status).toBe(200);
    expect(receiver.connections).toBe(0);
  });

  it('lets nobody lift it by a setting', async () => {
    const { call } = await startConsole({ transportOptions: { egress } });
    for (const extra of [{ egress: {} }, { allow: ['127.0.0.1'] }]) {
      const target = { ...quickTarget('http://127.0.0.1:9/'), ...extra };
      expect((await call('POST', '/1.0/log-targets/check', target)).status).toBe(400);
    }
    expect((await call('PATCH', '/1.0/system/settings', { egress: {} })).status).toBe(400);
  });
});

describe('a proxy', () => {
  it.each(hosts)('at %s is not asked, whoever named it', async (host) => {
    const [proxy, secure] = [await startProxy(), await startProxy()];
    answerNames(names);
    const ways = [
      ['http://receiver.test/', `http://${host}:${proxy.port}`],
      ['https://receiver.test/', `http://${host}:${proxy.port}`],
      ['https://192.0.2.1/', `https://${host}:${secure.port}`],
    ] as const;
    for (const [address, url] of ways) {
      const own = createTestTransport([quickTarget(address, { proxy: url })], { egress });
      const all = createTestTransport([quickTarget(address)], { egress, proxy: url });
      for (const { transport } of [own, all]) {
        expect((await transport.ping('siem')).error?.code).toBe('EGRESS_DENIED');
      }
    }
    expect([proxy.requests, secure.requests]).toEqual([[], []]);
  });

  it.each(spellings)('that may be asked is not asked for http://%s', async (host) => {
    const [proxy, receiver] = [await startProxy(), await startReceiver()];
    answerNames({ 'proxy.test': ['127.0.0.9'] });
    const guard = { deny: ['127.0.0.1', '::1'] };
    for (const scheme of ['http', 'https']) {
      const target = quickTarget(`${scheme}://${host}:${receiver.port}/`, {
        proxy: `http://proxy.test:${proxy.port}`,
      });
      const { transport } = createTestTransport([target], { egress: guard });
      expect((await transport.ping('siem')).error?.code).toBe('EGRESS_DENIED');
    }
    expect([proxy.requests, receiver.connections]).toEqual([[], 0]);
  });
});

it.each([301, 302, 303, 307, 308])('a receiver that answers %i leads nowhere', async (status) => {
  const elsewhere = await startReceiver();
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(status, { location: elsewhere.address }).end();
  });
  const { transport, logger, report } = createTestTransport([
    quickTarget(receiver.address, { retry_timeout: '1h' }),
  ]);
  logger.error('one');
  expect((await report('targetDown')).error.code).toBe(`HTTP_${status}`);
  expect((await transport.ping('siem')).ok).toBe(false);
  expect(statusOf(transport)).toMatchObject({ pending: { events: 1 } });
  expect(elsewhere.connections).toBe(0);
});

it('settings that are followed are held to it: whoever writes them sends nothing there', async () => {
  const receiver = await startReceiver();
  const store = await SettingsStore.open({ file: join(temporaryDirectory(), 'settings.yaml') });
  const { logger, transport, report } = createTestTransport([], { settings: store, egress });
  await store.replace({ log_targets: [quickTarget(receiver.address)] });
  logger.error('one');
  expect((await report('targetDown')).error.code).toBe('EGRESS_DENIED');
  expect(receiver.connections).toBe(0);
  transport.destroy();
  await store.close();
});

it('the command sends and pings nowhere that nobody sends events to', async () => {
  const file = join(temporaryDirectory(), 'settings.yaml');
  const hosts = [
    '169.254.169.254',
    '2852039166',
    '[::ffff:a9fe:a9fe]',
    '100.100.100.200',
    '[fd00:ec2::254]',
    '0',
  ];
  const log_targets = hosts.map((host, index) => ({
    name: `t${index}`,
    address: `http://${host}/`,
    retry_count: 1,
  }));
  writeFileSync(file, JSON.stringify({ log_targets }));
  const pinged = await runCommand(['ping', file, '--json']);
  expect(pinged.exitCode).toBe(1);
  const codes = (JSON.parse(pinged.output) as { error: { code: string } }[]).map(({ error }) => error.code);
  expect(codes).toEqual(hosts.map(() => 'EGRESS_DENIED'));
});
