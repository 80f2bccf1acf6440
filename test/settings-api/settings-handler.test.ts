/** The settings API over real HTTP, on bare node:http, Express and Connect. */

import { once } from 'node:events';
import { renameSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import connect from 'connect';
import express from 'express';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import {
  createSettingsHandler,
  EventTransport,
  type SettingsHandlerOptions,
  SettingsStore,
} from '../../src/index.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { listen, openSettings } from '../helpers/settings-api.js';

const PATH = '/1.0/system/settings';
const requestor = { protocol: 'tls', username: 'a57be4e2', address: '127.0.0.1' };
const target = {
  name: 'siem',
  address: 'https://siem.example.com/1.0/log',
  username: 'svc',
  password: 's3cret',
};
/** As Migration Manager's clients know a target. */
const shownTarget = {
  name: 'siem',
  type: 'webhook',
  level: 'WARN',
  address: target.address,
  username: 'svc',
  password: '********',
  ca_cert: '',
  retry_count: 3,
  retry_timeout: '10s',
  scopes: ['lifecycle', 'logging'],
  lifecycle_actions: [],
};

async function startApi(
  options: Partial<SettingsHandlerOptions> = {},
  settings: object = { log_targets: [target] },
) {
  const { store, file } = await openSettings(settings);
  const handler = createSettingsHandler({ store, authorize: () => requestor, ...options });
  const url = await listen(handler);
  return { store, handler, url: `${url}${PATH}`, origin: url, file };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly body: any;
}

async function call(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method, headers, ...(text !== undefined && { body: text }) });
  const answer = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: answer === '' ? undefined : JSON.parse(answer),
  };
}

