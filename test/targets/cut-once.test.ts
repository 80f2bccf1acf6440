/** What foreign text costs: an event that is too large is cut once, however many targets take as much of it. */

import { expect, it } from 'vitest';
import { defineFormat } from '../../src/index.js';
import { toJson } from '../../src/model/json.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

/** How often a record is written for so many targets, of two sizes. */
async function writes(
  targets: number,
  message: string,
  sizeOf = (index: number): number => (index % 2 ? 65_536 : 32_768),
): Promise<number> {
  const receiver = await startReceiver();
  let count = 0;
  const counting = defineFormat({
    contentType: 'application/json',
    write: (event) => {
      if ('message' in event && event.message?.startsWith(message.slice(0, 4))) count++;
      return JSON.stringify(event);
    },
    frame: { open: '[', separator: ',', close: ']' },
  });
  const { transport, logger } = createTestTransport(
    Array.from({ length: targets }, (_, index) => ({
      ...quickTarget(receiver.address, { name: `t${index}`, batch_bytes: sizeOf(index) }),
      event_format: 'counting' as never,
    })),
    { formats: { counting } },
  );
  logger.info(message);
  await transport.flush();
  expect(transport.status().targets.every(({ delivered }) => delivered === 1)).toBe(true);
  return count;
}

it.each([
  ['control characters', '\u0001'.repeat(200_000)],
  ['letters', 'abcd'.repeat(50_000)],
])('twenty targets cost no more than two: %s', async (_what, message) => {
  const [two, twenty] = [await writes(2, message), await writes(20, message)];
  expect(twenty).toBe(two);
  // The whole, and a few guesses for each size instead of one for each bit of it.
  expect(two).toBeLessThanOrEqual(1 + 2 * 20);
});

it('a hundred sizes cost little more than eight, and each gets at least half of what it takes', async () => {
  const sizeOf = (index: number) => 20_000 + 100 * index;
  const message = 'abcd'.repeat(50_000);
  const eight = await writes(8, message, sizeOf);
  expect(await writes(100, message, sizeOf)).toBeLessThanOrEqual(1.5 * eight);
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport(
    Array.from({ length: 100 }, (_, index) =>
      quickTarget(`${receiver.address}?${index}`, { name: `t${index}`, batch_bytes: sizeOf(index) }),
    ),
  );
  logger.info(message);
  await transport.flush();
  expect(receiver.requests).toHaveLength(100);
  for (const { url, body } of receiver.requests) {
    const size = sizeOf(Number(url?.split('?')[1]));
    expect(body.length).toBeLessThanOrEqual(size);
    expect(body.length).toBeGreaterThan(size / 2 - 100);
  }
});

it('what describes much more than it holds is cut off early', () => {
  let copies = 0;
  const many = { toJSON: () => Array.from({ length: 1000 }, () => (copies++ < 1e7 ? many : 0)) };
  toJson(many);
  toJson({ length: [2 ** 32 - 1].map((length) => Array(length)) });
  expect(copies).toBeLessThan(3 * 2 ** 20);
});
