/** The operations API over real HTTP: what it answers, to whom, and what becomes of it. */

import type http from 'node:http';
import connect from 'connect';
import express from 'express';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createConsole } from '../../src/console/index.js';
import { EventTransport } from '../../src/index.js';
import { listenToEvents, operator, startConsole } from '../helpers/console.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { quickTarget, statusOf } from '../helpers/transport.js';

const canary = 'c4nary-s3cret';

/** A target with a secret in every place that can hold one. */
function secretive(address: string, settings: object = {}) {
  const key = `whsec_${Buffer.from(`${canary}-0123456789abcdef`).toString('base64')}`;
  return quickTarget(address, { username: 'svc', password: canary, signing_secrets: [key], ...settings });
}

describe('GET /1.0', () => {
  it('tells what the client may do', async () => {
    const { call } = await startConsole({ authorize: () => ({ ...operator, allow: ['read', 'ping'] }) });
    const { metadata } = await call('GET', '/1.0');
    expect(metadata).toMatchObject({ auth: 'trusted', auth_user_name: 'a57be4e2', allow: ['read', 'ping'] });
  });

  it('answers those who are nobody, too: they may do nothing', async () => {
    const { call } = await startConsole({ authorize: () => undefined });
    const { status, metadata } = await call('GET', '/1.0');
    expect({ status, auth: metadata.auth, allow: metadata.allow }).toEqual({
      status: 200,
      auth: 'untrusted',
      allow: [],
    });
  });

  it('is for those who may read, of those who are somebody', async () => {
    const { call } = await startConsole({ authorize: () => ({ ...operator, allow: ['ping'] }) });
    expect((await call('GET', '/1.0')).status).toBe(403);
  });

  it('offers nobody to change settings that there are not', async () => {
    const { call } = await startConsole({ isStoreless: true });
    expect((await call('GET', '/1.0')).metadata.allow).toEqual(['read', 'ping', 'replay']);
    expect((await call('GET', '/1.0/system/settings')).status).toBe(404);
    expect((await call('POST', '/1.0/log-targets', {})).status).toBe(405);
  });
});

describe('the location of the member', () => {
  const targets = [quickTarget('http://127.0.0.1:9/')];

  it('stands beside each of its statuses, and is told to whoever may read', async () => {
    const { call } = await startConsole({ targets, transportOptions: { location: 'member-1' } });
    expect((await call('GET', '/1.0')).metadata.location).toBe('member-1');
    expect((await call('GET', '/1.0/log-targets')).metadata).toMatchObject([
      { name: 'siem', location: 'member-1' },
    ]);
    expect((await call('GET', '/1.0/log-targets/siem')).metadata.location).toBe('member-1');
  });

  it('is nowhere where it has none, and not for those who may not read', async () => {
    const { call } = await startConsole({ targets });
    expect((await call('GET', '/1.0')).metadata).not.toHaveProperty('location');
    expect((await call('GET', '/1.0/log-targets')).metadata[0]).not.toHaveProperty('location');
    const other = await startConsole({
      transportOptions: { location: 'member-1' },
      authorize: () => undefined,
    });
    expect((await other.call('GET', '/1.0')).text).not.toContain('member-1');
  });
});

