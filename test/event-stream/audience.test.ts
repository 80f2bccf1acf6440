/** Many listeners of the same events. */

import { expect, it } from 'vitest';
import { Audience, type Listening } from '../../src/event-stream/audience.js';
import { serverSentFraming } from '../../src/event-stream/frame.js';
import type { LoggingEvent } from '../../src/model/event.js';

const selection = { types: ['logging'], project: undefined } as const;
const time = '2026-01-01T00:00:00.000Z';
const event = (message: string): LoggingEvent => ({
  type: 'logging',
  time,
  level: 'INFO',
  message,
  entries: [],
});

/** A listener whose socket keeps the processor busy for a while with each piece. */
class BusyListener implements Listening {
  readonly messages: string[] = [];
  hasEnded = false;
  readonly #ms: number;
  readonly #sent: () => void;

  constructor(ms: number, sent: () => void = () => {}) {
    this.#ms = ms;
    this.#sent = sent;
  }

  send({ bytes }: { bytes: Buffer }): void {
    const until = performance.now() + this.#ms;
    while (performance.now() < until);
    for (const [, message = ''] of bytes.toString().matchAll(/"message":"(\w+)"/g))
      this.messages.push(message);
    this.#sent();
  }

  end(): void {
    this.hasEnded = true;
  }

  sendAway(): void {}
}

const turn = () => new Promise(setImmediate);

it('get them over several turns of the event loop, all of them in order, whatever comes meanwhile', async () => {
  const audience = new Audience(selection, serverSentFraming);
  let turns = 0;
  const inTurn = new Map<number, number>();
  const listeners = Array.from(
    { length: 30 },
    () => new BusyListener(2, () => inTurn.set(turns, (inTurn.get(turns) ?? 0) + 1)),
  );
  for (const listener of listeners) audience.add(listener);
  audience.take(event('a'));
  for (; turns < 5; turns++) await turn();
  audience.take(event('b'));
  audience.take(event('c'));
  for (; listeners.some(({ messages }) => messages.length < 3); turns++) await turn();
  expect(listeners.map(({ messages }) => messages)).toEqual(listeners.map(() => ['a', 'b', 'c']));
  // Two milliseconds each: three are more than the five of a turn; those of two turns may be counted as of one.
  expect(Math.max(...inTurn.values())).toBeLessThanOrEqual(6);
});

it('get everything before goodbye, also when it comes in the middle of handing over', async () => {
  const audience = new Audience(selection, serverSentFraming);
  const listeners = Array.from({ length: 20 }, () => new BusyListener(1));
  for (const listener of listeners) audience.add(listener);
  audience.take(event('a'));
  await turn();
  audience.take(event('b'));
  audience.end();
  expect(listeners.map(({ messages, hasEnded }) => [messages, hasEnded])).toEqual(
    listeners.map(() => [['a', 'b'], true]),
  );
  await turn();
  await turn();
  expect(listeners[19]?.messages).toEqual(['a', 'b']);
});
