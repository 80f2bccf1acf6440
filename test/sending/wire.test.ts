/** What goes over the wire: headers, bodies, signatures, compression. */

import { setImmediate as immediate } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { movableClock } from '../helpers/clock.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const secrets = [Buffer.alloc(24, 1), Buffer.alloc(64, 2)].map((key) => `whsec_${key.toString('base64')}`);

async function sendOne(settings = {}) {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([quickTarget(receiver.address, settings)]);
  logger.error('hällo', { key: 'val' });
  await transport.flush({ timeoutMs: 30_000 });
  return receiver.requests[0]!;
}

describe('a request', () => {
  it('is a POST to the address with the content type of its body', async () => {
    expect(await sendOne()).toMatchObject({
      method: 'POST',
      url: '/1.0/log',
      headers: { 'content-type': 'application/json', 'user-agent': 'winston-log-targets' },
    });
  });

  it('has a webhook-id without a dot and a webhook-timestamp in whole seconds', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { headers } = await sendOne();
    expect(headers['webhook-id']).toMatch(/^[^.]+$/);
    expect(headers['webhook-timestamp']).toMatch(/^\d+$/);
    expect(Number(headers['webhook-timestamp'])).toBeGreaterThanOrEqual(before);
    expect(Number(headers['webhook-timestamp'])).toBeLessThanOrEqual(Date.now() / 1000);
    expect(headers['webhook-signature']).toBeUndefined();
  });

  it('carries a signature for each secret, over the uncompressed body', async () => {
    const { headers, body } = await sendOne({ signing_secrets: secrets, compression: 'gzip' });
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const secret of secrets) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    }
    const stranger = new Webhook(`whsec_${Buffer.alloc(32, 3).toString('base64')}`);
    expect(() => stranger.verify(body, headers as Record<string, string>)).toThrow();
  });

  it('is signed anew at every attempt', async () => {
    const clock = movableClock();
    const receiver = await startReceiver((_request, response, index) => {
      clock.aheadMs += 2000;
      response.writeHead(index === 0 ? 503 : 200).end();
    });
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { signing_secrets: secrets }),
    ]);
    logger.error('one');
    await receiver.untilRequests(2);
    const [first, second] = receiver.requests.map((request) => request.headers['webhook-signature']);
    expect(second).not.toBe(first);
    await transport.flush();
  });

  it('is compressed when that is wanted', async () => {
    const { headers, raw, body } = await sendOne({ compression: 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(raw.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(JSON.parse(body)[0].metadata.message).toBe('hällo');
  });

  it('carries basic authentication in UTF-8', async () => {
    const { headers } = await sendOne({ username: 'jürgen', password: 'pass:wörd' });
    expect(headers.authorization).toBe(`Basic ${Buffer.from('jürgen:pass:wörd').toString('base64')}`);
  });

  it.each([
    [{ username: 'u' }, 'u:'],
    [{ password: 'p' }, ':p'],
  ])('carries basic authentication when either part is set: %j', async (settings, plain) => {
    const { headers } = await sendOne(settings);
    expect(headers.authorization).toBe(`Basic ${Buffer.from(plain).toString('base64')}`);
  });

  it('carries a bearer token and headers of its own', async () => {
    const { headers } = await sendOne({ bearer_token: 't0ken', headers: { 'X-Tenant': 'blue' } });
    expect(headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-tenant': 'blue' });
  });
});

describe('body_format', () => {
  it('array: a JSON array of events', async () => {
    const { body } = await sendOne({ body_format: 'array' });
    expect(JSON.parse(body)).toHaveLength(1);
  });

  it('ndjson: a line for each event', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { body_format: 'ndjson' }),
    ]);
    logger.error('one\ntwo');
    logger.error('three');
    await transport.flush();
    expect(receiver.requests[0]?.headers['content-type']).toBe('application/x-ndjson');
    expect(receiver.requests[0]?.body.endsWith('}\n')).toBe(true);
    expect(receiver.names()).toEqual(['one\ntwo', 'three']);
  });

  it('single: one bare event a request, in order', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { body_format: 'single' }),
    ]);
    logger.error('one');
    logger.error('two');
    await transport.flush();
    expect(receiver.requests.map((request) => JSON.parse(request.body).metadata.message)).toEqual([
      'one',
      'two',
    ]);
  });
});

