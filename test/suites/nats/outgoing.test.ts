/** What goes out to other members, and what is too much for it. */

import type { NatsConnection } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import type { Event } from '../../../src/model/event.js';
import { Outgoing } from '../../../src/nats/outgoing.js';

it('an event that is too long to be written down takes no other with it', async () => {
  const published: string[] = [];
  const connection = {
    isClosed: () => false,
    info: { max_payload: 2 ** 20 },
    publish: (_subject: string, text: Buffer) => void published.push(String(text)),
    flush: () => Promise.resolve(),
  } as unknown as NatsConnection;
  const outgoing = new Outgoing(connection, 'events', 'member');
  const event = (message: string): Event => ({
    type: 'logging',
    time: '2026-01-01T00:00:00.000Z',
    message,
    level: 'INFO',
    entries: [],
  });
  const endless = {
    ...event(''),
    toJSON: () => {
      throw new RangeError('Invalid string length');
    },
  };
  for (const each of [event('before'), endless, event('after')]) outgoing.add(each);
  await expect
    .poll(() => published.flatMap((text) => text.match(/before|after/g)))
    .toEqual(['before', 'after']);
});
