/** What holds for every format. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInFormats, type EventFormat } from '../../src/formats/table.js';
import { encodeTruncated } from '../../src/formats/truncate.js';
import type { Event } from '../../src/model/event.js';
import { arbitraryEvents, encoderOf, textOf, writeEventOf } from './events.js';

describe.each([...builtInFormats.keys()] as EventFormat[])('the format %s', (format) => {
  const types = builtInFormats.get(format)?.types ?? [];
  const encode = encoderOf(format);
  const write = writeEventOf(format);
  const events = fc.oneof(...types.map((type) => arbitraryEvents[type]));

  // Elasticsearch's bulk API has an action before each document.
  const linesOfAnEvent = format === 'elasticsearch' ? 2 : 1;

  it('writes any event as lines of JSON', () => {
    fc.assert(
      fc.property(events, (event) => {
        expectJson(encode(event), linesOfAnEvent);
      }),
    );
  });

  it('cuts any event down to any size that its frame fits in, and says how large it was', () => {
    fc.assert(
      fc.property(
        events,
        fc.integer({ min: Math.max(1024, builtInFormats.get(format)?.bareBytes ?? 0), max: 3000 }),
        fc.integer({ min: 0, max: 4000 }),
        (event, maxBytes, padding) => {
          const large = enlarge(event, 'ü'.repeat(padding));
          const bytes = Buffer.byteLength(encode(large));
          const text = encodeTruncated(large, write, bytes, maxBytes);
          if (text === undefined) throw new Error('does not fit');
          expect(text.bytes).toBeLessThanOrEqual(maxBytes);
          const cut = textOf(text);
          expect(cut).toContain('truncated');
          expect(cut).toContain(String(bytes));
          expectJson(cut, linesOfAnEvent);
        },
      ),
    );
  });

  it('keeps nearly as much of a large event as fits', () => {
    const event: Event = types.includes('logging')
      ? { type: 'logging', time, message: 'm', level: 'INFO', entries: ['text', 'x'.repeat(10_000)] }
      : { type: 'lifecycle', time, action: 'instance.create', entities: [], message: 'x'.repeat(10_000) };
    const cut = encodeTruncated(event, write, 10_100, 2000);
    expect(cut?.bytes).toBeGreaterThan(1990);
  });

  it('gives up on an event whose frame alone is too large', () => {
    const long = 'x'.repeat(500);
    const event: Event = { type: 'lifecycle', time: long, location: long, action: 'a', entities: [] };
    expect(encodeTruncated(event, write, 600, 300)).toBeUndefined();
  });

  it('shows the id of an event, where it shows one, however often it is written down', () => {
    fc.assert(
      fc.property(events, (event) => {
        encode(event);
        const { id } = event;
        const copy = encodeTruncated(event, write, 1000, 3000);
        encode(event);
        expect(event.id).toBe(id);
        if (id !== undefined) expect(copy && textOf(copy)).toContain(id);
      }),
    );
  });
});

const time = '2026-01-02T03:04:05.678Z';

function expectJson(text: string, count: number): void {
  expect(text).not.toMatch(/\r/);
  const lines = text.split('\n');
  expect(lines).toHaveLength(count);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
}

function enlarge(event: Event, padding: string): Event {
  switch (event.type) {
    case 'logging':
      return { ...event, message: event.message + padding };
    case 'lifecycle':
      return { ...event, message: padding, metadata: { padding } };
    case 'operation':
      return { ...event, operation: { ...event.operation, metadata: { padding } } };
  }
}

it('a log call pays for no id that nobody shows', () => {
  const event: Event = { type: 'logging', time, message: 'm', level: 'INFO', entries: [] };
  for (const format of ['migration-manager', 'lxd'] as const) encoderOf(format)(event);
  expect(event.id).toBeUndefined();
  encoderOf('cloudevents')(event);
  expect(event.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

it('a format refuses the types that it does not carry', () => {
  const event: Event = { type: 'logging', time, message: 'm', level: 'INFO', entries: [] };
  expect(() => encoderOf('ibm-resource-lifecycle')(event)).toThrow('no place for logging events');
});
