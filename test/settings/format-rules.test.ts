/** What `event_format` asks of `format_options`, `scopes`, `body_format` and `batch_bytes`. */

import { HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtIn } from '../../src/formats/formats.js';
import { builtInFormats } from '../../src/formats/table.js';
import { encodeTruncated } from '../../src/formats/truncate.js';
import { bodyBytes, frameBytes } from '../../src/queue/batch.js';
import { problemsOf, validateTargets } from '../../src/settings/validate.js';
import { planReload } from '../../src/targets/plan.js';
import { arbitraryEvents, encodingWith, exampleOptions } from '../formats/events.js';

const base = { name: 'siem', address: 'https://siem.example.com/1.0/log' };
const ibm = {
  ...base,
  event_format: 'ibm-resource-lifecycle',
  format_options: exampleOptions['ibm-resource-lifecycle'],
};
const ce = {
  ...base,
  event_format: 'cloudevents',
  format_options: { source: '/svc', type_prefix: 'com.example' },
};
const withOptions = (options: object) => ({ ...ce, format_options: { ...ce.format_options, ...options } });
const withExtensions = (extensions: unknown) => withOptions({ extensions });

function problemsOfTarget(target: unknown): string[][] {
  return problemsOf({ log_targets: [target] }).map(({ path, message }) => [
    path.replace('log_targets[0].', ''),
    message,
  ]);
}

describe('format_options', () => {
  it('are complete after validation', () => {
    expect(validateTargets([ce])[0]?.format_options).toEqual({
      source: '/svc',
      type_prefix: 'com.example',
      extensions: {},
    });
    expect(validateTargets([ibm])[0]?.format_options).toEqual(ibm.format_options);
  });

  it.each<[unknown, ...(readonly string[])]>([
    [{ ...base, event_format: 'lxd', format_options: { source: 'x' } }, 'format_options.source'],
    [{ ...base, format_options: { account_id: 'x' } }, 'format_options.account_id'],
    [{ ...base, format_options: 'x' }, 'format_options'],
    [{ ...ibm, format_options: 5 }, 'format_options'],
    [
      { ...ibm, format_options: undefined },
      'format_options.account_id',
      'format_options.region_id',
      'format_options.service',
    ],
    [{ ...ibm, format_options: { ...ibm.format_options, account_id: '' } }, 'format_options.account_id'],
    [{ ...ibm, format_options: { ...ibm.format_options, service: 'a:b' } }, 'format_options.service'],
    [{ ...ibm, format_options: { ...ibm.format_options, region: 'x' } }, 'format_options.region'],
    [{ ...ce, format_options: {} }, 'format_options.source', 'format_options.type_prefix'],
    [withOptions({ source: 'a b' }), 'format_options.source'],
    [withOptions({ source: '' }), 'format_options.source'],
    [withOptions({ type_prefix: 'com.example.' }), 'format_options.type_prefix'],
    [withOptions({ type_prefix: 'com..example' }), 'format_options.type_prefix'],
    [withExtensions('x'), 'format_options.extensions'],
    [withExtensions({ 'ibm-id': 'x' }), 'format_options.extensions.ibm-id'],
    [withExtensions({ Upper: 'x' }), 'format_options.extensions.Upper'],
    [withExtensions({ ['x'.repeat(21)]: 'x' }), `format_options.extensions.${'x'.repeat(21)}`],
    [withExtensions({ subject: 'x' }), 'format_options.extensions.subject'],
    [withExtensions({ data: 'x' }), 'format_options.extensions.data'],
    [withExtensions({ a: null }), 'format_options.extensions.a'],
    [withExtensions({ a: 1.5 }), 'format_options.extensions.a'],
    [withExtensions({ a: 2 ** 31 }), 'format_options.extensions.a'],
    [withExtensions({ a: '' }), 'format_options.extensions.a'],
    [withExtensions({ a: 'x\n' }), 'format_options.extensions.a'],
    [withExtensions({ a: ['x'] }), 'format_options.extensions.a'],
    [withExtensions(JSON.parse('{"__proto__":"x"}')), 'format_options.extensions.__proto__'],
    [
      { ...ce, format_options: JSON.parse('{"__proto__":1,"source":"/","type_prefix":"a"}') },
      'format_options.__proto__',
    ],
    [withExtensions({ a: 'x'.repeat(20_000) }), 'format_options'],
  ])('that do not fit the format are refused: %j', (target, ...paths) => {
    const problems = problemsOfTarget(target);
    expect(problems.map(([path]) => path)).toEqual(paths);
  });

  it('are told of beside all other problems, and quote what was given', () => {
    const problems = problemsOfTarget({ ...ibm, retry_count: -1, format_options: { account_id: 5 } });
    expect(problems).toEqual([
      ['retry_count', 'Expected `retry_count` to be an integer >= 1, got `-1`'],
      [
        'format_options.account_id',
        'Expected `account_id` to be text without `:`, `/` and control characters, got `5`',
      ],
      ['format_options.region_id', expect.stringContaining('got nothing')],
      ['format_options.service', expect.stringContaining('got nothing')],
    ]);
  });

  it('that are too deep, or a circle, are refused as such', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);
    const circle: Record<string, unknown> = {};
    circle.itself = circle;
    for (const a of [deep, circle]) {
      const [[path, message] = []] = problemsOfTarget({
        ...base,
        event_format: 'json',
        format_options: { fields: { a } },
      });
      expect(path).toBe('format_options.fields.a');
      expect(message).toContain('at most 100 levels deep, got an object');
    }
  });

  it('are of the settings alone: whoever gave them may go on with what they gave', () => {
    const env = { name: 'a' };
    const targets = [{ ...base, event_format: 'json', format_options: { fields: { env } } }];
    const before = validateTargets(targets);
    env.name = 'b';
    expect(planReload(before, validateTargets(targets)).changed).toHaveLength(1);
  });

  it('are not looked at when the format itself is wrong', () => {
    const paths = problemsOfTarget({ ...ibm, event_format: 'xml' }).map(([path]) => path);
    expect(paths).toEqual(['event_format']);
  });

  it('that differ are a change; their order is none', () => {
    const validate = (extensions: object) => validateTargets([withExtensions(extensions)]);
    const changes = (before: object, after: object) =>
      planReload(validate(before), validate(after)).changed.length;
    expect(changes({ a: '1', b: true }, { b: true, a: '1' })).toBe(0);
    expect(changes({ a: '1' }, { a: '2' })).toBe(1);
    expect(changes({ a: '1' }, {})).toBe(1);
  });

  it('whose source is accepted make events that the SDK accepts', () => {
    const sources = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'ab1:/?#[]@%20._-') }),
      fc.constantFrom(
        'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
        'mailto:a@b',
        '//[::1]:80/x',
        '../a',
        '#x',
      ),
    );
    fc.assert(
      fc.property(sources, (source) => {
        if (problemsOfTarget(withOptions({ source })).length > 0) return;
        const [settings] = validateTargets([withOptions({ source })]);
        if (settings === undefined) throw new Error('no target');
        const time = '2026-01-02T03:04:05.678Z';
        const body = encodingWith(builtIn.createWriter(settings))({
          type: 'lifecycle',
          time,
          action: 'a',
          entities: [],
        });
        const event = HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body });
        expect(event).toMatchObject({ source });
      }),
      { numRuns: 500 },
    );
  });

  it.each(['https://example.com/service', '/service', 'urn:example:a', '//h/x', 'a/b?c#d', 'service'])(
    'take the source %s',
    (source) => {
      expect(problemsOfTarget(withOptions({ source }))).toEqual([]);
    },
  );
});

