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

/** As `JSON.stringify` has it, but for what some programs break lines at. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

it('writes what JSON.stringify writes, whatever the text', () => {
  const json = new JsonWriter();
  fc.assert(
    fc.property(text, (value) => {
      json.begin();
      json.string(value);
      expect(textOf(json.end())).toBe(jsonOf(value));
    }),
  );
});

it('writes objects as JSON.stringify does, whatever the keys', () => {
  const json = new JsonWriter();
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (entries) => {
      json.begin();
      json.object(entries.flat());
      const members = entries.map(([key, value]) => `${jsonOf(key)}:${jsonOf(value)}`);
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
          wanted.push(jsonOf([value, 1]));
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

it.each([
  ['short', 'a\u2028b\u2029c\u0085d\u009be'],
  ['long', `${'ä'.repeat(100)}\u2028\u0085`],
])('escapes what some programs break lines at: %s', (_what, value) => {
  const json = new JsonWriter();
  json.begin();
  json.object([value, value]);
  const written = textOf(json.end());
  expect(written).not.toMatch(/[\u0085\u2028\u2029]/);
  expect(JSON.parse(written)).toEqual({ [value]: value });
  json.begin();
  json.json(JSON.stringify([value]));
  expect(textOf(json.end())).toBe(jsonOf([value]));
  json.begin();
  json.text(JSON.stringify([value]));
  expect(textOf(json.end())).toBe(JSON.stringify([value]));
});
