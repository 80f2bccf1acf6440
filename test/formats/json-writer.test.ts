import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JsonText, JsonWriter } from '../../src/formats/json-writer.js';
import { textOf } from './events.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ minLength: 40, maxLength: 200 }),
  fc.integer({ min: 0, max: 200_000 }).map((length) => 'x'.repeat(length)),
);

it('writes what JSON.stringify writes, whatever the text', () => {
  const json = new JsonWriter();
  fc.assert(
    fc.property(text, (value) => {
      json.begin();
      json.string(value);
      expect(textOf(json.end())).toBe(JSON.stringify(value).toWellFormed());
    }),
  );
});

it('writes objects as JSON.stringify does, whatever the keys', () => {
  const json = new JsonWriter();
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (entries) => {
      json.begin();
      json.object(entries.flat());
      const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
      expect(textOf(json.end())).toBe(`{${members.join()}}`);
    }),
  );
});

it.each([0, 100, 64 * 1024])(
  'leaves texts as they are, and a byte behind each, in blocks of %i bytes',
  (blockBytes) => {
    const write = fc.record({ text: fc.string({ maxLength: 60 }), isGivenUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 100 }), (writes) => {
        const json = new JsonWriter(blockBytes);
        const written: JsonText[] = [];
        const wanted: string[] = [];
        for (const { text: value, isGivenUp } of writes) {
          json.begin();
          json.bytes(Buffer.from('['));
          json.string(value);
          if (isGivenUp) continue;
          json.text(',1]');
          written.push(json.end());
          wanted.push(JSON.stringify([value, 1]));
        }
        for (const { block, start, bytes } of written) block[start + bytes] = 0x0a;
        expect(written.map(textOf)).toEqual(wanted);
      }),
    );
  },
);

it('lets a block that holds a large text be freed with it', () => {
  const json = new JsonWriter(1000);
  const blocks = [10, 5000, 10].map((length) => {
    json.begin();
    json.string('x'.repeat(length));
    return json.end().block;
  });
  expect(new Set(blocks).size).toBe(3);
});