describe('scopes', () => {
  it('that a format has no place for are refused when given', () => {
    const problems = problemsOfTarget({ ...ibm, scopes: ['lifecycle', 'logging', 'operation'] });
    expect(problems).toEqual([
      [
        'scopes[1]',
        'Expected `scopes` to be one of `lifecycle` with `event_format` `ibm-resource-lifecycle`, got `logging`',
      ],
      ['scopes[2]', expect.stringContaining('got `operation`')],
    ]);
  });

  it.each([[[]], [null], [undefined], [['lifecycle']]])(
    'default to what the format carries: %j',
    (scopes) => {
      expect(validateTargets([{ ...ibm, scopes }])[0]?.scopes).toEqual(['lifecycle']);
    },
  );
});

it('cloudevents are no lines', () => {
  expect(problemsOfTarget({ ...ce, body_format: 'ndjson' })).toEqual([
    [
      'body_format',
      'Expected `body_format` to be `array` or `single` with `event_format` `cloudevents`, got `ndjson`',
    ],
  ]);
});

describe('batch_bytes', () => {
  it('has room for the frame of each event', () => {
    const paths = (target: object) => problemsOfTarget(target).map(([path]) => path);
    expect(paths({ ...base, batch_bytes: 256 })).toEqual([]);
    expect(paths({ ...base, batch_bytes: 256, scopes: ['operation'] })).toEqual(['batch_bytes']);
    expect(paths({ ...base, batch_bytes: 256, event_format: 'lxd' })).toEqual(['batch_bytes']);
    expect(paths({ ...ibm, batch_bytes: 1024 })).toEqual(['batch_bytes']);
    expect(paths({ ...ce, batch_bytes: 2048 })).toEqual([]);
  });

  it.each([...builtInFormats])(
    'that is accepted has room for any event of %s, cut down',
    (event_format, { types }) => {
      const events = fc.oneof(...types.map((type) => arbitraryEvents[type]));
      const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 2000 });
      fc.assert(
        fc.property(events, word, fc.integer({ min: 256, max: 8000 }), (event, text, batch_bytes) => {
          const format_options =
            event_format === 'cloudevents'
              ? { source: text, type_prefix: text, extensions: { a: text } }
              : event_format === 'ibm-resource-lifecycle'
                ? { account_id: text, region_id: text, service: text }
                : event_format === 'otlp'
                  ? { resource: { 'service.name': text } }
                  : {};
          const scopes = [...types];
          const target = { ...base, event_format, format_options, batch_bytes, scopes };
          if (problemsOfTarget(target).length > 0) return;
          const [settings] = validateTargets([target]);
          if (settings === undefined) throw new Error('no target');
          const { frame } = builtIn.createEnvelope(settings, 'array');
          const room = batch_bytes - bodyBytes(1, 0, frameBytes(frame));
          expect(encodeTruncated(event, builtIn.createWriter(settings), 9999, room)).toBeDefined();
        }),
      );
    },
  );
});
