/** Formats on the wire: what content types say, what is kept apart, what a receiver's own library makes of it. */

import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cloudEvents } from '../../src/formats/cloudevents.js';
import { exampleOptions } from '../formats/events.js';
import { type Received, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const eventNotifications = {
  ibmensourceid: 'crn:v1:bluemix:public:event-notifications:us-south:a/abc:def::source:1',
  ibmenseverity: 'HIGH',
  ibmendefaultshort: 'Something happened',
  ibmendefaultlong: 'Something happened in the service',
};
const cloudevents = { event_format: 'cloudevents', format_options: exampleOptions.cloudevents } as const;

/** The events of a request, as the SDK reads them; `new CloudEvent` throws when one is not valid. */
function cloudEventsIn({ body, headers }: Received): CloudEvent<Record<string, unknown>>[] {
  new Webhook(secret).verify(body, headers as Record<string, string>);
  const parsed = HTTP.toEvent<Record<string, unknown>>({ body, headers });
  return [parsed].flat().map((event) => new CloudEvent(event));
}

describe('cloudevents', () => {
  it.each([
    ['array', 'application/cloudevents-batch+json; charset=UTF-8', 1],
    ['single', 'application/cloudevents+json', 3],
  ] as const)(
    'in the body format %s are read and verified by the libraries',
    async (body_format, type, count) => {
      const receiver = await startReceiver();
      const { transport, logger } = createTestTransport(
        [
          quickTarget(receiver.address, {
            ...cloudevents,
            body_format,
            signing_secrets: [secret],
            scopes: ['lifecycle', 'logging', 'operation'],
          }),
        ],
        { location: 'n1' },
      );
      logger.warn('Disk is full', { device: 'sda' });
      await logger.lifecycle('batch-started', {
        entities: ['/1.0/batches/b\u0000', '/1.0/sources/s1'],
        requestor: 'tls/a57be4e2 (10.0.0.101)',
      });
      logger.lifecycle('no-entities');
      await transport.flush();
      expect(receiver.requests).toHaveLength(count);
      expect(receiver.requests.every(({ headers }) => headers['content-type'] === type)).toBe(true);
      const events = receiver.requests.flatMap(cloudEventsIn);
      expect(events.every((event) => event.validate())).toBe(true);
      expect(new Set(events.map(({ id }) => id)).size).toBe(3);
      expect(events.map(({ type, subject, data }) => ({ type, subject, data }))).toEqual([
        {
          type: 'com.example.logging',
          subject: undefined,
          data: { message: 'Disk is full', level: 'WARN', context: { device: 'sda' }, location: 'n1' },
        },
        {
          type: 'com.example.lifecycle.batch-started',
          subject: '/1.0/batches/b\uFFFD',
          data: {
            action: 'batch-started',
            entities: ['/1.0/batches/b\u0000', '/1.0/sources/s1'],
            requestor: { protocol: 'tls', username: 'a57be4e2', address: '10.0.0.101' },
            location: 'n1',
          },
        },
        {
          type: 'com.example.lifecycle.no-entities',
          subject: undefined,
          data: { action: 'no-entities', entities: [], location: 'n1' },
        },
      ]);
      expect(events[0]).toMatchObject({
        specversion: '1.0',
        source: '/svc',
        datacontenttype: 'application/json',
        partitionkey: 'a',
        sampled: true,
      });
    },
  );

  it.each(['array', 'single'] as const)(
    'for IBM Event Notifications keep to 64 KB, each and together (%s)',
    async (body_format) => {
      const receiver = await startReceiver();
      const { transport, logger, reports } = createTestTransport([
        quickTarget(receiver.address, {
          event_format: 'cloudevents',
          format_options: { source: '/svc', type_prefix: 'com.example', extensions: eventNotifications },
          body_format,
          signing_secrets: [secret],
        }),
      ]);
      logger.info('large', { text: 'ü'.repeat(100_000) });
      for (let index = 0; index < 10; index++) logger.info('medium', { text: 'x'.repeat(20_000) });
      await transport.flush();
      expect(receiver.requests.every(({ raw }) => raw.length <= 64_000)).toBe(true);
      const events = receiver.requests.flatMap(cloudEventsIn);
      expect(events).toHaveLength(11);
      expect(events[0]).toMatchObject(eventNotifications);
      expect(events[0]?.data).toMatchObject({ context: { truncated: expect.any(String) } });
      expect(reports.filter(({ type }) => type === 'eventTruncated')).toHaveLength(1);
    },
  );
});

describe('an event', () => {
  it('has one id in all formats that show it', async () => {
    const [one, two, three] = [await startReceiver(), await startReceiver(), await startReceiver()];
    const { transport, logger } = createTestTransport([
      quickTarget(one.address, { name: 'one', ...cloudevents, body_format: 'single' }),
      quickTarget(two.address, {
        name: 'two',
        event_format: 'ibm-resource-lifecycle',
        format_options: exampleOptions['ibm-resource-lifecycle'],
        body_format: 'single',
      }),
      quickTarget(three.address, { name: 'three', ...cloudevents, batch_bytes: 2048, body_format: 'single' }),
    ]);
    const receipt = await logger.lifecycle('instance.create', { metadata: { text: 'x'.repeat(5000) } });
    expect(receipt.queued.sort()).toEqual(['one', 'three', 'two']);
    await transport.flush();
    const { id } = JSON.parse(one.requests[0]?.body ?? '');
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(JSON.parse(two.requests[0]?.body ?? '')).toMatchObject({
      event_id: id,
      event_type: 'resource-controller.instance.create',
    });
    expect(three.requests[0]?.raw.length).toBeLessThanOrEqual(2048);
    expect(JSON.parse(three.requests[0]?.body ?? '')).toMatchObject({ id, data: { metadata: {} } });
  });

  it('is written down once for equal options, whatever their order, and once more for others', async () => {
    const create = vi.spyOn(cloudEvents, 'createWriter');
    onTestFinished(() => create.mockRestore());
    const receiver = await startReceiver();
    const options = (extensions: Record<string, string>) => ({
      event_format: 'cloudevents' as const,
      format_options: { source: '/svc', type_prefix: 'com.example', extensions },
    });
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'a', ...options({ x: '1', y: '2' }) }),
      quickTarget(receiver.address, { name: 'b', ...options({ y: '2', x: '1' }) }),
      quickTarget(receiver.address, { name: 'c', ...options({}) }),
    ]);
    expect(create).toHaveBeenCalledTimes(2);
    for (let index = 0; index < 5; index++) logger.info(String(index));
    await logger.lifecycle('a');
    expect(create).toHaveBeenCalledTimes(2);
    await transport.flush();
    const ids = receiver.requests.flatMap(({ body }) => JSON.parse(body).map(({ id }: { id: string }) => id));
    expect(ids).toHaveLength(18);
    expect(new Set(ids).size).toBe(6);
  });
});

