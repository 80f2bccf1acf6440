/** Targets behind proxies: which one, how it is asked, and whose fault it is when it fails. */

import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventTransport, type EventTransportOptions, type LogTarget } from '../../src/index.js';
import { proxyFromEnvironment } from '../../src/sending/no-proxy.js';
import { type Certificate, createCa, createCertificate } from '../helpers/certificates.js';
import { startProxy } from '../helpers/proxy.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { startSilentServer } from '../helpers/silent-server.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

let ca: Certificate;
let server: Certificate;

beforeAll(async () => {
  ca = await createCa();
  server = await createCertificate({ ca });
});

beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toUpperCase(), '');
  }
  return () => void vi.unstubAllEnvs();
});

/** Logs one event, and pings; what came of it. */
async function deliver(target: LogTarget, options: EventTransportOptions = {}) {
  const { transport, logger, report } = createTestTransport(
    [{ retry_count: 1, retry_timeout: '1h', ...target }],
    options,
  );
  logger.error('one');
  const outcome = await Promise.race([
    report('batchDelivered').then(() => 'delivered'),
    report('targetDown').then((down) => down.error.code),
  ]);
  const ping = await transport.ping('siem');
  expect(ping.error?.code ?? 'delivered').toBe(outcome);
  const { via, lastError, attempts, dropped, dead } = statusOf(transport);
  expect(ping.via).toBe(via);
  expect({ dropped, dead }).toEqual({ dropped: {}, dead: 0 });
  return { outcome, via, message: lastError?.message, attempts };
}

