import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formats, type WriteEvent } from '../../src/formats/format.js';
import { type JsonText, JsonWriter } from '../../src/formats/json-writer.js';
import { encodeTruncated } from '../../src/formats/truncate.js';
import { type Event, outcomes } from '../../src/model/event.js';
import type { JsonValue } from '../../src/model/json.js';
import { levels } from '../../src/model/level.js';

const text = fc.string({ unit: 'grapheme' });
const context = fc.dictionary(text, text);
const entries = context.map((each) => Object.entries(each).flat());
const time = fc.constant('2026-01-02T03:04:05.678Z');

const loggingEvent: fc.Arbitrary<Event> = fc.record({
  type: fc.constant('logging' as const),
  time,
  message: text,
  level: fc.constantFrom(...levels),
  entries,
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

function textOf({ block, start, bytes }: JsonText): string {
  return block.toString('utf8', start, start + bytes);
}

describe.each(Object.entries(formats))('the format %s', (_name, write: WriteEvent) => {
  const encode = (event: Event) => {
    const json = new JsonWriter();
    json.begin();
    write(event, json);
    return textOf(json.end());
  };

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
          const text = encodeTruncated(large, write, bytes, maxBytes);
          if (text === undefined) throw new Error('does not fit');
          expect(text.bytes).toBeLessThanOrEqual(maxBytes);
          const cut = textOf(text);
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
      entries: ['text', 'x'.repeat(10_000)],
    };
    const cut = encodeTruncated(event, write, 10_100, 2000);
    expect(cut?.bytes).toBeGreaterThan(1990);
  });

  it('gives up on an event whose frame alone is too large', () => {
    const event: Event = { type: 'logging', time: 'x'.repeat(500), message: 'm', level: 'INFO', entries: [] };
    expect(encodeTruncated(event, write, 600, 300)).toBeUndefined();
  });
});