describe('statuses', () => {
  it('lists what status() tells, in snake_case', async () => {
    const receiver = await startReceiver(503);
    const { call, logger, transport } = await startConsole({
      targets: [quickTarget(receiver.address, { retry_timeout: '1h' })],
    });
    logger.info('one');
    await eventually(() => expect(statusOf(transport).nextAttemptAt).toBeDefined());
    const { status, metadata } = await call('GET', '/1.0/log-targets');
    const { lastError, nextAttemptAt, oldestPendingAt } = statusOf(transport);
    expect(status).toBe(200);
    expect(metadata).toEqual([
      expect.objectContaining({
        name: 'siem',
        state: 'retrying',
        accepted: 1,
        pending: { events: 1, bytes: expect.any(Number) },
        attempts: 1,
        next_attempt_at: nextAttemptAt,
        oldest_pending_at: oldestPendingAt,
        last_error: lastError,
      }),
    ]);
    expect(metadata[0]).not.toHaveProperty('nextAttemptAt');
  });

  it('has the last five minutes with them when asked', async () => {
    const { call } = await startConsole({ targets: [quickTarget('http://127.0.0.1:9/')] });
    const { metadata } = await call('GET', '/1.0/log-targets?history=true');
    expect(metadata[0].history).toMatchObject({ accepted: [0], delivered: [0], lost: [0], pending: [0] });
    expect((await call('GET', '/1.0/log-targets')).metadata[0]).not.toHaveProperty('history');
  });

  it('shows one target with its complete settings, masked, and its attempts', async () => {
    const receiver = await startReceiver();
    const { call, logger, transport } = await startConsole({ targets: [secretive(receiver.address)] });
    logger.info('one');
    await transport.flush();
    const { metadata, headers, text } = await call('GET', '/1.0/log-targets/siem');
    expect(metadata).toMatchObject({
      name: 'siem',
      delivered: 1,
      attempts_total: 1,
      settings: { name: 'siem', password: '********', retry_count: 3, batch_bytes: 2 ** 20, enabled: true },
      attempts: [
        { status: 200, events: 1, bytes: expect.any(Number), webhook_id: expect.stringMatching(/^msg_/) },
      ],
    });
    expect(metadata.attempts[0]).not.toHaveProperty('code');
    expect(new Date(metadata.attempts[0].at).getTime()).toBeLessThanOrEqual(Date.now());
    expect(headers.etag).toBe((await call('GET', '/1.0/system/settings')).headers.etag);
    expect(text).not.toContain(canary);
  });

  it('keeps the last fifty attempts, the newest first, pings not among them', async () => {
    const receiver = await startReceiver((_, response, index) =>
      response.writeHead(index === 59 ? 202 : 200).end(),
    );
    const { call, logger, transport } = await startConsole({
      targets: [quickTarget(receiver.address, { body_format: 'single', batch_wait: '0s' })],
    });
    for (let index = 0; index < 60; index++) logger.info(`record ${index}`);
    await transport.flush();
    await transport.ping('siem');
    const { metadata } = await call('GET', '/1.0/log-targets/siem');
    expect(metadata.attempts_total).toBe(60);
    expect(metadata.attempts).toHaveLength(50);
    expect(metadata.attempts.map(({ webhook_id }: { webhook_id: string }) => webhook_id)).toEqual(
      receiver.requests
        .slice(10, 60)
        .reverse()
        .map(({ headers }) => headers['webhook-id']),
    );
    expect(metadata.attempts[0].status).toBe(202);
  });

  it('says why an attempt failed', async () => {
    const receiver = await startReceiver(401);
    const { call, logger } = await startConsole({
      targets: [quickTarget(receiver.address, { retry_timeout: '1h' })],
    });
    logger.info('one');
    await eventually(async () => {
      const { metadata } = await call('GET', '/1.0/log-targets/siem');
      expect(metadata.attempts).toEqual([
        expect.objectContaining({ status: 401, code: 'HTTP_401', events: 1 }),
      ]);
    });
  });

  it('knows no target of another name', async () => {
    const { call } = await startConsole({ targets: [quickTarget('http://127.0.0.1:9/')] });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/ping'],
      ['POST', '/retry'],
      ['GET', '/dead-letters'],
      ['POST', '/dead-letters/replay'],
    ] as const) {
      expect(
        (await call(method, `/1.0/log-targets/other${path}`, method === 'POST' ? {} : undefined)).status,
      ).toBe(404);
    }
    expect((await call('GET', '/1.0/log-targets/%zz')).status).toBe(404);
  });
});

