/** Settings over the console: one target at a time, tried before it is saved, and no secret in any answer. */

import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { listenToEvents, operator, startConsole } from '../helpers/console.js';
import { startReceiver } from '../helpers/receiver.js';
import { quickTarget } from '../helpers/transport.js';

const canary = 'c4nary-s3cret';
const signing = `whsec_${Buffer.from(`${canary}-0123456789abcdef`).toString('base64')}`;

describe('targets', () => {
  it('are added, changed and removed one by one, each with an event', async () => {
    const { call, store, origin } = await startConsole();
    const stream = await listenToEvents(origin, '?type=lifecycle');
    const added = await call(
      'POST',
      '/1.0/log-targets',
      quickTarget('http://127.0.0.1:9/', { username: 'svc', password: canary }),
    );
    expect(added).toMatchObject({ status: 200, metadata: {} });
    expect(store.current.log_targets).toMatchObject([{ name: 'siem', password: canary }]);
    expect((await call('PATCH', '/1.0/log-targets/siem', { level: 'ERROR', retry_count: null })).status).toBe(
      200,
    );
    expect(store.current.log_targets).toMatchObject([{ level: 'ERROR', retry_count: 3, password: canary }]);
    expect((await call('DELETE', '/1.0/log-targets/siem')).status).toBe(200);
    expect(store.current.log_targets).toEqual([]);
    await stream.until(() => stream.events().length === 3);
    expect(
      stream.events().map(({ metadata }) => [metadata.action, metadata.source, metadata.requestor.username]),
    ).toEqual(Array(3).fill(['system-settings-modified', '/1.0/system/settings', 'a57be4e2']));
    expect(stream.text()).not.toContain(canary);
  });

  it('are changed under a condition', async () => {
    const { call, store } = await startConsole({ targets: [quickTarget('http://127.0.0.1:9/')] });
    const { headers } = await call('GET', '/1.0/log-targets/siem');
    const first = await call(
      'PATCH',
      '/1.0/log-targets/siem',
      { level: 'ERROR' },
      { 'if-match': headers.etag },
    );
    expect(first.status).toBe(200);
    const refused = [
      await call('PATCH', '/1.0/log-targets/siem', { level: 'INFO' }, { 'if-match': headers.etag }),
      await call('POST', '/1.0/log-targets', quickTarget('http://127.0.0.1:9/', { name: 'b' }), {
        'if-match': headers.etag,
      }),
      await call('DELETE', '/1.0/log-targets/siem', undefined, { 'if-match': headers.etag }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([412, 412, 412]);
    expect(store.current.log_targets).toMatchObject([{ name: 'siem', level: 'ERROR' }]);
    expect(
      (await call('DELETE', '/1.0/log-targets/siem', undefined, { 'if-match': first.headers.etag })).status,
    ).toBe(200);
  });

  it('that are wrong are refused, by their own keys', async () => {
    const { call, store } = await startConsole({ targets: [quickTarget('http://127.0.0.1:9/')] });
    const before = store.current;
    const { status, body } = await call('PATCH', '/1.0/log-targets/siem', {
      retry_count: -1,
      address: 'nowhere',
    });
    expect(status).toBe(400);
    expect(body.error).toMatch(/^(address: .*; retry_count: |retry_count: .*; address: )/);
    expect((await call('POST', '/1.0/log-targets', quickTarget('http://127.0.0.1:9/'))).status).toBe(400);
    expect((await call('PATCH', '/1.0/log-targets/other', {})).status).toBe(404);
    expect((await call('DELETE', '/1.0/log-targets/other')).status).toBe(404);
    expect(store.current).toBe(before);
  });

  it('are tried before they are saved, with the stored secret where there is a mask', async () => {
    const receiver = await startReceiver((request, response) => {
      const [, encoded] = request.headers.authorization?.split(' ') ?? [];
      response
        .writeHead(Buffer.from(encoded ?? '', 'base64').toString() === `svc:${canary}` ? 200 : 401)
        .end();
    });
    const { call, store } = await startConsole({
      targets: [quickTarget(receiver.address, { username: 'svc', password: canary, level: 'ERROR' })],
    });
    const before = store.current;
    const { metadata } = await call('GET', '/1.0/log-targets/siem');
    expect((await call('POST', '/1.0/log-targets/check', metadata.settings)).metadata).toMatchObject({
      ok: true,
      status: 200,
    });
    expect(
      (await call('POST', '/1.0/log-targets/check', { ...metadata.settings, password: 'wrong' })).metadata,
    ).toMatchObject({
      ok: false,
      error: { code: 'HTTP_401' },
    });
    const elsewhere = await startReceiver();
    const stolen = await call('POST', '/1.0/log-targets/check', {
      ...metadata.settings,
      address: elsewhere.address,
    });
    expect(stolen.status).toBe(400);
    expect(elsewhere.requests).toEqual([]);
    expect((await call('POST', '/1.0/log-targets/check', { name: 'x' })).body.error).toMatch(/^address: /);
    expect(store.current).toBe(before);
  });
});

it('settings as a whole are read, replaced and changed', async () => {
  const { call, store } = await startConsole();
  const { metadata, headers } = await call('GET', '/1.0/system/settings');
  expect(metadata).toMatchObject({ log_level: 'DEBUG', log_targets: [] });
  expect(
    (
      await call(
        'PUT',
        '/1.0/system/settings',
        { ...metadata, log_level: 'ERROR' },
        { 'if-match': headers.etag },
      )
    ).status,
  ).toBe(200);
  expect(store.current.log_level).toBe('ERROR');
  expect(
    (await call('PATCH', '/1.0/system/settings', { log_level: 'INFO' }, { 'if-match': headers.etag })).status,
  ).toBe(412);
  expect((await call('PATCH', '/1.0/system/settings', { log_level: 'INFO' })).status).toBe(200);
  expect(store.current.log_level).toBe('INFO');
});

it('takes any store of that shape, and tells that it cannot save', async () => {
  const { call } = await startConsole({
    isStoreless: true,
    store: {
      current: {},
      revision: 'r1',
      change: async () => {
        throw new Error(canary);
      },
      subscribe: () => () => {},
    },
  });
  expect((await call('GET', '/1.0/system/settings')).headers.etag).toBe('"r1"');
  const { status, text } = await call('PATCH', '/1.0/system/settings', { log_level: 'INFO' });
  expect(status).toBe(500);
  expect(text).not.toContain(canary);
});

it('no answer, event or page shows a secret', async () => {
  const receiver = await startReceiver(401);
  const target = quickTarget(`${receiver.address}?token=${canary}`, {
    username: 'svc',
    password: canary,
    headers: { 'x-api-key': canary },
    signing_secrets: [signing],
    retry_timeout: '1h',
  });
  const { call, origin, logger, report } = await startConsole({ targets: [target] });
  const stream = await listenToEvents(origin);
  logger.error('one');
  await report('targetDown');
  const texts: string[] = [];
  for (const [method, path, body] of [
    ['GET', '/1.0'],
    ['GET', '/1.0/log-targets?history=true'],
    ['GET', '/1.0/log-targets/siem'],
    ['GET', '/1.0/system/settings'],
    ['GET', '/1.0/log-targets/siem/dead-letters'],
    ['POST', '/1.0/log-targets/siem/ping', {}],
    ['POST', '/1.0/log-targets/siem/retry', {}],
    ['PATCH', '/1.0/log-targets/siem', { level: 'ERROR' }],
    ['PATCH', '/1.0/log-targets/siem', { headers: { 'bad name': canary }, password: { deep: canary } }],
    ['POST', '/1.0/log-targets', { ...target, name: 'siem' }],
    ['POST', '/1.0/log-targets/check', { ...target, bearer_token: canary }],
    ['POST', '/1.0/log-targets/siem/dead-letters/replay', { [canary]: 1 }],
    ['PUT', '/1.0/system/settings', `{"log_targets": ${canary}`],
  ] as const) {
    texts.push((await call(method, path, body)).text);
  }
  await stream.until(() => stream.text().includes('system-settings-modified'));
  const all = [...texts, stream.text()].join('\n');
  expect(all).not.toContain(canary);
  expect(all).not.toContain(signing.slice(6, 30));
  expect(all).toContain('********');
});

it('what a client may not see of events it does not see here either', async () => {
  const { call } = await startConsole({ authorize: () => ({ ...operator, types: ['lifecycle'] }) });
  expect(
    (await call('GET', '/1.0/events?type=logging', undefined, { accept: 'text/event-stream' })).status,
  ).toBe(403);
});

describe('an attempt on the settings that is refused is reported', () => {
  it('with who made it, as far as that is known', async () => {
    const authorize = ({ headers: { authorization } }: IncomingMessage) => {
      if (authorization === undefined) throw new Error('who are you?');
      return authorization === 'admin' ? operator : authorization === 'guest' && { ...operator, allow: [] };
    };
    const targets = [quickTarget('http://127.0.0.1:9/', { password: canary })];
    const { call, transport } = await startConsole({ targets, authorize });
    const [refused, told]: [unknown[], string[]] = [[], []];
    transport.on('report', (report) => {
      told.push(JSON.stringify(report));
      if (report.type === 'settingsRefused') refused.push([report.method, report.status, report.client]);
    });
    const [siem, settings] = ['/1.0/log-targets/siem', '/1.0/system/settings'];
    const as = (authorization: string) => ({ authorization });
    await call('PUT', settings, {});
    await call('DELETE', siem, undefined, as('nobody'));
    await call('PATCH', siem, {}, as('guest'));
    await call('POST', '/1.0/log-targets', {}, { ...as('admin'), 'sec-fetch-site': 'cross-site' });
    await call('PATCH', settings, { log_level: 'loud' }, as('admin'));
    await call('PUT', settings, {}, { ...as('admin'), 'if-match': '"x"' });
    // Whoever tries a stored secret at another server.
    const moved = quickTarget('http://127.0.0.1:10/', { password: '********' });
    await call('POST', '/1.0/log-targets/check', moved, as('admin'));
    // None of these is an attempt to change anything.
    await call('GET', settings);
    await call('GET', siem, undefined, as('nobody'));
    await call('POST', `${siem}/ping`, undefined, as('guest'));
    await call('PUT', settings, { log_targets: targets }, as('admin'));
    const [somebody, admin] = ['127.0.0.1', 'tls/a57be4e2 (10.0.0.101)'];
    expect(refused).toEqual([
      ['PUT', 401, somebody],
      ['DELETE', 403, somebody],
      ['PATCH', 403, admin],
      ['POST', 403, somebody],
      ['PATCH', 400, admin],
      ['PUT', 412, admin],
      ['POST', 400, admin],
    ]);
    expect(told.join()).not.toContain(canary);
  });
});
