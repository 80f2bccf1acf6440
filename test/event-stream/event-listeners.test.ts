/** What becomes of listeners that are slow, silent or talkative, and that the others do not notice. */

import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ListeningClient, stall, startStream } from '../helpers/event-stream.js';

/** Resolves once the server has got all that a client has sent so far. */
async function roundTrip({ webSocket }: ListeningClient): Promise<void> {
  const answered = once(webSocket, 'pong');
  webSocket.ping();
  await answered;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe('a listener', () => {
  it.each(['text', Buffer.from('binary'), '', 'x'.repeat(100_000)])(
    'that sends data is dropped, alone',
    async (data) => {
      const { logger, listen, report, reports } = await startStream();
      const [talkative, quiet] = [await listen(), await listen()];
      talkative.webSocket.send(data);
      expect(await talkative.closed).toBe(data.length > 4096 ? 1009 : 1003);
      expect(await report('listenerDropped')).toEqual({
        type: 'listenerDropped',
        client: 'tls/a57be4e2 (10.0.0.101)',
        reason: 'sent-data',
      });
      logger.info('hello');
      await quiet.until(1);
      expect(talkative.texts).toEqual([]);
      expect(reports.map(({ type }) => type)).toEqual([
        'listenerConnected',
        'listenerConnected',
        'listenerDropped',
      ]);
    },
  );

  it('that sends what is no frame is dropped', async () => {
    const { socket = '', report } = await startStream({ isUnix: true });
    const client = await stall(socket);
    client.write('\xff\xff\xff\xff', 'latin1');
    expect(await report('listenerDropped')).toMatchObject({ reason: 'sent-data' });
  });

  it('is pinged at once and every 10 s; one that answers none of three is dropped, alone', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { listen, report, reports } = await startStream();
    const [silent, alive] = [await listen(undefined, { autoPong: false }), await listen()];
    const pings = { silent: 0, alive: 0 };
    silent.webSocket.on('ping', () => pings.silent++);
    alive.webSocket.on('ping', () => pings.alive++);
    for (let round = 0; round < 3; round++) {
      await roundTrip(alive);
      expect(reports.some(({ type }) => type === 'listenerDropped')).toBe(false);
      vi.advanceTimersByTime(10_000);
    }
    expect(await report('listenerDropped')).toMatchObject({ reason: 'no-pong' });
    expect(await silent.closed).toBe(1006);
    for (let round = 0; round < 10; round++) {
      await roundTrip(alive);
      vi.advanceTimersByTime(10_000);
    }
    await roundTrip(alive);
    // The ping at once may have come before anybody counted.
    expect(pings.silent).toBeGreaterThanOrEqual(2);
    expect(pings.silent).toBeLessThanOrEqual(3);
    expect(pings.alive).toBeGreaterThanOrEqual(13);
    expect(reports.filter(({ type }) => type === 'listenerDropped')).toHaveLength(1);
  });

  it('that reads nothing is dropped, alone: the others get every event in order', async () => {
    const { socket = '', logger, listen, report, reports } = await startStream({ isUnix: true });
    const stalled = await stall(socket);
    const healthy = [await listen(), await listen('/1.0/events?type=logging')];
    let [count, isDropped] = [0, false];
    void report('listenerDropped').then(() => {
      isDropped = true;
    });
    while (!isDropped) {
      for (let index = 0; index < 50; index++) logger.info(String(count++), { filler: 'x'.repeat(1000) });
      await Promise.all(healthy.map((client) => client.until(count)));
    }
    logger.info(String(count++));
    for (const client of healthy) {
      await client.until(count);
      expect(client.names()).toEqual(numbers(count));
    }
    expect(reports.filter(({ type }) => type === 'listenerDropped')).toEqual([
      { type: 'listenerDropped', client: 'tls/a57be4e2 (10.0.0.101)', reason: 'behind' },
    ]);
    stalled.resume();
    await once(stalled, 'close');
  });

  it('does not mind a burst of 5,000 events in one turn', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { logger, listen, reports } = await startStream({ isUnix: true });
    const client = await listen();
    const look = () => vi.advanceTimersByTime(500);
    for (let burst = 0; burst < 3; burst++) {
      for (let index = 0; index < 5000; index++) logger.info(String(burst * 5000 + index));
      await immediate();
      // Its place is looked at when it is far behind, and next when it had its chance.
      look();
      await client.until((burst + 1) * 5000);
      await roundTrip(client);
      look();
    }
    expect(client.names()).toEqual(numbers(15_000));
    expect(reports.map(({ type }) => type)).toEqual(['listenerConnected']);
  });
});

it('fifty listeners get every one of thousands of events in order, beside one that reads nothing', async () => {
  const { socket = '', logger, listen, reports } = await startStream({ isUnix: true });
  await stall(socket);
  const clients = await Promise.all(numbers(50).map(() => listen()));
  let count = 0;
  // So many at a turn, not so many a second, and never so many that on a slow machine somebody would be far behind.
  for (let turn = 1; turn <= 150; turn++) {
    for (let index = 0; index < 50; index++) logger.info(String(count++), { filler: 'x'.repeat(100) });
    if (turn % 10 === 0) await Promise.all(clients.map((client) => client.until(count)));
    else await immediate();
  }
  const wanted = numbers(count);
  for (const client of clients) expect(client.names()).toEqual(wanted);
  const dropped = reports.filter(({ type }) => type === 'listenerDropped');
  expect(dropped.length).toBeLessThanOrEqual(1);
});
