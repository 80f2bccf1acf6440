/** Events that a receiver refuses: kept with its answer, listed, and sent again when asked. */

import { describe, expect, it } from 'vitest';
import { movableClock } from '../helpers/clock.js';
import { type Answer, parseEvents, startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, numbers, spoolDirectory } from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

const excuse = 'Unprocessable: '.padEnd(5000, 'because ');

/** Refuses bodies with an event whose message begins with `bad`. */
const refuseBad: Answer = ({ body }, response) => {
  const isBad = body.includes('"bad');
  response.writeHead(isBad ? 422 : 200, { 'content-type': 'text/plain' }).end(isBad ? excuse : '');
};

const cloudevents = {
  event_format: 'cloudevents',
  format_options: { source: 'https://service.example.com', type_prefix: 'com.example' },
} as const;

describe('dead letters', () => {
  it('hold the refused events with the status and the first KiB of the answer', async () => {
    const receiver = await startReceiver(refuseBad);
    const { transport, logger, deadLetters } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    await transport.ready();
    const startedAtMs = Date.now();
    for (const name of ['1', 'bad 2', '3', 'bad 4', '5']) logger.error(name, { pad: name });
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 3, dead: 2, dropped: {} }));
    expect(receiver.names()).toEqual(['1', '3', '5']);
    const letters = await deadLetters();
    const refused = receiver.requests.flatMap(parseEvents);
    expect(letters).toMatchObject([
      { status: 422, event: refused.find(({ metadata }) => metadata.message === 'bad 2') },
      { status: 422, event: refused.find(({ metadata }) => metadata.message === 'bad 4') },
    ]);
    for (const { at, id, response } of letters) {
      expect(new Date(at).toISOString()).toBe(at);
      expect(Date.parse(at)).toBeGreaterThanOrEqual(startedAtMs);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      expect(response).toBe(excuse.slice(0, 1024));
    }
    expect(new Set(letters.map(({ id }) => id)).size).toBe(2);
  });

  it('cut the answer between characters', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(422).end(`a${'é'.repeat(2000)}`);
    });
    const { transport, logger, deadLetters } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    logger.error('1');
    await eventually(() => expect(statusOf(transport).dead).toBe(1));
    const [letter] = await deadLetters();
    expect(letter?.response).toMatch(/^aé{500,511}$/);
  });

  it('hold an event that is too large for the receiver even alone', async () => {
    const receiver = await startReceiver(({ body }, response) => {
      response.writeHead(body.length > 2000 ? 413 : 200).end();
    });
    const { transport, logger, deadLetters } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    logger.error('1');
    logger.error('large', { pad: 'p'.repeat(3000) });
    logger.error('3');
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 2, dead: 1 }));
    expect(await deadLetters()).toMatchObject([
      { status: 413, response: '', event: { metadata: { message: 'large' } } },
    ]);
  });

  it('survive a restart, and are not sent again by themselves', async () => {
    const receiver = await startReceiver(refuseBad);
    const directory = spoolDirectory();
    const first = createSpooledTransport([quickTarget(receiver.address)], { directory });
    for (const name of ['1', 'bad 2', '3', 'bad 4', '5']) first.logger.error(name);
    await eventually(() => expect(statusOf(first.transport)).toMatchObject({ delivered: 3, dead: 2 }));
    const before = await first.deadLetters();
    await first.close();
    receiver.answer = 200;
    const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await second.transport.ready();
    expect(await second.deadLetters()).toEqual(before);
    expect(statusOf(second.transport)).toMatchObject({ dead: 2, pending: { events: 0 } });
    expectConservation(second.transport);
    second.logger.error('6');
    await eventually(() => expect(receiver.names()).toEqual(['1', '3', '5', '6']));
  });

  it('of targets with the same events are kept apart', async () => {
    const [refusing, taking] = [await startReceiver(refuseBad), await startReceiver()];
    const { transport, logger, deadLetters } = createSpooledTransport(
      [quickTarget(refusing.address, { name: 'a' }), quickTarget(taking.address, { name: 'b' })],
      { directory: spoolDirectory() },
    );
    logger.error('bad 1');
    await eventually(() => expect(statusOf(transport, 'a').dead).toBe(1));
    await eventually(() => expect(statusOf(transport, 'b').delivered).toBe(1));
    expect(await deadLetters('a')).toHaveLength(1);
    expect(await deadLetters('b')).toEqual([]);
  });

  it('are bounded by a tenth of maxBytes: the oldest go, counted', async () => {
    const receiver = await startReceiver(refuseBad);
    const maxBytes = 400 * 2 ** 10;
    const { transport, logger, deadLetters } = createSpooledTransport(
      [quickTarget(receiver.address, { batch_size: 10 })],
      { directory: spoolDirectory(), maxBytes },
    );
    await transport.ready();
    for (let number = 1; number <= 100; number++) {
      logger.error(`bad ${number}`, { pad: 'p'.repeat(1000) });
      logger.error(`good ${number}`);
    }
    await eventually(() => expect(statusOf(transport).pending.events).toBe(0));
    const letters = await deadLetters();
    const status = statusOf(transport);
    expect(status).toMatchObject({ accepted: 200, delivered: 100, dead: letters.length });
    expectConservation(transport);
    const bytes = letters.reduce((sum, { event }) => sum + JSON.stringify(event).length, 0);
    expect(bytes).toBeLessThanOrEqual(maxBytes / 10);
    expect(letters.length).toBeGreaterThan(5);
    expect(letters.map(({ event }) => event.metadata.message)).toEqual(
      numbers(101 - letters.length, 100).map((number) => `bad ${number}`),
    );
  });
});