describe('batches', () => {
  it('hold at most batch_size events', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address, { batch_size: 10 })]);
    for (let index = 0; index < 25; index++) logger.error(String(index));
    await transport.flush();
    expect(receiver.requests.map((request) => JSON.parse(request.body).length)).toEqual([10, 10, 5]);
  });

  it.each(['array', 'ndjson'] as const)('hold at most batch_bytes bytes (%s)', async (body_format) => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { batch_bytes: 1000, body_format }),
    ]);
    for (let index = 0; index < 50; index++) logger.error('ä'.repeat(index));
    await transport.flush();
    const sizes = receiver.requests.map((request) => request.raw.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(700);
    expect(receiver.events()).toHaveLength(50);
  });

  it('wait for company at most batch_wait, and fill while a request is in flight', async () => {
    let release = () => {};
    const receiver = await startReceiver((_request, response, index) => {
      if (index > 0) response.writeHead(200).end();
      else release = () => response.writeHead(200).end();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address, { batch_wait: '0s' })]);
    logger.error('first');
    await receiver.untilRequests(1);
    logger.error('second');
    logger.error('third');
    expect(statusOf(transport)).toMatchObject({ state: 'sending', pending: { events: 3 } });
    release();
    await receiver.untilRequests(2);
    await transport.flush();
    expect(receiver.requests.map((request) => JSON.parse(request.body).length)).toEqual([1, 2]);
  });

  it('start no request before batch_wait is over, and then one', async () => {
    const receiver = await startReceiver();
    const { logger } = createTestTransport([quickTarget(receiver.address, { batch_wait: '500ms' })]);
    const startedAt = performance.now();
    logger.error('one');
    await immediate();
    logger.error('two');
    await receiver.untilRequests(1);
    expect(performance.now() - startedAt).toBeGreaterThan(490);
    expect(JSON.parse(receiver.requests[0]!.body)).toHaveLength(2);
  });

  it('go out side by side up to concurrency', async () => {
    const receiver = await startReceiver((_request, response) => {
      if (receiver.requests.length < 3) return;
      if (!response.headersSent) response.writeHead(200).end();
    });
    const { logger, transport } = createTestTransport([
      quickTarget(receiver.address, { concurrency: 3, batch_size: 1, timeout: '300ms' }),
    ]);
    for (let index = 0; index < 9; index++) logger.error(String(index));
    await receiver.untilRequests(3);
    await transport.flush({ timeoutMs: 30_000 });
    expect(new Set(receiver.names()).size).toBe(9);
    expect(receiver.connections).toBeGreaterThanOrEqual(3);
  });
});

describe('an event larger than batch_bytes', () => {
  it('is cut down to fit, and says so', async () => {
    const receiver = await startReceiver();
    const { transport, logger, report, warnings } = createTestTransport([
      quickTarget(receiver.address, { batch_bytes: 600 }),
      quickTarget(receiver.address, { name: 'large' }),
    ]);
    logger.error('message', { text: 'ä"'.repeat(1000), also: 'x' });
    const truncated = await report('eventTruncated');
    await transport.flush();
    expect(receiver.requests.map((request) => request.raw.length <= 600).sort()).toEqual([false, true]);
    const [small] = receiver.events().filter((event) => event.metadata.context?.truncated);
    expect(small?.metadata).toMatchObject({
      message: 'message',
      context: { truncated: String(truncated.originalBytes) },
    });
    expect(small?.metadata.context?.text).toMatch(/^(ä")+ä?$/);
    expect(warnings.map((warning) => warning.message).join()).toContain('batch_bytes');
    expect(statusOf(transport)).toMatchObject({ delivered: 1, dropped: {} });
  });

  it('keeps who did what of a lifecycle event', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([quickTarget(receiver.address, { batch_bytes: 600 })]);
    await transport.lifecycle('batch-started', {
      entities: ['/1.0/batches/b1'],
      requestor: { protocol: 'tls', username: 'a57be4e2', address: '10.0.0.101' },
      metadata: { first: 1, list: Array(1000).fill('x'), text: 'y'.repeat(1000) },
    });
    await transport.flush();
    const [event] = receiver.events();
    expect(receiver.requests[0]!.raw.length).toBeLessThanOrEqual(600);
    expect(event?.metadata).toMatchObject({
      action: 'batch-started',
      entities: ['/1.0/batches/b1'],
      requestor: 'tls/a57be4e2 (10.0.0.101)',
      metadata: { first: 1, truncated: expect.any(Number) },
    });
  });

  it('is dropped as unserializable when not even its frame fits', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([quickTarget(receiver.address, { batch_bytes: 256 })]);
    const receipt = await transport.lifecycle('a', {
      time: new Date(),
      outcome: 'inprogress',
      context: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, ''])),
    });
    expect(receipt).toMatchObject({ queued: ['siem'] });
    await transport.flush();
    expect(receiver.requests[0]!.raw.length).toBeLessThanOrEqual(256);
  });
});
