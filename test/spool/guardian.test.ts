/** Who is told of what a queue loses. */

import { describe, expect, it } from 'vitest';
import { createBatch } from '../../src/queue/batch.js';
import type { QueueOwner } from '../../src/queue/queue.js';
import { Guardian } from '../../src/spool/guardian.js';
import { nothingFound } from '../../src/spool/share.js';
import { encodedEvent } from '../queue/queue-contract.js';

function createOwner() {
  const told: string[] = [];
  const owner: QueueOwner = {
    lost: (reason, events) => void told.push(`${events} ${reason}`),
    forgotten: (events, reason) => void told.push(`${events} dead ${reason}`),
    readable: () => {},
    recovered: ({ events, batches, dead }) =>
      void told.push(`${events} found, ${dead} dead, in ${batches.length} batches`),
    expire: () => [],
    state: () => ({ batches: [], attempt: undefined, type: 'webhook', address: 'http://a/' }),
  };
  return { owner, told };
}

describe('losses of a queue', () => {
  it('are told to whoever had it last, whose account is still shown, and after that to the next', () => {
    const reported: string[] = [];
    const guardian = new Guardian((reason, events) => void reported.push(`${events} ${reason}`));
    const [first, second] = [createOwner(), createOwner()];
    guardian.adopt(first.owner);
    guardian.lost('queue-full', 1, 0);
    guardian.park();
    guardian.lost('queue-full', 2, 0);
    guardian.forgotten(3, 'damaged');
    expect(first.told).toEqual(['1 queue-full', '2 queue-full', '3 dead damaged']);
    expect(guardian.dropped).toEqual({ 'queue-full': 2 });
    guardian.adopt(second.owner);
    guardian.lost('too-old', 4, 0);
    expect(second.told).toEqual(['4 too-old']);
    expect(first.told).toHaveLength(3);
    expect(reported).toEqual([]);
  });

  it('are reported where nobody ever had it', () => {
    const reported: string[] = [];
    const guardian = new Guardian((reason, events) => void reported.push(`${events} ${reason}`));
    guardian.lost('too-old', 5, 0);
    expect(reported).toEqual(['5 too-old']);
    expect(guardian.dropped).toEqual({ 'too-old': 5 });
  });
});

describe('what is found on disk', () => {
  const found = {
    ...nothingFound,
    batches: [createBatch([encodedEvent(0, 'lifecycle')], 'array')],
  };

  it('is told to the owner, with the batches that are to be sent', () => {
    const guardian = new Guardian(() => {});
    const { owner, told } = createOwner();
    guardian.adopt(owner);
    guardian.found(found);
    guardian.tell(3, 2, 5);
    guardian.missing(4);
    expect(told).toEqual(['3 found, 2 dead, in 1 batches', '4 found, 0 dead, in 0 batches', '4 damaged']);
  });

  it('counts for one that closed before it was found, and is sent by the next', () => {
    const guardian = new Guardian(() => {});
    const [first, second] = [createOwner(), createOwner()];
    guardian.adopt(first.owner);
    guardian.park();
    guardian.found(found);
    guardian.tell(3, 2, 5);
    guardian.missing(4);
    expect(first.told).toEqual([
      '3 found, 2 dead, in 0 batches',
      '4 found, 0 dead, in 0 batches',
      '4 damaged',
    ]);
    guardian.adopt(second.owner);
    guardian.tell(3, 2, 5);
    expect(second.told).toEqual(['3 found, 2 dead, in 1 batches']);
  });
});