describe('acts', () => {
  it('pings a target and tells how it went', async () => {
    const receiver = await startReceiver();
    const { call } = await startConsole({ targets: [quickTarget(receiver.address)] });
    expect((await call('POST', '/1.0/log-targets/siem/ping')).metadata).toMatchObject({
      ok: true,
      status: 200,
      ms: expect.any(Number),
    });
    receiver.answer = 401;
    expect((await call('POST', '/1.0/log-targets/siem/ping')).metadata).toMatchObject({
      ok: false,
      status: 401,
      error: { code: 'HTTP_401', message: expect.any(String) },
    });
    expect(receiver.requests.every(({ headers }) => String(headers['webhook-id']).startsWith('ping_'))).toBe(
      true,
    );
  });

  it('retries a target that is down at once, whatever Retry-After said', async () => {
    const receiver = await startReceiver((_, response) =>
      response.writeHead(503, { 'retry-after': '3600' }).end(),
    );
    const { call, logger, transport, report } = await startConsole({
      targets: [quickTarget(receiver.address, { retry_timeout: '1h', retry_count: 1 })],
    });
    logger.info('one');
    await report('targetDown');
    receiver.answer = 200;
    expect((await call('POST', '/1.0/log-targets/siem/retry')).metadata).toEqual({});
    await report('targetUp');
    expect(statusOf(transport)).toMatchObject({ state: 'idle', delivered: 1 });
  });

  it('cuts the pause within a round short, too', async () => {
    const receiver = await startReceiver(503);
    const { call, logger, transport, report } = await startConsole({
      targets: [quickTarget(receiver.address, { retry_timeout: '1h' })],
    });
    logger.info('one');
    await report('batchRetried');
    receiver.answer = 200;
    await call('POST', '/1.0/log-targets/siem/retry');
    await report('batchDelivered');
    expect(statusOf(transport)).toMatchObject({ delivered: 1, attempts: 2 });
  });

  it('leaves a target that answered 410 alone', async () => {
    const receiver = await startReceiver(410);
    const { call, logger, transport, report } = await startConsole({
      targets: [quickTarget(receiver.address)],
    });
    logger.info('one');
    await report('targetDisabled');
    expect((await call('POST', '/1.0/log-targets/siem/retry')).status).toBe(200);
    expect((await transport.flush({ timeoutMs: 50 })).pending).toBe(1);
    expect(receiver.requests).toHaveLength(1);
    expect(statusOf(transport).state).toBe('disabled');
  });
});

describe('who may', () => {
  const table = [
    ['GET', '/1.0/log-targets', 'read'],
    ['GET', '/1.0/log-targets/siem', 'read'],
    ['GET', '/1.0/system/settings', 'read'],
    ['GET', '/1.0/metrics', 'read'],
    ['GET', '/1.0/log-targets/siem/dead-letters', 'read'],
    ['POST', '/1.0/log-targets/siem/ping', 'ping'],
    ['POST', '/1.0/log-targets/siem/retry', 'ping'],
    ['POST', '/1.0/log-targets/siem/dead-letters/replay', 'replay'],
    ['DELETE', '/1.0/log-targets/siem/dead-letters', 'replay'],
    ['POST', '/1.0/log-targets', 'settings'],
    ['PATCH', '/1.0/log-targets/siem', 'settings'],
    ['DELETE', '/1.0/log-targets/siem', 'settings'],
    ['POST', '/1.0/log-targets/check', 'settings'],
    ['PUT', '/1.0/system/settings', 'settings'],
    ['PATCH', '/1.0/system/settings', 'settings'],
  ] as const;
  const metrics = { contentType: 'text/plain', metrics: async () => 'up 1\n' };

  it.each(table)('%s %s needs %s', async (method, path, needed) => {
    const others = operator.allow.filter((each) => each !== needed);
    const { call, store } = await startConsole({
      metrics,
      targets: [quickTarget('http://127.0.0.1:9/')],
      authorize: () => ({ ...operator, allow: others }),
    });
    const before = store.current;
    const { status, body } = await call(method, path, method === 'GET' ? undefined : {});
    expect({ status, error: body.error_code }).toEqual({ status: 403, error: 403 });
    expect(store.current).toBe(before);
  });

  it('is asked for each of them: 401 when authorize throws, with a challenge where one is given', async () => {
    const { call } = await startConsole({
      challenge: 'Basic realm="logs"',
      authorize: () => {
        throw new Error('who?');
      },
    });
    const { status, headers, body } = await call('GET', '/1.0/log-targets');
    expect({ status, challenge: headers['www-authenticate'], code: body.error_code }).toEqual({
      status: 401,
      challenge: 'Basic realm="logs"',
      code: 401,
    });
    expect((await call('GET', '/1.0/nowhere')).status).toBe(401);
  });

  it('may look and no more when `authorize` says nothing else', async () => {
    const { call } = await startConsole({
      targets: [quickTarget('http://127.0.0.1:9/')],
      authorize: () => 'tls/a57be4e2 (10.0.0.101)',
    });
    expect((await call('GET', '/1.0')).metadata.allow).toEqual(['read']);
    expect((await call('GET', '/1.0/log-targets')).status).toBe(200);
    expect((await call('POST', '/1.0/log-targets/siem/ping')).status).toBe(403);
  });

  it('is refused when a browser asks for another site, whatever authorize says', async () => {
    const { call, origin } = await startConsole();
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
    ]) {
      expect((await call('GET', '/1.0/log-targets', undefined, headers)).status).toBe(403);
      expect(
        (await call('GET', '/1.0/events', undefined, { ...headers, accept: 'text/event-stream' })).status,
      ).toBe(403);
    }
    expect(
      (await call('GET', '/1.0/log-targets', undefined, { 'sec-fetch-site': 'same-origin', origin })).status,
    ).toBe(200);
  });

  it('is told when `authorize` returns an allowance that there is not', async () => {
    const { call } = await startConsole({
      authorize: () => ({ ...operator, allow: ['everything'] as never }),
    });
    expect((await call('GET', '/1.0/log-targets')).status).toBe(500);
  });

  it('is told which methods a resource has', async () => {
    const { call } = await startConsole();
    const { status, headers } = await call('PUT', '/1.0/log-targets');
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD, POST' });
  });
});

