import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoders } from '../../src/formats/format.js';
import { encodeTruncated } from '../../src/formats/truncate.js';
import { type Event, outcomes } from '../../src/model/event.js';
import type { JsonValue } from '../../src/model/json.js';
import { levels } from '../../src/model/level.js';

const text = fc.string({ unit: 'grapheme' });
const context = fc.dictionary(text, text);
const time = fc.constant('2026-01-02T03:04:05.678Z');

const loggingEvent: fc.Arbitrary<Event> = fc.record({
  type: fc.constant('logging' as const),
  time,
  message: text,
  level: fc.constantFrom(...levels),
  context,
});

const lifecycleEvent: fc.Arbitrary<Event> = fc.record(
  {
    type: fc.constant('lifecycle' as const),
    time,
    action: text,
    entities: fc.array(text),
    requestor: fc.record({ protocol: text, username: text, address: text }),
    metadata: fc.jsonValue() as fc.Arbitrary<JsonValue>,
    context,
    name: text,
    project: text,
    outcome: fc.constantFrom(...outcomes),
    message: text,
  },
  { requiredKeys: ['type', 'time', 'action', 'entities'] },
);

const events = fc.oneof(loggingEvent, lifecycleEvent);

describe.each(Object.entries(encoders))('the format %s', (_name, encode) => {
  it('writes any event as one line of JSON', () => {
    fc.assert(
      fc.property(events, (event) => {
        const line = encode(event);
        expect(line).not.toMatch(/[\r\n]/);
        expect(() => JSON.parse(line)).not.toThrow();
      }),
    );
  });

  it('cuts any event down to any size that its frame fits in, and says how large it was', () => {
    fc.assert(
      fc.property(
        events,
        fc.integer({ min: 300, max: 2000 }),
        fc.integer({ min: 0, max: 3000 }),
        (event, maxBytes, padding) => {
          const large: Event =
            event.type === 'logging'
              ? { ...event, message: event.message + 'ü'.repeat(padding) }
              : { ...event, metadata: { padding: 'ü'.repeat(padding) } };
          const bytes = Buffer.byteLength(encode(large));
          const cut = encodeTruncated(large, encode, bytes, maxBytes);
          if (cut === undefined) throw new Error('does not fit');
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
          expect(cut).toContain('"truncated":');
          expect(cut).toContain(String(bytes));
          expect(() => JSON.parse(cut)).not.toThrow();
        },
      ),
    );
  });

  it('keeps nearly as much of a large event as fits', () => {
    const event: Event = {
      type: 'logging',
      time: '2026-01-02T03:04:05.678Z',
      message: 'm',
      level: 'INFO',
      context: { text: 'x'.repeat(10_000) },
    };
    const cut = encodeTruncated(event, encode, 10_100, 2000);
    expect(cut?.length).toBeGreaterThan(1990);
  });

  it('gives up on an event whose frame alone is too large', () => {
    const event: Event = { type: 'logging', time: 'x'.repeat(500), message: 'm', level: 'INFO', context: {} };
    expect(encodeTruncated(event, encode, 600, 300)).toBeUndefined();
  });
});