describe('GET', () => {
  it('answers in the envelope, with secrets masked and our keys left out where they have their default', async () => {
    const { url } = await startApi();
    const { status, headers, body } = await call(url);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(body).toEqual({
      type: 'sync',
      status: 'Success',
      status_code: 200,
      operation: '',
      error_code: 0,
      error: '',
      metadata: {
        sync_interval: '10m0s',
        disable_auto_sync: false,
        log_level: 'WARN',
        log_targets: [shownTarget],
      },
    });
  });

  it('has an ETag that changes with every change, of secrets too', async () => {
    const { url, store } = await startApi();
    const tags = new Set([(await call(url)).headers.get('etag'), (await call(url)).headers.get('etag')]);
    expect(tags.size).toBe(1);
    await store.replace({ log_targets: [{ ...target, password: 'other' }] });
    tags.add((await call(url)).headers.get('etag'));
    expect(tags.size).toBe(2);
    expect([...tags].every((tag) => /^"[\w-]+"$/.test(tag ?? ''))).toBe(true);
  });

  it('shows what of ours was set', async () => {
    const signing_secrets = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`);
    const { url } = await startApi(
      {},
      {
        log_targets: [
          { ...target, username: '', password: '', bearer_token: 't', batch_size: 5, signing_secrets },
        ],
      },
    );
    const [shown] = (await call(url)).body.metadata.log_targets;
    expect(shown).toEqual({
      ...shownTarget,
      username: '',
      password: '',
      bearer_token: '********',
      batch_size: 5,
      signing_secrets: ['********', '********'],
    });
  });

  it('HEAD has no body', async () => {
    const { url } = await startApi();
    expect(await call(url, 'HEAD')).toMatchObject({ status: 200, body: undefined });
  });
});

describe('PUT', () => {
  it('replaces all, and answers in the envelope without metadata', async () => {
    const { url, store } = await startApi();
    const { status, body } = await call(url, 'PUT', { log_level: 'debug', log_targets: null });
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'sync', error_code: 0, error: '', metadata: {} });
    expect(store.current).toMatchObject({ log_level: 'DEBUG', log_targets: [], sync_interval: '10m0s' });
  });

  it("takes what Migration Manager's web interface sends: pretty JSON as text/plain, masks as read, empty fields", async () => {
    const { url, store } = await startApi();
    const { metadata } = (await call(url)).body;
    const edited = {
      ...metadata,
      log_targets: [
        ...metadata.log_targets,
        {
          name: 'new',
          type: 'webhook',
          level: 'INFO',
          address: 'https://new.example.com',
          username: '',
          password: '',
          ca_cert: '',
          retry_count: 0,
          scopes: [],
        },
      ],
    };
    const answer = await call(url, 'PUT', JSON.stringify(edited, null, 2), {
      'content-type': 'text/plain;charset=UTF-8',
    });
    expect(answer.body).toMatchObject({ error_code: 0 });
    expect(store.current.log_targets).toMatchObject([
      target,
      { name: 'new', retry_count: 3, retry_timeout: '10s' },
    ]);
  });

  it("takes what Migration Manager's command line sends: every field, empty ones as zero values", async () => {
    const { url, store } = await startApi();
    const answer = await call(url, 'PUT', {
      sync_interval: '0s',
      disable_auto_sync: false,
      log_level: '',
      log_targets: [
        {
          name: 'a',
          type: '',
          level: '',
          address: 'http://a',
          username: '',
          password: '',
          ca_cert: '',
          retry_count: 0,
          retry_timeout: '0s',
          scopes: null,
        },
      ],
    });
    expect(answer.body).toMatchObject({ error_code: 0 });
    expect(store.current).toMatchObject({
      sync_interval: '10m0s',
      log_level: 'WARN',
      log_targets: [{ name: 'a', retry_count: 3 }],
    });
  });

  it('tells all problems in one line of plain text, each with its path', async () => {
    const { url, store } = await startApi();
    const before = store.current;
    const wrong = {
      log_level: 'LOUD',
      log_targets: [{ name: '<b>', address: 'x', retry_count: '3' }],
      extra: 1,
    };
    const { status, body } = await call(url, 'PUT', wrong);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: 'error',
      status: '',
      status_code: 0,
      operation: '',
      error_code: 400,
      metadata: null,
    });
    for (const path of [
      'log_level',
      'log_targets[0].name',
      'log_targets[0].address',
      'log_targets[0].retry_count',
      'extra',
    ]) {
      expect(body.error).toContain(`${path}: `);
    }
    expect(body.error).not.toMatch(/[\n<]/);
    expect(store.current).toBe(before);
  });

  it('that cannot be saved answers 500 and changes nothing', async () => {
    const { url, store, file } = await startApi();
    const directory = join(file, '..');
    renameSync(directory, `${directory}-away`);
    const { status, body } = await call(url, 'PUT', {});
    renameSync(`${directory}-away`, directory);
    expect(status).toBe(500);
    expect(body).toMatchObject({ error_code: 500, error: expect.stringContaining('ENOENT') });
    expect(store.current.log_targets).toHaveLength(1);
  });
});

describe('PATCH', () => {
  it('changes the given keys only; null means the default', async () => {
    const { url, store } = await startApi(
      {},
      { log_level: 'DEBUG', sync_interval: '5m', log_targets: [target] },
    );
    expect((await call(url, 'PATCH', { sync_interval: null, disable_auto_sync: true })).status).toBe(200);
    expect(store.current).toMatchObject({
      log_level: 'DEBUG',
      sync_interval: '10m0s',
      disable_auto_sync: true,
      log_targets: [target],
    });
  });

  it.each(['[]', '"text"', '5', 'null'])('of %s is refused', async (patch) => {
    const { url, store } = await startApi();
    expect((await call(url, 'PATCH', patch)).status).toBe(400);
    expect(store.current.log_targets).toHaveLength(1);
  });

  it('sent many times at once loses none', async () => {
    const { url, store } = await startApi({}, {});
    const patches = [
      { log_level: 'ERROR' },
      { sync_interval: '7m' },
      { disable_auto_sync: true },
      { log_targets: [target] },
    ];
    await Promise.all(patches.map((patch) => call(url, 'PATCH', patch)));
    expect(store.current).toMatchObject({
      log_level: 'ERROR',
      sync_interval: '7m0s',
      disable_auto_sync: true,
      log_targets: [target],
    });
  });
});

describe('a mask written back', () => {
  const secrets = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`);
  const stored = { ...target, signing_secrets: secrets };
  const masked = { ...target, password: '********', signing_secrets: ['********', '********'] };

  it('keeps the stored secret', async () => {
    const { url, store } = await startApi({}, { log_targets: [stored] });
    expect((await call(url, 'PUT', { log_targets: [{ ...masked, level: 'ERROR' }] })).status).toBe(200);
    expect(store.current.log_targets[0]).toMatchObject({ ...stored, level: 'ERROR' });
  });

  it('keeps a signing secret at its place, beside a new one', async () => {
    const { url, store } = await startApi({}, { log_targets: [stored] });
    const added = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    await call(url, 'PUT', { log_targets: [{ ...masked, signing_secrets: [added, '********'] }] });
    expect(store.current.log_targets[0]?.signing_secrets).toEqual([added, secrets[1]]);
    const { status, body } = await call(url, 'PUT', {
      log_targets: [{ ...masked, signing_secrets: ['********', '********', '********'] }],
    });
    expect(status).toBe(400);
    expect(body.error).toContain('log_targets[0].signing_secrets[2]');
  });

  it.each([
    ['another path', 'https://siem.example.com/other'],
    ['the default port', 'https://siem.example.com:443/1.0/log'],
    ['another letter case', 'HTTPS://SIEM.example.com/1.0/log'],
  ])('keeps it with %s of the same server', async (_what, address) => {
    const { url, store } = await startApi({}, { log_targets: [stored] });
    expect((await call(url, 'PUT', { log_targets: [{ ...masked, address }] })).status).toBe(200);
    expect(store.current.log_targets[0]).toMatchObject({ address, password: 's3cret' });
  });

  it.each([
    ['another host', 'https://evil.example.com/1.0/log'],
    ['a host below it', 'https://siem.example.com.evil.example/1.0/log'],
    ['the host with a trailing dot', 'https://siem.example.com./1.0/log'],
    ['another port', 'https://siem.example.com:8443/1.0/log'],
    ['another scheme', 'http://siem.example.com/1.0/log'],
    ['userinfo before another host', 'https://siem.example.com@evil.example.com/1.0/log'],
    ['no address', undefined],
  ])('is refused with %s', async (_what, address) => {
    const { url, store } = await startApi({}, { log_targets: [stored] });
    const { status, body } = await call(url, 'PUT', { log_targets: [{ ...masked, address }] });
    expect(status).toBe(400);
    expect(body.error).toContain('log_targets[0].password');
    expect(body.error).toContain('log_targets[0].signing_secrets[1]');
    expect(store.current.log_targets[0]).toMatchObject(stored);
  });

  it('is refused where nothing is stored, together with all else that is wrong', async () => {
    const { url } = await startApi({}, { log_targets: [{ ...target, password: '' }] });
    const { status, body } = await call(url, 'PUT', {
      log_targets: [
        { ...target, password: '********' },
        { name: 'other', address: target.address, bearer_token: '********', retry_count: -1 },
      ],
    });
    expect(status).toBe(400);
    for (const path of [
      'log_targets[0].password',
      'log_targets[1].bearer_token',
      'log_targets[1].retry_count',
    ])
      expect(body.error).toContain(path);
  });
});

describe('If-Match', () => {
  it('lets a change pass only on what was read', async () => {
    const { url } = await startApi();
    const etag = (await call(url)).headers.get('etag') ?? '';
    const first = await call(url, 'PATCH', { log_level: 'DEBUG' }, { 'if-match': `"other", ${etag}` });
    expect(first.status).toBe(200);
    const second = await call(url, 'PATCH', { log_level: 'ERROR' }, { 'if-match': etag });
    expect(second).toMatchObject({ status: 412, body: { error_code: 412, type: 'error' } });
    const third = await call(
      url,
      'PATCH',
      { log_level: 'ERROR' },
      { 'if-match': first.headers.get('etag') ?? '' },
    );
    expect(third.status).toBe(200);
    expect((await call(url, 'PATCH', {}, { 'if-match': '*' })).status).toBe(200);
  });

  it('lets one of many through', async () => {
    const { url } = await startApi();
    const etag = (await call(url)).headers.get('etag') ?? '';
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        call(url, 'PATCH', { sync_interval: `${index + 2}m` }, { 'if-match': etag }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });
});

describe('authorize', () => {
  it.each<[string, SettingsHandlerOptions['authorize'], number]>([
    [
      'throws',
      () => {
        throw new Error('s3cret');
      },
      401,
    ],
    ['rejects', () => Promise.reject(new Error('s3cret')), 401],
    ['returns nothing', () => undefined, 403],
    ['returns false', () => false, 403],
    ['returns text that is no requestor', () => 'nobody', 500],
    ['resolves to null', async () => null, 403],
    ['returns a requestor as text', () => 'tls/a57be4e2 (127.0.0.1)', 200],
    ['resolves to a requestor', async () => requestor, 200],
    ['returns something else', () => ({ name: 'x' }) as never, 500],
  ])('that %s', async (_what, authorize, status) => {
    const { url, store } = await startApi({ authorize });
    for (const method of ['GET', 'PUT']) {
      const answer = await call(url, method, method === 'PUT' ? { log_targets: [] } : undefined);
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).not.toContain('s3cret');
      if (status !== 200)
        expect(answer.body).toMatchObject({ type: 'error', error_code: status, metadata: null });
    }
    expect(store.current.log_targets).toHaveLength(status === 200 ? 0 : 1);
  });

  it('is required', async () => {
    const { store } = await startApi();
    expect(() => createSettingsHandler({ store } as never)).toThrow(TypeError);
  });

  it.each([
    [{}, 'an object'],
    [{ report() {} }, 'an object'],
    ['siem', '`siem`'],
  ])('takes no transport that could not record its changes: %j', async (transport, shown) => {
    const { store } = await startApi();
    expect(() => createSettingsHandler({ store, transport, authorize: () => 'tls/a (b)' } as never)).toThrow(
      new TypeError(`Expected \`transport\` to be an EventTransport, got ${shown}`),
    );
  });

  it.each([undefined, {}, { current: {}, change() {} }])('is of no use without a store: %j', (store) => {
    const handler = () => createSettingsHandler({ store, authorize: () => 'tls/a (b)' } as never);
    expect(handler).toThrow(TypeError);
    expect(handler).toThrow('`store`');
  });

  it.each([
    ['bodyTimeoutMs', Number.NaN, '`NaN`'],
    ['bodyTimeoutMs', 0, '`0`'],
    ['authorizeTimeoutMs', '10s', '`10s`'],
  ])('is not waited for with %s: %s', async (option, value, got) => {
    const { store } = await startApi();
    const handler = () => createSettingsHandler({ store, authorize: () => requestor, [option]: value });
    expect(handler).toThrow(new TypeError(`Expected \`${option}\` to be a number >= 1, got ${got}`));
  });
});

describe('a hostile client', () => {
  it.each(['POST', 'DELETE', 'OPTIONS'])('with method %s gets 405 and what is allowed', async (method) => {
    const { url } = await startApi();
    const { status, headers } = await call(url, method);
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, PATCH, PUT']);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"log_level":'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['deep nesting in a key', `{"log_targets":${'[{"headers":'.repeat(20_000)}1${'}]'.repeat(20_000)}}`],
    ['a prototype', '{"__proto__":{"log_level":"DEBUG"}}'],
    [
      'a prototype in a target',
      '{"log_targets":[{"name":"a","address":"http://a","__proto__":{"password":"x"}}]}',
    ],
    [
      'a prototype among headers',
      '{"log_targets":[{"name":"a","address":"http://a","headers":{"__proto__":"x"}}]}',
    ],
    ['a constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
    ['text', '"log_level"'],
    ['a list', '[{"log_level":"DEBUG"}]'],
  ])('that sends %s gets 400', async (_what, body) => {
    const { url, store } = await startApi();
    const before = store.current;
    const answer = await call(url, 'PUT', body);
    expect(answer).toMatchObject({ status: 400, body: { type: 'error', error_code: 400 } });
    expect(answer.body.error.length).toBeLessThan(20_000);
    expect(store.current).toBe(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('may send a byte order mark, and a key twice: the last one counts', async () => {
    const { url, store } = await startApi();
    expect((await call(url, 'PUT', '\uFEFF{"log_level":"ERROR","log_level":"DEBUG"}')).status).toBe(200);
    expect(store.current.log_level).toBe('DEBUG');
  });

  it('that sends 10 MB gets 413, announced or not', async () => {
    const { url } = await startApi();
    // Nobody's time is up, however slow the machine.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(await call(url, 'PUT', ' '.repeat(10_000_000))).toMatchObject({
      status: 413,
      body: { error_code: 413 },
    });
    const chunks = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 100; count++) controller.enqueue(Buffer.alloc(100_000, ' '));
        controller.close();
      },
    });
    const answer = await fetch(url, { method: 'PUT', body: chunks, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
  });

  it('that sends slowly is cut off', async () => {
    const { url, origin } = await startApi({ bodyTimeoutMs: 100 });
    const socket = net.connect(Number(new URL(origin).port), '127.0.0.1');
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.write(`PUT ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`);
    const timer = setInterval(() => socket.write(' '), 20);
    await once(socket, 'close');
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect((await call(url)).status).toBe(200);
  });

  it('may take its time where there is no end to it, and so may who asks', async () => {
    const { origin } = await startApi({
      bodyTimeoutMs: Number.POSITIVE_INFINITY,
      authorizeTimeoutMs: Number.POSITIVE_INFINITY,
      authorize: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        setTimeout(() => sent.end('{}'), 20);
        return requestor;
      },
    });
    const sent = http.request(`${origin}${PATH}`, { method: 'PATCH' });
    sent.write(' ');
    const [answer] = (await once(sent, 'response')) as [http.IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    ['GET', 200],
    ['DELETE', 405],
    ['PUT', 401],
  ])('that never ends a body nobody reads is cut off: %s', async (method, status) => {
    const { origin } = await startApi({
      authorize: () => {
        if (status === 401) throw new Error('no');
        return requestor;
      },
    });
    const socket = net.connect(Number(new URL(origin).port), '127.0.0.1');
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.write(`${method} ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`);
    await once(socket, 'close');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('that sends text which is not UTF-8 gets 400', async () => {
    const { url } = await startApi();
    const body = Buffer.from(
      '{"log_targets":[{"name":"a","address":"http://a","password":"p\xe9"}]}',
      'latin1',
    );
    expect((await fetch(url, { method: 'PUT', body })).status).toBe(400);
  });

  it('that goes away in the middle harms nobody', async () => {
    const { url, origin } = await startApi();
    const socket = net.connect(Number(new URL(origin).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`PUT ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`);
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await call(url)).status).toBe(200);
  });

  it('gets no secret in an error', async () => {
    const { url } = await startApi();
    const canary = 'c4n4ry';
    const bodies = [
      `{"password":"${canary}" oops}`,
      {
        log_targets: [
          { ...target, password: [canary], bearer_token: canary, address: `http://u:${canary}@x` },
        ],
      },
      { log_targets: [{ ...target, pasword: canary, client_key: canary, signing_secrets: canary }] },
    ];
    for (const body of bodies) {
      const answer = await call(url, 'PUT', body);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain(canary);
    }
  });
});

describe('on a framework', () => {
  const update = { log_level: 'DEBUG' };

  it.each<[string, (app: express.Express, handler: ReturnType<typeof createSettingsHandler>) => void]>([
    ['bare', (app, handler) => app.use(handler)],
    ['mounted below its path', (app, handler) => app.use(PATH, handler)],
    ['behind a JSON parser', (app, handler) => app.use(express.json()).use(handler)],
    ['behind a parser of everything', (app, handler) => app.use(express.text({ type: '*/*' })).use(handler)],
    ['behind a parser of bytes', (app, handler) => app.use(express.raw({ type: '*/*' })).use(handler)],
  ])('Express, %s, it works whatever the content type', async (_how, mount) => {
    for (const type of ['application/json', 'text/plain;charset=UTF-8']) {
      const { store, handler } = await startApi();
      const app = express();
      mount(app, handler);
      app.use((_request, response) => void response.status(418).end());
      const origin = await listen(app);
      expect((await call(`${origin}${PATH}?x=1`, 'PATCH', update, { 'content-type': type })).status).toBe(
        200,
      );
      expect(store.current.log_level).toBe('DEBUG');
      expect((await call(`${origin}/other`)).status).toBe(418);
    }
  });

  it('Express, behind a parser of forms, what was sent as a form is refused without being quoted', async () => {
    const { handler } = await startApi();
    const app = express();
    app.use(express.urlencoded()).use(handler);
    const origin = await listen(app);
    const body = '{"log_targets":[{"name":"a","address":"http://a","password":"c4n4ry"}]}';
    const answer = await call(`${origin}${PATH}`, 'PUT', body, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('form') } });
    expect(JSON.stringify(answer.body)).not.toContain('c4n4ry');
  });

  it('Connect it works, and other paths go on', async () => {
    const { store, handler } = await startApi();
    const app = connect();
    app.use(handler);
    app.use((_request: http.IncomingMessage, response: http.ServerResponse) => response.writeHead(418).end());
    const origin = await listen(app);
    expect((await call(`${origin}${PATH}`, 'PATCH', update)).status).toBe(200);
    expect(store.current.log_level).toBe('DEBUG');
    expect((await call(`${origin}${PATH}/x`)).status).toBe(418);
  });

  it('node:http other paths get 404', async () => {
    const { origin } = await startApi();
    expect(await call(`${origin}/1.0`)).toMatchObject({
      status: 404,
      body: { type: 'error', error_code: 404 },
    });
  });
});