describe('replay', () => {
  it('that is asked for twice at once sends each event once', async () => {
    const receiver = await startReceiver(422);
    const { transport, logger, replay } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    await transport.ready();
    logger.error('1');
    logger.error('2');
    await eventually(() => expect(statusOf(transport).dead).toBe(2));
    receiver.answer = 200;
    expect(await Promise.all([replay(), replay()])).toEqual([2, 0]);
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 2, dead: 0 }));
    expectConservation(transport);
  });

  it('sends all again with the same ids and text', async () => {
    const receiver = await startReceiver(refuseBad);
    const directory = spoolDirectory();
    const target = quickTarget(receiver.address, { ...cloudevents, body_format: 'single' });
    const first = createSpooledTransport([target], { directory });
    for (const name of ['1', 'bad 2', '3', 'bad 4']) first.logger.error(name);
    await eventually(() => expect(statusOf(first.transport)).toMatchObject({ delivered: 2, dead: 2 }));
    const refused = receiver.requests.map(({ body }) => body).filter((body) => body.includes('"bad'));
    expect(refused).toHaveLength(2);
    const ids = refused.map((body) => JSON.parse(body).id);
    expect((await first.deadLetters()).map(({ id }) => id)).toEqual(ids);
    await first.close();

    receiver.answer = 200;
    const { transport, replay, deadLetters } = createSpooledTransport([target], { directory });
    await transport.ready();
    const before = receiver.requests.length;
    expect(await replay()).toBe(2);
    await receiver.untilRequests(before + 2);
    expect(receiver.requests.slice(before).map(({ body }) => body)).toEqual(refused);
    await eventually(() =>
      expect(statusOf(transport)).toMatchObject({ dead: 0, delivered: 2, pending: { events: 0 } }),
    );
    expect(await deadLetters()).toEqual([]);
    expect(await replay()).toBe(0);
    expectConservation(transport);
  });

  it('takes the ids, or the time since when, of those to send', async () => {
    const clock = movableClock();
    const receiver = await startReceiver(refuseBad);
    const { transport, logger, deadLetters, replay } = createSpooledTransport(
      [quickTarget(receiver.address)],
      { directory: spoolDirectory() },
    );
    for (const [index, name] of ['bad 1', 'bad 2', 'bad 3', 'bad 4'].entries()) {
      logger.error(name);
      logger.error('good');
      await eventually(() =>
        expect(statusOf(transport)).toMatchObject({ dead: index + 1, delivered: index + 1 }),
      );
      clock.aheadMs += 5; // so that their times differ
    }
    receiver.answer = 200;
    const [one, two, three] = await deadLetters();
    expect(await replay({ ids: [String(two?.id), 'no such id'] })).toBe(1);
    await eventually(() => expect(receiver.names().at(-1)).toBe('bad 2'));
    expect(await replay({ since: String(three?.at) })).toBe(2);
    await eventually(() => expect(receiver.names().slice(-2)).toEqual(['bad 3', 'bad 4']));
    expect((await deadLetters()).map(({ id }) => id)).toEqual([one?.id]);
    expect(await replay({ since: new Date(Date.now() + 60_000).toISOString() })).toBe(0);
    expect(await replay({ ids: [] })).toBe(0);
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 7, dead: 1 }));
  });

  it('of an event that is refused again puts it back, once, under its id', async () => {
    const receiver = await startReceiver(refuseBad);
    const { transport, logger, deadLetters, replay } = createSpooledTransport(
      [quickTarget(receiver.address)],
      { directory: spoolDirectory() },
    );
    logger.error('bad 1');
    logger.error('2');
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 1, dead: 1 }));
    const [before] = await deadLetters();
    const requests = receiver.requests.length;
    expect(await replay()).toBe(1);
    await receiver.untilRequests(requests + 1);
    await eventually(() => expect(statusOf(transport)).toMatchObject({ dead: 1, pending: { events: 0 } }));
    expect(await deadLetters()).toMatchObject([{ id: before?.id, event: before?.event, status: 422 }]);
    expectConservation(transport);
  });

  it('is kept by the spool when the process ends before they are delivered', async () => {
    const receiver = await startReceiver(refuseBad);
    const directory = spoolDirectory();
    const first = createSpooledTransport([quickTarget(receiver.address)], { directory });
    first.logger.error('bad 1');
    first.logger.error('2');
    await eventually(() => expect(statusOf(first.transport)).toMatchObject({ delivered: 1, dead: 1 }));
    receiver.answer = 503;
    expect(await first.replay()).toBe(1);
    await first.close();
    receiver.answer = 200;
    const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await second.transport.ready();
    await eventually(() => expect(receiver.names()).toEqual(['2', 'bad 1']));
    expect(await second.deadLetters()).toEqual([]);
  });
});