describe('a proxy', () => {
  it('connects to an https: receiver and reads nothing of it', async () => {
    const [proxy, receiver] = [await startProxy(), await startReceiver(200, server)];
    const target = quickTarget(receiver.address, {
      ca_cert: ca.cert,
      proxy: proxy.address,
      bearer_token: 't',
    });
    expect(await deliver(target)).toMatchObject({ outcome: 'delivered', via: proxy.address });
    expect(proxy.requests).toEqual(Array(2).fill(`CONNECT 127.0.0.1:${receiver.port}`));
    expect(receiver.requests[0]).toMatchObject({ url: '/1.0/log', headers: { authorization: 'Bearer t' } });
    expect(proxy.headers.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it('gets the whole address of an http: receiver', async () => {
    const [proxy, receiver] = [await startProxy(), await startReceiver()];
    const address = `${receiver.address}?a=1`;
    expect(await deliver(quickTarget(address, { proxy: proxy.address }))).toMatchObject({
      outcome: 'delivered',
      via: proxy.address,
    });
    expect(proxy.requests).toEqual(Array(2).fill(`POST ${address}`));
    expect(receiver.requests[0]).toMatchObject({
      url: '/1.0/log?a=1',
      headers: { host: `127.0.0.1:${receiver.port}` },
    });
  });

  it('serves many requests over one connection', async () => {
    for (const tls of [undefined, server]) {
      const [proxy, receiver] = [await startProxy(), await startReceiver(200, tls)];
      const { transport, logger } = createTestTransport([
        quickTarget(receiver.address, { ca_cert: ca.cert, proxy: proxy.address }),
      ]);
      for (const message of ['one', 'two', 'three']) {
        logger.error(message);
        await transport.flush();
      }
      expect(receiver.names()).toEqual(['one', 'two', 'three']);
      expect(proxy.requests).toHaveLength(tls ? 1 : 3);
      if (tls) expect(receiver.connections).toBe(1);
    }
  });

  it('may be reached over TLS itself, which the receiver does not notice', async () => {
    const proxy = await startProxy({ tls: server, credentials: 'u:p' });
    for (const tls of [undefined, server]) {
      const receiver = await startReceiver(200, tls);
      const target = quickTarget(receiver.address, {
        ca_cert: ca.cert,
        proxy: proxy.address,
        proxy_username: 'u',
        proxy_password: 'p',
      });
      expect(await deliver(target)).toMatchObject({ outcome: 'delivered', via: proxy.address });
      expect(receiver.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    }
  });

  it('lets TLS of the receiver through: its CA, its pin, its client certificate', async () => {
    const proxy = await startProxy();
    const client = await createCertificate({ ca, name: 'client' });
    const options = { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
    const mutual = await startReceiver(200, options);
    const certified = { ca_cert: ca.cert, client_cert: client.cert, client_key: client.key };
    const via = { proxy: proxy.address };
    expect(await deliver(quickTarget(mutual.address, { ...certified, ...via }))).toMatchObject({
      outcome: 'delivered',
    });
    const pinned = await createCertificate({ hosts: ['elsewhere.example'] });
    const elsewhere = await startReceiver(200, pinned);
    expect(await deliver(quickTarget(elsewhere.address, { ca_cert: pinned.cert, ...via }))).toMatchObject({
      outcome: 'delivered',
    });
    expect(await deliver(quickTarget(elsewhere.address, { ca_cert: ca.cert, ...via }))).toMatchObject({
      outcome: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('tells of phases in a ping', async () => {
    const [proxy, receiver] = [await startProxy(), await startReceiver(200, server)];
    const { transport } = createTestTransport([
      quickTarget(receiver.address, { ca_cert: ca.cert, proxy: proxy.address }),
    ]);
    const { timings, ms } = await transport.ping('siem');
    const phases = Object.values(timings!);
    expect(phases).toHaveLength(4);
    for (const phase of phases) expect(phase).toBeGreaterThanOrEqual(0);
    expect(Math.max(...phases)).toBeLessThanOrEqual(ms + 2);
  });
});

describe('which proxy', () => {
  it('is said by the target, before the transport, before the environment', async () => {
    const [proxy, other, receiver] = [await startProxy(), await startProxy(), await startReceiver()];
    vi.stubEnv('HTTP_PROXY', other.address);
    const { address } = receiver;
    expect((await deliver(quickTarget(address))).via).toBe(other.address);
    expect((await deliver(quickTarget(address), { proxy: proxy.address })).via).toBe(proxy.address);
    expect((await deliver(quickTarget(address, { proxy: proxy.address }))).via).toBe(proxy.address);
    expect((await deliver(quickTarget(address), { proxy: 'none' })).via).toBeUndefined();
    expect((await deliver(quickTarget(address, { proxy: 'direct' }))).via).toBeUndefined();
    expect((await deliver(quickTarget(address, { proxy: 'direct' }), { proxy: proxy.address })).via).toBe(
      undefined,
    );
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    expect((await deliver(quickTarget(address))).via).toBeUndefined();
    expect(other.requests).toHaveLength(2);
    expect(proxy.requests).toHaveLength(4);
  });

  it('may have user name and password in its address where that is no setting', async () => {
    const [proxy, receiver] = [await startProxy({ credentials: 'us er:p@ss' }), await startReceiver()];
    const address = proxy.address.replace('//', '//us%20er:p%40ss@');
    expect(await deliver(quickTarget(receiver.address), { proxy: address })).toEqual({
      outcome: 'delivered',
      via: proxy.address,
      message: undefined,
      attempts: 1,
    });
    vi.stubEnv('http_proxy', address.replace('http://', ''));
    expect(await deliver(quickTarget(receiver.address))).toMatchObject({
      outcome: 'delivered',
      via: proxy.address,
    });
  });

  const cases: [url: string, environment: Record<string, string>, proxy: string | undefined][] = [
    ['http://a.test/', { http_proxy: 'p' }, 'p'],
    ['http://a.test/', { HTTP_PROXY: 'p' }, 'p'],
    ['http://a.test/', { HTTP_PROXY: 'P', http_proxy: 'p' }, 'p'],
    ['http://a.test/', { https_proxy: 'p' }, undefined],
    ['https://a.test/', { HTTPS_PROXY: 'p', HTTP_PROXY: 'q' }, 'p'],
    ['http://a.test/', { HTTP_PROXY: 'p', REQUEST_METHOD: 'GET' }, undefined],
    ['http://a.test/', { http_proxy: 'p', NO_PROXY: '*' }, undefined],
    ['http://a.test/', { http_proxy: 'p', no_proxy: 'b.test, A.TEST' }, undefined],
    ['http://sub.a.test/', { http_proxy: 'p', no_proxy: 'a.test' }, undefined],
    ['http://a.test./', { http_proxy: 'p', no_proxy: 'a.test' }, undefined],
    ['http://nota.test/', { http_proxy: 'p', no_proxy: 'a.test' }, 'p'],
    ['http://sub.a.test/', { http_proxy: 'p', no_proxy: '.a.test' }, undefined],
    ['http://sub.a.test/', { http_proxy: 'p', no_proxy: '*.a.test' }, undefined],
    ['http://a.test/', { http_proxy: 'p', no_proxy: '.a.test' }, 'p'],
    ['http://a.test/', { http_proxy: 'p', no_proxy: 'a.test:80' }, undefined],
    ['http://a.test:81/', { http_proxy: 'p', no_proxy: 'a.test:80' }, 'p'],
    ['https://a.test/', { https_proxy: 'p', no_proxy: 'a.test:443' }, undefined],
    ['http://10.1.2.3/', { http_proxy: 'p', no_proxy: '10.0.0.0/8' }, undefined],
    ['http://11.1.2.3/', { http_proxy: 'p', no_proxy: '10.0.0.0/8' }, 'p'],
    ['http://127.0.0.1:8080/', { http_proxy: 'p', no_proxy: 'localhost,127.0.0.1' }, undefined],
    ['http://[::1]:8080/', { http_proxy: 'p', no_proxy: '::1' }, undefined],
    ['http://[::1]:8080/', { http_proxy: 'p', no_proxy: '[::1]:8080' }, undefined],
    ['http://[::1]:8080/', { http_proxy: 'p', no_proxy: '[::1]:81' }, 'p'],
    ['http://[2001:db8::1]/', { http_proxy: 'p', no_proxy: '2001:db8::/32' }, undefined],
    ['http://a.test/', { http_proxy: 'p', no_proxy: ', .,' }, 'p'],
  ];

  it.each(cases)('%s with %j: %s', (url, environment, proxy) => {
    expect(proxyFromEnvironment(new URL(url), environment)).toBe(proxy);
  });

  it.each(['socks5://127.0.0.1:1', 'http://', 'http://p:0'])(
    '%s in the environment is a wrong configuration',
    async (address) => {
      const receiver = await startReceiver();
      vi.stubEnv('HTTP_PROXY', address);
      expect(await deliver(quickTarget(receiver.address))).toMatchObject({
        outcome: 'PROXY_INVALID',
        attempts: 1,
      });
      expect(receiver.connections).toBe(0);
    },
  );

  it.each(['', 'proxy', 'socks5://u:sEcret@p:1', 'ftp://p', 7, {}])(
    '%j is no option of a transport',
    (proxy) => {
      const create = () => new EventTransport({ proxy: proxy as never });
      expect(create).toThrow(TypeError);
      expect(create).toThrow('`proxy`');
      expect(create).not.toThrow('sEcret');
    },
  );
});

describe('a proxy that fails', () => {
  /** For both kinds of receivers. */
  async function failWith(
    prepare: (proxy: Awaited<ReturnType<typeof startProxy>>) => void,
    { credentials, timeout = '30s' }: { credentials?: string; timeout?: string } = {},
  ) {
    const outcomes = [];
    for (const tls of [undefined, server]) {
      const proxy = await startProxy({ ...(credentials && { credentials }) });
      prepare(proxy);
      const receiver = await startReceiver(200, tls);
      const target = quickTarget(receiver.address, {
        ca_cert: ca.cert,
        proxy: proxy.address,
        timeout,
        ...(credentials && { proxy_username: 'u', proxy_password: 'sEcret' }),
      });
      const { outcome, message } = await deliver(target);
      expect(message).not.toContain('sEcret');
      expect(receiver.requests).toEqual([]);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  it('for want of a password, is misconfigured', async () => {
    expect(await failWith(() => {}, { credentials: 'u:other' })).toEqual(['PROXY_407', 'PROXY_407']);
  });

  it.each([400, 403, 404, 410, 422, 500, 502, 503])('with %i, is no fault of an event', async (status) => {
    const codes = await failWith((proxy) => {
      proxy.refuses = status;
    });
    expect(codes).toEqual([`PROXY_${status}`, `PROXY_${status}`]);
  });

  it('by never answering, is given up', async () => {
    const beSilent = (proxy: Awaited<ReturnType<typeof startProxy>>) => {
      proxy.isSilent = true;
    };
    const [plain, tunnelled] = await failWith(beSilent, { timeout: '300ms' });
    expect([plain, tunnelled]).toEqual(['ETIMEDOUT', expect.stringMatching(/^(PROXY_)?ETIMEDOUT$/)]);
  });

  it('by not being there, is named', async () => {
    const proxy = `http://127.0.0.1:${await freePort()}`;
    for (const tls of [undefined, server]) {
      const receiver = await startReceiver(200, tls);
      expect(await deliver(quickTarget(receiver.address, { proxy }))).toMatchObject({
        outcome: 'PROXY_ECONNREFUSED',
        message: expect.stringContaining(`the proxy ${proxy}: `),
        via: proxy,
      });
    }
  });

  it('because nobody trusts it, is named', async () => {
    const stranger = await startProxy({ tls: await createCertificate() });
    for (const tls of [undefined, server]) {
      const receiver = await startReceiver(200, tls);
      const target = quickTarget(receiver.address, { ca_cert: ca.cert, proxy: stranger.address });
      expect((await deliver(target)).outcome).toBe('PROXY_DEPTH_ZERO_SELF_SIGNED_CERT');
    }
    expect(stranger.requests).toEqual([]);
  });

  it('to reach the receiver, is tried again', async () => {
    const proxy = await startProxy();
    const port = await freePort();
    for (const scheme of ['http', 'https']) {
      const target = quickTarget(`${scheme}://127.0.0.1:${port}/`, { proxy: proxy.address });
      expect((await deliver(target)).outcome).toBe('PROXY_502');
    }
  });

  it('leaves what the receiver itself answers to the receiver', async () => {
    const proxy = await startProxy();
    const receiver = await startReceiver(400, server);
    const { transport, logger, report } = createTestTransport([
      quickTarget(receiver.address, { ca_cert: ca.cert, proxy: proxy.address }),
    ]);
    logger.error('one');
    await report('eventsDropped');
    expect(statusOf(transport)).toMatchObject({ dropped: { rejected: 1 }, lastError: { code: 'HTTP_400' } });
    expect(await transport.ping('siem')).toMatchObject({ status: 400, error: { code: 'HTTP_400' } });
  });

  it('while the target closes, ends with it', async () => {
    const { port, connections } = await startSilentServer();
    const { transport, logger } = createTestTransport(
      [quickTarget('https://receiver.test/', { proxy: `http://127.0.0.1:${port}` })],
      { shutdownTimeoutMs: 50 },
    );
    logger.error('one');
    await expect.poll(connections).toBe(1);
    transport.end();
    await expect.poll(connections).toBe(0);
  });
});

describe('the guard on ways out', () => {
  it('holds for the address of a proxy', async () => {
    const proxy = await startProxy();
    for (const tls of [undefined, server]) {
      const receiver = await startReceiver(200, tls);
      const target = quickTarget(receiver.address, { ca_cert: ca.cert, proxy: proxy.address });
      expect(await deliver(target, { egress: { deny: ['127.0.0.1'] } })).toMatchObject({
        outcome: 'EGRESS_DENIED',
      });
    }
    expect(proxy.requests).toEqual([]);
  });

  it('holds for IP addresses behind a proxy', async () => {
    const proxy = await startProxy();
    for (const host of ['169.254.169.254', '[::ffff:a9fe:a9fe]', '2852039166']) {
      for (const scheme of ['http', 'https']) {
        const target = quickTarget(`${scheme}://${host}/`, { proxy: proxy.address });
        expect(await deliver(target)).toMatchObject({ outcome: 'EGRESS_DENIED', attempts: 1 });
      }
    }
    expect(proxy.requests).toEqual([]);
  });
});

it.each([
  [{ proxy: 'http://u:sEcret@p' }, 'proxy'],
  [{ proxy: 'p:3128' }, 'proxy'],
  [{ proxy: 'http://p/path' }, 'proxy'],
  [{ proxy: 'http://p:0' }, 'proxy'],
  [{ proxy: 'none' }, 'proxy'],
  [{ proxy: 'direct', proxy_password: 'sEcret' }, 'proxy_password'],
  [{ proxy_username: 'a:sEcret' }, 'proxy_username'],
  [{ proxy_password: '********' }, 'proxy_password'],
])('%j is refused, by name and without what is secret', (settings, key) => {
  const create = () =>
    new EventTransport({ targets: [{ name: 'siem', address: 'http://a.test/', ...settings }] });
  expect(create).toThrow(`targets[0].${key} (\`siem\`): `);
  expect(create).not.toThrow('sEcret');
});
