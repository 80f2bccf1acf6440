/** Formats of users, from the options of a transport to the wire. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createSettingsHandler,
  defineFormat,
  EventTransport,
  type FormatDefinition,
  SettingsError,
  SettingsStore,
} from '../../src/index.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const lines = { open: '', separator: '\n', close: '\n' };
const mine = defineFormat({
  contentType: 'application/x-ndjson',
  write: (event, { options, location }) => JSON.stringify({ ...event, ...options, location }),
  frame: lines,
  options: z.object({ index: z.string() }),
});
const target = (address: string, settings = {}) =>
  quickTarget(address, {
    event_format: 'mine' as never,
    format_options: { index: 'logs' } as never,
    ...settings,
  });

describe('a format of a user', () => {
  it('writes every type of event as the model has it, with its options and the location', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport(
      [target(receiver.address, { scopes: ['lifecycle', 'logging', 'operation'] })],
      { formats: { mine }, location: 'n1' },
    );
    logger.info('Start', { addr: '[::]:6443', dur: 12, nested: { a: [1] } });
    await logger.lifecycle('a', { entities: '/1.0/a', requestor: 'tls/me (::1)', metadata: { b: 1 } });
    logger.operation({ description: 'An operation' }).done();
    await transport.flush();
    const [{ headers, body } = {}] = receiver.requests;
    expect(headers?.['content-type']).toBe('application/x-ndjson');
    const events = (body ?? '')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const common = {
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      time: expect.any(String),
      index: 'logs',
      location: 'n1',
    };
    expect(events[0]).toEqual({
      ...common,
      type: 'logging',
      message: 'Start',
      level: 'INFO',
      context: { addr: '[::]:6443', dur: '12', nested: '{"a":[1]}' },
    });
    expect(events[1]).toEqual({
      ...common,
      type: 'lifecycle',
      action: 'a',
      entities: ['/1.0/a'],
      requestor: { protocol: 'tls', username: 'me', address: '::1' },
      metadata: { b: 1 },
    });
    expect(events[2]).toMatchObject({ type: 'operation', operation: { description: 'An operation' } });
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('frames bodies with any texts, in pieces of any size, within batch_bytes', async () => {
    const receiver = await startReceiver();
    const framed = defineFormat({
      contentType: 'text/plain; charset=utf-8',
      write: (event) => ('message' in event ? (event.message ?? '') : ''),
      frame: ({ mark }: { mark: string }) => ({ open: `<${mark}>`, separator: ' – ', close: `</${mark}>` }),
      options: z.strictObject({ mark: z.string() }),
    });
    const { transport, logger } = createTestTransport(
      [target(receiver.address, { format_options: { mark: 'ü' }, batch_bytes: 400, scopes: ['logging'] })],
      { formats: { mine: framed } },
    );
    const messages = Array.from({ length: 100 }, (_, index) => `message ${index}`);
    for (const message of messages) logger.info(message);
    await transport.flush();
    expect(receiver.requests.length).toBeGreaterThan(3);
    const parts = receiver.requests.map(({ body, raw }) => {
      expect(raw.length).toBeLessThanOrEqual(400);
      expect(body.startsWith('<ü>') && body.endsWith('</ü>')).toBe(true);
      return body.slice(3, -4).split(' – ');
    });
    expect(parts.flat()).toEqual(messages);
  });

  it('adds headers of its own', async () => {
    const receiver = await startReceiver();
    const own = defineFormat({
      contentType: 'text/plain',
      write: () => 'x',
      frame: lines,
      options: z.object({ index: z.string() }),
      headers: ({ index }) => ({ 'x-index': index, 'webhook-id': 'never' }),
    });
    const { transport, logger } = createTestTransport([target(receiver.address)], { formats: { mine: own } });
    logger.info('a');
    await transport.flush();
    expect(receiver.requests[0]?.headers).toMatchObject({
      'x-index': 'logs',
      'webhook-id': expect.stringMatching(/^msg_/),
    });
  });

  it('that throws for an event drops that event, and no other', async () => {
    const receiver = await startReceiver();
    const picky = defineFormat({
      contentType: 'text/plain',
      write: (event) => {
        if ('message' in event && event.message === 'bad') throw new Error('no');
        return JSON.stringify(event);
      },
      frame: lines,
    });
    const { transport, logger } = createTestTransport([target(receiver.address, { format_options: {} })], {
      formats: { mine: picky },
    });
    for (const message of ['good', 'bad', 'better']) logger.info(message);
    const receipt = await logger.lifecycle('a', { message: 'bad' });
    expect(receipt.dropped).toEqual([{ target: 'siem', reason: 'unserializable' }]);
    await transport.flush();
    expect(receiver.requests[0]?.body.match(/"message":"\w+"/g)).toEqual([
      '"message":"good"',
      '"message":"better"',
    ]);
    expect(statusOf(transport)).toMatchObject({ accepted: 4, delivered: 2, dropped: { unserializable: 2 } });
  });

  it('that throws only when it writes a part of an event drops that event', async () => {
    const receiver = await startReceiver();
    const whole = defineFormat({
      contentType: 'text/plain',
      write: (event) => {
        if ('context' in event && event.context?.truncated !== undefined) throw new Error('no');
        return JSON.stringify(event);
      },
      frame: lines,
    });
    const { transport, logger } = createTestTransport(
      [target(receiver.address, { format_options: {}, batch_bytes: 1000 })],
      { formats: { mine: whole } },
    );
    logger.info('large', { text: 'x'.repeat(2000) });
    logger.info('small');
    await transport.flush();
    expect(statusOf(transport)).toMatchObject({ delivered: 1, dropped: { unserializable: 1 } });
  });

  it('is known to a store of settings, its API and the transport that follows it', async () => {
    const receiver = await startReceiver();
    const file = `${temporaryDirectory()}/settings.json`;
    const store = await SettingsStore.open({ file, formats: { mine } });
    await store.replace({ log_targets: [target(receiver.address)] });
    const again = await SettingsStore.open({ file, formats: { mine } });
    expect(again.current.log_targets[0]).toMatchObject({
      event_format: 'mine',
      format_options: { index: 'logs' },
    });
    const handle = createSettingsHandler({ store, authorize: () => 'tls/me (::1)' });
    const api = await startReceiver((_request, response) => void response.end());
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const url = `http://127.0.0.1:${port}/1.0/system/settings`;
    const put = (body: unknown) => fetch(url, { method: 'PUT', body: JSON.stringify(body) });
    expect((await put({ log_targets: [target(receiver.address, { batch_size: 7 })] })).status).toBe(200);
    expect((await put({ log_targets: [target(receiver.address, { event_format: 'yours' })] })).status).toBe(
      400,
    );
    expect(store.current.log_targets[0]?.batch_size).toBe(7);
    server.close();
    await api.close();
    await expect(SettingsStore.open({ file })).rejects.toThrow(/event_format/);
    await store.close();
    await again.close();
  });

  it('gets what its schema makes of the options; the settings keep them as they were written down', async () => {
    const receiver = await startReceiver();
    const shaped = defineFormat({
      contentType: 'text/plain',
      write: (_event, { options }) => options.pattern.source,
      frame: lines,
      options: z.object({ pattern: z.string().transform((text) => new RegExp(text)) }),
    });
    const file = `${temporaryDirectory()}/settings.yaml`;
    const store = await SettingsStore.open({ file, formats: { mine: shaped } });
    await store.replace({ log_targets: [target(receiver.address, { format_options: { pattern: 'a+' } })] });
    expect(store.current.log_targets[0]?.format_options).toEqual({ pattern: 'a+' });
    const transport = new EventTransport({ settings: store, formats: { mine: shaped } });
    await transport.lifecycle('a');
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
    expect(receiver.requests[0]?.body).toBe('a+\n');
    transport.destroy();
    await store.close();
  });
});

describe('refused', () => {
  const problems = (formats: object, targets: object[]) => {
    try {
      new EventTransport({ formats: formats as never, targets: targets as never }).destroy();
      return [];
    } catch (error) {
      if (error instanceof SettingsError) return error.problems;
      throw error;
    }
  };
  const base = { name: 'a', address: 'http://127.0.0.1:1' };

  it('are settings that name a format which is not there, with the names of those that are', () => {
    const [problem] = problems({ mine }, [{ ...base, event_format: 'yours' }]);
    expect(problem?.path).toBe('log_targets[0].event_format');
    expect(problem?.message).toMatch(/`migration-manager`.*`cloudevents`.*`mine`.*got `yours`/);
  });

  it('are options that do not fit the schema, each with its path', () => {
    expect(problems({ mine }, [{ ...base, event_format: 'mine', format_options: { index: 5 } }])).toEqual([
      {
        path: 'log_targets[0].format_options.index',
        target: 'a',
        message: expect.stringMatching(/^`index`: .*string/),
      },
    ]);
    const bare = defineFormat({ contentType: 'text/plain', write: () => '', frame: lines });
    expect(problems({ bare }, [{ ...base, event_format: 'bare', format_options: { a: 1 } }])).toEqual([
      { path: 'log_targets[0].format_options.a', target: 'a', message: expect.stringContaining('`a`') },
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['no function', { write: 'x' }, /`write`.*a function/],
    ['no frame', { frame: '\n' }, /`frame`.*open, separator, close/],
    ['half a frame', { frame: { open: '' } }, /`frame`/],
    ['no content type', { contentType: undefined }, /`contentType`/],
    ['a content type that is no header', { contentType: 'a\nb' }, /`contentType`/],
    ['no schema', { options: {} }, /`options`.*Standard Schema/],
    ['no function to read answers', { refused: true }, /`refused`/],
    ['an unknown key', { writes: () => '' }, /`writes`/],
  ])('is a definition with %s', (_what, part, message) => {
    const whole = { contentType: 'text/plain', write: () => '', frame: lines, ...(part as object) };
    expect(() => defineFormat(whole as FormatDefinition)).toThrow(message);
    expect(() => defineFormat(whole as FormatDefinition)).toThrow(TypeError);
  });

  it.each<[string, Record<string, unknown>, object[], RegExp]>([
    ['has the name of a built-in one', { lxd: mine }, [], /`formats\.lxd`.*built in/],
    ['was not made by defineFormat', { raw: { write: () => '' } }, [], /`formats\.raw`.*defineFormat/],
    ['writes no text, whatever the event', { five: format(() => 5) }, [], /`formats\.five`.*text.*5/],
    [
      'returns a promise of text, as far as it is used',
      { later: format(async (event: { type: string }) => event.type, z.object({ a: z.string() })) },
      [{ ...base, event_format: 'later', format_options: { a: 'a' } }],
      /`formats\.later`.*a promise/,
    ],
    [
      'has a schema that takes its time',
      {
        slow: format(
          () => 'x',
          z.object({}).refine(async () => true),
        ),
      },
      [],
      /at once/,
    ],
    [
      'makes no frame of its options',
      { mine: defineFormat({ contentType: 'a/b', write: () => 'x', frame: () => ({}) as never }) },
      [{ ...base, event_format: 'mine' }],
      /`frame`/,
    ],
    [
      'returns headers that are none',
      {
        mine: defineFormat({
          contentType: 'a/b',
          write: () => 'x',
          frame: lines,
          headers: () => ({ 'a b': 'c' }),
        }),
      },
      [{ ...base, event_format: 'mine' }],
      /`headers`/,
    ],
  ])('is a format that %s', (_what, formats, targets, message) => {
    expect(() => problems(formats, targets)).toThrow(message);
    expect(() => problems(formats, targets)).toThrow(TypeError);
  });

  it('is no format that was made for one type of events: it has no text for the others, which are dropped by reason', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport(
      [
        target(receiver.address, {
          event_format: 'logs',
          format_options: {},
          scopes: ['logging', 'lifecycle'],
        }),
      ],
      { formats: { logs: format(({ message }: { message?: string }) => message) } },
    );
    logger.info('one');
    await transport.lifecycle('batch-started');
    await transport.flush();
    expect(receiver.requests.map(({ body }) => body.toString().trim())).toEqual(['one']);
    expect(transport.status().targets[0]).toMatchObject({ delivered: 1, dropped: { unserializable: 1 } });
  });

  it('is a reload to a format that writes no text: what runs goes on', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      formats: { none: format(() => undefined, z.object({ a: z.string() })) },
    });
    const bad = target(receiver.address, { event_format: 'none', format_options: { a: 'a' } });
    expect(() => transport.reload([bad])).toThrow(TypeError);
    logger.info('goes on');
    await transport.flush();
    expect(receiver.names()).toEqual(['goes on']);
  });

  function format(
    write: (event: { type: string; message?: string }) => unknown,
    options?: z.ZodType<object>,
  ) {
    return defineFormat({
      contentType: 'text/plain',
      write: write as () => string,
      frame: lines,
      ...(options && { options }),
    });
  }
});
