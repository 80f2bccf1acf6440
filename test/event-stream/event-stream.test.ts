/** The event stream over real WebSockets: who may listen, to what, and what they get. */

import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import connect from 'connect';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import { createEventStream, type EventStreamOptions, EventTransport } from '../../src/index.js';
import { createCertificate } from '../helpers/certificates.js';
import { handshake, privileged, startStream } from '../helpers/event-stream.js';

const unprivileged = { protocol: 'oidc', username: 'jane', address: '10.0.0.7' };
const envelope = {
  type: 'error',
  status: '',
  status_code: 0,
  operation: '',
  metadata: null,
};

async function get(url: string, init?: RequestInit) {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

describe('a listener', () => {
  it('gets each event as one text frame: LXD’s JSON, a newline', async () => {
    const { logger, listen } = await startStream({ transportOptions: { location: 'n1' } });
    const { texts, until } = await listen();
    logger.warn('Disk is nearly full', { free: { bytes: 1024 } });
    void logger.lifecycle('instance-created', {
      entities: ['/1.0/instances/c1'],
      requestor: privileged,
      project: 'default',
    });
    await until(2);
    expect(texts[0]).toMatch(/^\{"type":"logging","timestamp":"[\dT:.-]+Z","metadata":\{.*"n1"\}\n$/);
    expect(texts.map((text) => JSON.parse(text))).toEqual([
      {
        type: 'logging',
        timestamp: expect.any(String),
        metadata: {
          message: 'Disk is nearly full',
          level: 'warning',
          context: { free: '{"bytes":1024}' },
        },
        location: 'n1',
      },
      {
        type: 'lifecycle',
        timestamp: expect.any(String),
        metadata: {
          action: 'instance-created',
          source: '/1.0/instances/c1',
          requestor: { username: 'a57be4e2', protocol: 'tls', address: '10.0.0.101' },
          project: 'default',
        },
        location: 'n1',
        project: 'default',
      },
    ]);
  });

  it.each([0, 20, 21, 22, 65_000, 65_430, 65_440, 65_450, 200_000])(
    'gets frames of any length: a message of %i characters, of ASCII or not',
    async (length) => {
      const { logger, listen } = await startStream();
      const { events, until } = await listen();
      const messages = ['x'.repeat(length), 'ü'.repeat(length), '\ud800'.repeat(length)];
      for (const message of messages) logger.info(message);
      await until(3);
      expect(events().map(({ metadata }) => metadata.message)).toEqual(messages);
    },
  );

  it('gets events of all types in the order of the calls', async () => {
    const { logger, listen } = await startStream();
    const { names, until } = await listen();
    logger.info('one');
    const operation = logger.operation({ description: 'Copying' });
    void logger.lifecycle('three');
    logger.info('four');
    operation.done();
    logger.info('six');
    await until(6);
    expect(names()).toEqual(['one', 'Running', 'three', 'four', 'Success', 'six']);
  });

  it('gets the types that it asks for', async () => {
    const { logger, listen } = await startStream();
    const [audit, both, all] = [
      await listen('/1.0/events?type=lifecycle'),
      await listen('/1.0/events?type=operation,lifecycle'),
      await listen('/1.0/events?type='),
    ];
    logger.info('record');
    logger.operation({ description: 'Copying' });
    void logger.lifecycle('done');
    await all.until(3);
    await both.until(2);
    await audit.until(1);
    expect(audit.names()).toEqual(['done']);
    expect(both.names()).toEqual(['Running', 'done']);
    expect(all.names()).toEqual(['record', 'Running', 'done']);
  });

  it('gets the events of its project and those of none', async () => {
    const { transport, listen } = await startStream();
    const clients = {
      default: await listen(),
      web: await listen('/1.0/events?project=web'),
      all: await listen('/1.0/events?all-projects=true'),
      yes: await listen('/1.0/events?all-projects=Yes'),
      no: await listen('/1.0/events?all-projects=false&project='),
    };
    void transport.lifecycle('of-web', { project: 'web' });
    transport.operation({ description: 'of-default', project: 'default' });
    void transport.lifecycle('of-none');
    void transport.lifecycle('of-no-name', { project: '' });
    void transport.lifecycle('last');
    const expected = {
      default: ['Running', 'of-none', 'of-no-name', 'last'],
      web: ['of-web', 'of-none', 'of-no-name', 'last'],
      all: ['of-web', 'Running', 'of-none', 'of-no-name', 'last'],
    };
    for (const [name, client] of Object.entries(clients)) {
      const wanted = expected[name === 'yes' ? 'all' : name === 'no' ? 'default' : (name as 'web')];
      await client.until(wanted.length);
      expect(client.names()).toEqual(wanted);
    }
  });

  it('hears nothing of what was before', async () => {
    const { logger, listen } = await startStream();
    const first = await listen();
    logger.info('before');
    await first.until(1);
    const second = await listen();
    logger.info('after');
    await second.until(1);
    expect(second.names()).toEqual(['after']);
  });

  it('listens over HTTPS, where its certificate tells who it is', async () => {
    const [server, client] = [await createCertificate(), await createCertificate({ name: 'jane' })];
    const seen: unknown[] = [];
    const { logger, listen } = await startStream({
      tls: { ...server, requestCert: true, rejectUnauthorized: false },
      authorize: (_request, { fingerprint }) => {
        seen.push(fingerprint);
        return { protocol: 'tls', username: fingerprint ?? '', address: '', types: ['logging'] };
      },
    });
    const trusting = { ca: server.cert };
    const { names, until } = await listen(undefined, { ...trusting, ...client });
    await listen(undefined, trusting);
    logger.info('hello');
    await until(1);
    expect(names()).toEqual(['hello']);
    const { X509Certificate } = await import('node:crypto');
    const { fingerprint256 } = new X509Certificate(client.cert);
    expect(seen).toEqual([fingerprint256.replaceAll(':', '').toLowerCase(), undefined]);
  });

  it('is reported when it comes and when it goes', async () => {
    const { listen, report, reports } = await startStream();
    const { webSocket } = await listen();
    expect(await report('listenerConnected')).toEqual({
      type: 'listenerConnected',
      client: 'tls/a57be4e2 (10.0.0.101)',
    });
    webSocket.close();
    expect(await report('listenerLeft')).toEqual({
      type: 'listenerLeft',
      client: 'tls/a57be4e2 (10.0.0.101)',
    });
    expect(reports).toHaveLength(2);
  });

  it('needs no extension: none is agreed on', async () => {
    const { listen } = await startStream();
    const { webSocket } = await listen(undefined, { perMessageDeflate: true });
    expect(webSocket.extensions).toBe('');
  });
});

describe('authorize', () => {
  it('lets whom it names listen, but not to log records unless it says so', async () => {
    const { logger, listen } = await startStream({ authorize: async () => unprivileged });
    const { names, until } = await listen();
    logger.info('secret');
    void logger.lifecycle('done');
    await until(1);
    expect(names()).toEqual(['done']);
  });

  it('may name somebody as text', async () => {
    const { listen, report } = await startStream({ authorize: () => 'oidc/jane (10.0.0.7)' });
    await listen();
    expect(await report('listenerConnected')).toMatchObject({ client: 'oidc/jane (10.0.0.7)' });
  });

  it.each<[string, Partial<EventStreamOptions>, number, string]>([
    ['throws', { authorize: () => Promise.reject(new Error()) }, 401, 'Authentication is required'],
    ['returns nothing', { authorize: () => undefined }, 403, 'not authorized'],
    ['returns false', { authorize: () => false }, 403, 'not authorized'],
    ['allows no type', { authorize: () => ({ ...unprivileged, types: [] }) }, 403, 'not authorized'],
    [
      'returns no requestor',
      { authorize: () => ({ username: 'jane' }) as never },
      500,
      '`authorize` returned something that is no requestor',
    ],
    [
      'returns types that there are not',
      { authorize: () => ({ ...unprivileged, types: ['logs'] }) as never },
      500,
      '`authorize` returned something that is no list of event types',
    ],
  ])('keeps clients out when it %s', async (_case, options, status, error) => {
    const { refusal, origin } = await startStream(options);
    const expected = { status, body: { ...envelope, error_code: status, error } };
    expect(await refusal()).toMatchObject(expected);
    expect(await get(`${origin}/1.0/events`)).toMatchObject(expected);
  });

  it('keeps a client from a type that it may not see: 403', async () => {
    const { refusal } = await startStream({ authorize: () => unprivileged });
    for (const type of ['logging', 'lifecycle,logging']) {
      expect(await refusal(`/1.0/events?type=${type}`)).toMatchObject({
        status: 403,
        body: { ...envelope, error_code: 403, error: 'not authorized' },
      });
    }
  });

  it('that is still at work when the client goes harms nobody', async () => {
    const admitted: (() => void)[] = [];
    const {
      server,
      reports,
      listen,
      socket = '',
    } = await startStream({
      isUnix: true,
      authorize: () => new Promise((resolve) => admitted.push(() => resolve(privileged))),
    });
    const client = net.connect(socket);
    const connected = once(server, 'connection');
    const upgrading = once(server, 'upgrade');
    client.write(handshake);
    const [serverSide] = (await connected) as [net.Socket];
    await upgrading;
    client.destroy();
    const closed = new Promise((resolve) => serverSide.on('close', resolve));
    serverSide.destroy(new Error('broken'));
    await closed;
    const upgradingAnother = once(server, 'upgrade');
    const listening = listen();
    await upgradingAnother;
    await expect.poll(() => admitted.length).toBe(2); // `authorize` is asked a little later
    for (const admit of admitted) admit();
    await listening;
    expect(reports).toMatchObject([{ type: 'listenerConnected' }]);
  });
});

describe('before the upgrade', () => {
  it.each([
    ['type=foo', 400, '"foo" isn\'t a supported event type'],
    ['type=lifecycle,', 400, '"" isn\'t a supported event type'],
    ['type=Lifecycle', 400, '"Lifecycle" isn\'t a supported event type'],
    ['all-projects=1&project=web', 400, 'Cannot specify a project when requesting all projects'],
    ['project=db', 404, 'Project not found'],
  ])('%s is answered with %i', async (query, status, error) => {
    const { refusal, origin } = await startStream({ projects: ['web'] });
    const expected = { status, body: { ...envelope, error_code: status, error } };
    expect(await refusal(`/1.0/events?${query}`)).toMatchObject(expected);
    expect(await get(`${origin}/1.0/events?${query}`)).toMatchObject(expected);
  });

  it('projects are looked up at each handshake; `default` is always there', async () => {
    const projects = new Set<string>();
    const { listen, refusal } = await startStream({ projects });
    await listen();
    expect(await refusal('/1.0/events?project=web')).toMatchObject({ status: 404 });
    projects.add('web');
    await listen('/1.0/events?project=web');
  });

  it.each(['https://evil.example.com', 'null', 'http://127.0.0.1:1'])(
    'a page of %s may not listen: 403, whoever uses the browser',
    async (origin) => {
      const { refusal } = await startStream();
      expect(await refusal(undefined, { origin })).toMatchObject({
        status: 403,
        body: { error_code: 403, error: 'Pages of other sites may not listen' },
      });
    },
  );

  it('a page of the same site may listen', async () => {
    const { listen, origin } = await startStream();
    await listen(undefined, { origin });
  });

  it.each([
    ['another path', '/1.0/other', {}, 404, 'Not found'],
    ['no key', '/1.0/events', { 'sec-websocket-key': '' }, 400, /Sec-WebSocket-Key/],
    ['another version', '/1.0/events', { 'sec-websocket-version': '7' }, 400, /Sec-WebSocket-Version/],
    ['another protocol', '/1.0/events', { upgrade: 'h2c' }, 400, /Upgrade/],
  ])('an upgrade with %s is refused, in the envelope', async (_case, path, headers, status, error) => {
    const { origin } = await startStream();
    const request = http.get(`${origin}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
        ...headers,
      },
    });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let text = '';
    for await (const chunk of response) text += chunk;
    expect(response.statusCode).toBe(status);
    expect(response.headers.connection).toBe('close');
    expect(JSON.parse(text)).toEqual({
      ...envelope,
      error_code: status,
      error: expect.stringMatching(error),
    });
  });
});

describe('plain requests', () => {
  it('GET /1.0 tells clients what they need to know', async () => {
    const { origin } = await startStream();
    const { status, body } = await get(`${origin}/1.0?project=web`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'sync',
      status: 'Success',
      status_code: 200,
      error_code: 0,
      metadata: {
        api_extensions: [],
        api_status: 'stable',
        api_version: '1.0',
        auth: 'trusted',
        auth_methods: ['tls'],
        auth_user_name: 'a57be4e2',
        auth_user_method: 'tls',
        public: false,
      },
    });
  });

  it('GET /1.0 answers those who may not listen too, and tells them so', async () => {
    const { origin } = await startStream({ authorize: () => false });
    const { status, body } = await get(`${origin}/1.0`);
    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({ auth: 'untrusted', public: false });
    expect(body.metadata).not.toHaveProperty('auth_user_name');
  });

  it('GET / leads there, GET /1.0/events is for WebSockets, others are not found', async () => {
    const { origin } = await startStream();
    expect(await get(`${origin}/`)).toMatchObject({ status: 200, body: { metadata: ['/1.0'] } });
    expect(await get(`${origin}/1.0/events`)).toMatchObject({
      status: 400,
      body: { error: 'The client is not using the WebSocket protocol' },
    });
    expect(await get(`${origin}/1.0/instances`)).toMatchObject({ status: 404, body: { error: 'Not found' } });
    const { status, headers } = await get(`${origin}/1.0`, { method: 'PUT', body: '{}' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('of other paths are handed on in a framework, that for / too', async () => {
    const transport = new EventTransport();
    onTestFinished(() => void transport.destroy());
    const { handle } = createEventStream({ transport, authorize: () => privileged });
    const app = connect()
      .use('/1.0', handle)
      .use((request, response) => void response.end(JSON.stringify(request.url)));
    const server = http.createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    expect((await get(`${origin}/`)).body).toBe('/');
    expect((await get(`${origin}/1.0/other`)).body).toBe('/1.0/other');
    expect((await get(`${origin}/1.0`)).body.metadata.api_version).toBe('1.0');
    expect((await get(`${origin}/1.0/events?type=foo`)).body.error).toMatch(/foo/);
  });
});

describe('the end', () => {
  it('comes with close(): listeners get what is left, then a goodbye; nobody new gets in', async () => {
    const { logger, stream, listen, refusal, reports } = await startStream();
    const [one, two] = [await listen(), await listen('/1.0/events?type=logging')];
    for (let index = 0; index < 1000; index++) logger.info(String(index));
    stream.close();
    logger.info('too late');
    const wanted = Array.from({ length: 1000 }, (_, index) => String(index));
    for (const client of [one, two]) {
      expect(await client.closed).toBe(1001);
      expect(client.names()).toEqual(wanted);
    }
    expect(await refusal()).toMatchObject({ status: 503, body: { error: 'There are no more events' } });
    expect(reports.filter(({ type }) => type === 'listenerDropped')).toEqual([]);
  });

  it('comes with the end of the transport, after its last event', async () => {
    const { logger, listen, refusal } = await startStream();
    const { closed, names } = await listen();
    for (let index = 0; index < 1000; index++) logger.info(String(index));
    logger.end();
    await once(logger, 'finish');
    expect(await closed).toBe(1001);
    expect(names()).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
    expect(await refusal()).toMatchObject({ status: 503 });
  });
});

it('wrong options throw a TypeError', () => {
  const transport = new EventTransport();
  onTestFinished(() => void transport.destroy());
  const authorize = () => privileged;
  const create = (options: object) => () => createEventStream(options as EventStreamOptions);
  expect(create({ transport: winston.createLogger(), authorize })).toThrow(TypeError);
  expect(create({ transport: undefined, authorize })).toThrow(TypeError);
  expect(create({ transport })).toThrow(TypeError);
  expect(create({ transport, authorize, projects: 'web' })).toThrow(TypeError);
});