describe('server-sent events', () => {
  it('are the events of the stream, for those who ask so', async () => {
    const { origin, transport, logger } = await startConsole();
    const stream = await listenToEvents(origin);
    expect(stream.response.headers['content-type']).toBe('text/event-stream');
    logger.info('one\ntwo');
    await transport.lifecycle('instance-started', { entities: '/1.0/instances/c1' });
    await stream.until(() => stream.events().length === 2);
    expect(stream.events()).toMatchObject([
      { type: 'logging', metadata: { message: 'one\ntwo', level: 'info' } },
      { type: 'lifecycle', metadata: { action: 'instance-started', source: '/1.0/instances/c1' } },
    ]);
  });

  it('are of the types that are asked for, and those that a client may see', async () => {
    const { origin, call, transport, logger } = await startConsole({
      authorize: () => ({ ...operator, types: ['lifecycle', 'operation'] }),
    });
    expect(
      (await call('GET', '/1.0/events?type=logging', undefined, { accept: 'text/event-stream' })).status,
    ).toBe(403);
    const stream = await listenToEvents(origin, '?type=lifecycle');
    logger.info('not this');
    await transport.lifecycle('this');
    await stream.until(() => stream.events().length === 1);
    expect(stream.events()[0].metadata.action).toBe('this');
  });

  it('end with the console, after what is left', async () => {
    const { console: own, origin, transport, reports } = await startConsole();
    const stream = await listenToEvents(origin);
    await transport.lifecycle('last');
    own.close();
    await stream.ended;
    expect(stream.events()).toHaveLength(1);
    await eventually(() => expect(reports.map(({ type }) => type)).toContain('listenerLeft'));
    expect((await fetch(`${origin}/1.0/events`, { headers: { accept: 'text/event-stream' } })).status).toBe(
      503,
    );
  });

  it('are not for those who may not read', async () => {
    const { call } = await startConsole({ authorize: () => ({ ...operator, allow: ['ping'] }) });
    expect((await call('GET', '/1.0/events', undefined, { accept: 'text/event-stream' })).status).toBe(403);
  });
});