it('a change that cannot be recorded is a change all the same', async () => {
  const transport = { lifecycle: () => Promise.reject(new Error('no')) };
  const { url, store } = await startApi({ transport });
  expect((await call(url, 'PATCH', { log_level: 'DEBUG' })).status).toBe(200);
  expect(store.current.log_level).toBe('DEBUG');
});

describe('with a transport', () => {
  it('a change reaches the targets, and is recorded for the new ones with its requestor and masked settings', async () => {
    const receiver = await startReceiver();
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await SettingsStore.open({ file });
    const transport = new EventTransport({ settings: store, shutdownTimeoutMs: 1000 });
    onTestFinished(() => void transport.destroy());
    onTestFinished(() => store.close());
    const logger = winston.createLogger({ transports: [transport] });
    const url = `${await listen(createSettingsHandler({ store, transport, authorize: () => requestor }))}${PATH}`;

    const settings = {
      log_level: 'INFO',
      log_targets: [{ ...target, address: receiver.address, level: 'INFO' }],
    };
    expect((await call(url, 'PUT', settings)).status).toBe(200);
    logger.info('one');
    expect((await call(url, 'PUT', settings)).status).toBe(200);
    await transport.flush();
    expect(receiver.names()).toEqual(['system-settings-modified', 'one', 'system-settings-modified']);
    expect(receiver.events()[0]?.metadata).toEqual({
      action: 'system-settings-modified',
      entities: ['/1.0/system/settings'],
      requestor: 'tls/a57be4e2 (127.0.0.1)',
      metadata: {
        added: ['siem'],
        changed: [],
        removed: [],
        sync_interval: '10m0s',
        disable_auto_sync: false,
        log_level: 'INFO',
        log_targets: [{ ...shownTarget, address: receiver.address, level: 'INFO' }],
      },
    });
    expect(receiver.connections).toBe(1);
  });
});