it('events that wait while their target changes its format keep theirs, in requests of their own', async () => {
  const receiver = await startReceiver(503);
  const target = quickTarget(receiver.address, { retry_timeout: '1h', batch_size: 100 });
  const { transport, logger } = createTestTransport([target]);
  logger.info('first');
  await receiver.untilRequests(1);
  logger.info('second');
  logger.info('third');
  transport.reload([{ ...target, enabled: false, ...cloudevents }]);
  receiver.answer = 200;
  transport.reload([{ ...target, retry_timeout: '10ms', ...cloudevents }]);
  logger.info('fourth');
  await transport.flush();
  const accepted = receiver.requests
    .slice(1)
    .map(({ body, headers }) => [
      headers['content-type']?.replace(/;.*/, ''),
      JSON.parse(body).map(
        (event: { metadata?: { message: string }; data?: { message: string } }) =>
          (event.metadata ?? event.data)?.message,
      ),
    ]);
  expect(accepted).toEqual([
    ['application/json', ['first']],
    ['application/json', ['second', 'third']],
    ['application/cloudevents-batch+json', ['fourth']],
  ]);
  expect(statusOf(transport)).toMatchObject({ delivered: 4, dropped: {} });
});

it('a ping has the format of its target, also where that carries no log records', async () => {
  const receiver = await startReceiver();
  const { transport } = createTestTransport([
    quickTarget(receiver.address, { name: 'ce', ...cloudevents, signing_secrets: [secret] }),
    quickTarget(receiver.address, {
      name: 'ibm',
      event_format: 'ibm-resource-lifecycle',
      format_options: exampleOptions['ibm-resource-lifecycle'],
    }),
    quickTarget(receiver.address, { name: 'lxd', event_format: 'lxd' }),
  ]);
  for (const name of ['ce', 'ibm', 'lxd']) expect(await transport.ping(name)).toMatchObject({ ok: true });
  const [ce, ibm, lxd] = receiver.requests;
  expect(ce && cloudEventsIn(ce)[0]?.data).toMatchObject({ context: { ping: 'true' } });
  expect(JSON.parse(ibm?.body ?? '')[0].event_type).toBe('resource-controller.ping');
  expect(JSON.parse(lxd?.body ?? '')[0].metadata).toMatchObject({ level: 'info', context: { ping: 'true' } });
});