describe('mounting', () => {
  it('works below a path, which requests name in full', async () => {
    const { call } = await startConsole({ path: '/ops/logs/' });
    expect((await call('GET', '/ops/logs/1.0')).status).toBe(200);
    expect((await call('GET', '/1.0')).status).toBe(404);
    expect((await call('GET', '/ops/logs/ui')).headers.location).toBe('/ops/logs/ui/');
  });

  it.each([
    ['Express', (handle: never) => express().use('/ops', handle)],
    ['Connect', (handle: never) => connect().use('/ops', handle)],
  ])('works in %s below a path, and hands on what is for others', async (_, mount) => {
    const { call } = await startConsole({
      listener: (own) => {
        const app = mount(own.handle as never) as express.Express;
        app.use(
          '/' as never,
          ((_request: unknown, response: http.ServerResponse) => response.end('others')) as never,
        );
        return app;
      },
    });
    expect((await call('GET', '/ops/1.0')).metadata.auth).toBe('trusted');
    expect((await call('GET', '/ops/else')).text).toBe('others');
    expect((await call('GET', '/')).text).toBe('others');
  });

  it('answers 404 to what is nobody’s', async () => {
    const { call } = await startConsole();
    expect((await call('GET', '/favicon.ico')).status).toBe(404);
    expect((await call('GET', '/')).metadata).toEqual(['/1.0']);
  });

  it('refuses options that are wrong, by name', () => {
    const transport = new EventTransport();
    const authorize = () => operator;
    const wrong = (options: object) => () => createConsole({ transport, authorize, ...options } as never);
    expect(wrong({ transport: {} })).toThrow(/`transport`/);
    expect(wrong({ authorize: 'me' })).toThrow(/`authorize`/);
    expect(wrong({ path: 'ops' })).toThrow(/`path`/);
    expect(wrong({ store: {} })).toThrow(/`store`/);
    expect(wrong({ metrics: 'yes' })).toThrow(/`metrics`/);
    expect(wrong({ challenge: 'a\nb' })).toThrow(/`challenge`/);
    expect(wrong({ bodyTimeoutMs: 0 })).toThrow(/`bodyTimeoutMs`/);
    expect(wrong({ authorise: authorize })).toThrow(/`authorise`/);
    expect(wrong({ hosts: 'a' })).toThrow('Expected `hosts` to be a list of host names, got `a`');
    expect(wrong({ store: { change() {} } })).toThrow('of its shape, got an object');
    transport.destroy();
  });

  it('leaves no timer behind when an option is wrong', () => {
    const transport = new EventTransport();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(() => createConsole({ transport, authorize: () => operator, maxListeners: 0 })).toThrow(TypeError);
    expect(vi.getTimerCount()).toBe(0);
    transport.destroy();
  });

  it('has metrics where a registry is given', async () => {
    const metrics = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'log_targets_info 1\n' };
    const { call } = await startConsole({ metrics });
    const { status, headers, text } = await call('GET', '/1.0/metrics');
    expect({ status, type: headers['content-type'], text }).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4',
      text: 'log_targets_info 1\n',
    });
    expect((await (await startConsole()).call('GET', '/1.0/metrics')).status).toBe(404);
  });
});

describe('who is let in', () => {
  it('is asked for under the names of this server only', async () => {
    const { call } = await startConsole({ hosts: ['logs.example.com'] });
    expect((await call('GET', '/1.0/log-targets')).status).toBe(403);
    const host = 'logs.example.com';
    expect((await call('GET', '/1.0/log-targets', undefined, { host })).status).toBe(200);
  });

  it('is not waited for longer than `authorizeTimeoutMs`', async () => {
    const { call } = await startConsole({ authorize: () => new Promise(() => {}), authorizeTimeoutMs: 50 });
    expect((await call('GET', '/1.0/log-targets')).status).toBe(503);
  });

  it('can be sent away, and is one of at most `maxListeners`', async () => {
    const { console, origin } = await startConsole({ maxListeners: 1 });
    const listener = await listenToEvents(origin);
    const second = await fetch(`${origin}/1.0/events`, { headers: { accept: 'text/event-stream' } });
    expect(second.status).toBe(503);
    expect(console.disconnect(({ username }) => username === 'nobody')).toBe(0);
    expect(console.disconnect(({ username }) => username === operator.username)).toBe(1);
    await expect.poll(() => listener.response.destroyed || listener.response.complete).toBe(true);
  });
});