describe('replay of letters', () => {
  it('that are refused again puts all back and wedges nothing', async () => {
    const receiver = await startReceiver(refuseBad);
    const { transport, logger, replay } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    for (let number = 1; number <= 20; number++) {
      logger.error(`bad ${number}`);
      logger.error(`good ${number}`);
      await eventually(() => expect(statusOf(transport).dead).toBe(number));
    }
    expect(await replay()).toBe(20);
    await eventually(() => expect(statusOf(transport)).toMatchObject({ dead: 20, pending: { events: 0 } }));
    logger.error('afterwards');
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 21, state: 'idle' }));
    expectConservation(transport);
  });

  it('for which there is no room queues as many as there is room for, and loses none', async () => {
    const receiver = await startReceiver(refuseBad);
    const { transport, logger, replay } = createSpooledTransport(
      [quickTarget(receiver.address)],
      { directory: spoolDirectory(), maxBytes: 200_000 },
      { memory: { maxEvents: 5, maxBytes: 100_000 } },
    );
    for (let number = 1; number <= 12; number++) {
      logger.error(`bad ${number}`);
      logger.error(`good ${number}`);
      await eventually(() => expect(statusOf(transport)).toMatchObject({ dead: number, delivered: number }));
    }
    receiver.answer = 503;
    const queued = await replay();
    expect(queued).toBe(12);
    receiver.answer = 200;
    await eventually(() =>
      expect(statusOf(transport)).toMatchObject({ delivered: 24, dead: 0, dropped: {} }),
    );
  });
});

describe('a list of dead letters', () => {
  it('comes in pages, and letters that are discarded count as dropped', async () => {
    const receiver = await startReceiver(refuseBad);
    const { transport, logger } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    for (let number = 1; number <= 6; number++) {
      logger.error(`bad ${number}`);
      logger.error(`good ${number}`);
      await eventually(() => expect(statusOf(transport).dead).toBe(number));
    }
    const all = await transport.deadLetters('siem');
    const first = await transport.deadLetters('siem', { limit: 4 });
    const rest = await transport.deadLetters('siem', { limit: 4, after: String(first.at(-1)?.id) });
    expect([...first, ...rest]).toEqual(all);
    expect(first).toHaveLength(4);
    expect(await transport.discard('siem', { ids: [] })).toBe(0);
    expect(await transport.discard('siem', { ids: [String(all[1]?.id), 'no such id'] })).toBe(1);
    expect((await transport.deadLetters('siem', { after: String(all[0]?.id) })).map(({ id }) => id)).toEqual(
      all.slice(2).map(({ id }) => id),
    );
    expect(await transport.discard('siem', { before: String(all[4]?.at) })).toBeGreaterThan(1);
    expect(await transport.discard('siem')).toBeGreaterThan(0);
    expect(await transport.deadLetters('siem')).toEqual([]);
    expect(statusOf(transport)).toMatchObject({ dead: 0, dropped: { discarded: 6 } });
    expectConservation(transport);
    await expect(transport.discard('siem', { since: '2026' } as never)).rejects.toThrow('since');
    await expect(transport.deadLetters('siem', { limit: 0 })).rejects.toThrow('limit');
    await expect(transport.discard('nobody')).rejects.toThrow('nobody');
  });
});
