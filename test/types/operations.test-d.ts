/** What TypeScript knows of operations, and of options that formats have. */

import { expectTypeOf, it } from 'vitest';
import winston from 'winston';
import { z } from 'zod';
import {
  defineFormat,
  EventTransport,
  type LogTarget,
  type OperationHandle,
  type StartOperation,
} from '../../src/index.js';

const transport = new EventTransport();
const logger = winston.createLogger({ transports: [transport] });

it('every logger and its children have operation', () => {
  expectTypeOf(logger.operation({ description: 'd' })).toEqualTypeOf<OperationHandle>();
  expectTypeOf(logger.child({}).operation).toEqualTypeOf<StartOperation>();
  expectTypeOf(transport.operation).toEqualTypeOf<StartOperation>();
  const { update, cancel } = logger.operation({
    description: 'd',
    class: 'token',
    resources: { instances: ['/1.0/instances/c1'], images: '/1.0/images/i1' },
    mayCancel: true,
    onCancel: async () => {},
    metadata: { progress: 1 },
  });
  expectTypeOf(update({ progress: 2 })).toEqualTypeOf<boolean>();
  expectTypeOf(cancel()).resolves.toEqualTypeOf<boolean>();
});

it('wrong options do not compile', () => {
  // @ts-expect-error a description is missing
  logger.operation({});
  // @ts-expect-error no such class
  logger.operation({ description: 'd', class: 'job' });
  // @ts-expect-error no such option
  logger.operation({ description: 'd', cancel: true });
});

it('formats and their options are known', () => {
  const target: LogTarget = {
    name: 'a',
    address: 'https://a',
    event_format: 'cloudevents',
    format_options: { source: '/svc', type_prefix: 'com.example', extensions: { a: true } },
  };
  transport.reload([target, { ...target, event_format: 'lxd', format_options: {} }]);
  // @ts-expect-error no such format
  transport.reload([{ ...target, event_format: 'xml' }]);
  // @ts-expect-error no format has these options
  transport.reload([{ ...target, format_options: { type_prefix: 'com.example' } }]);
  // @ts-expect-error a number is no label
  transport.reload([{ ...target, event_format: 'loki', format_options: { labels: { app: 5 } } }]);
  // @ts-expect-error the name of the service is missing
  transport.reload([{ ...target, event_format: 'otlp', format_options: { resource: {} } }]);
});

it("a user's formats are known by their names, and know their options", () => {
  const mine = defineFormat({
    contentType: 'text/plain',
    options: z.object({ index: z.string().transform(Number) }),
    write: (event, { options, location }) => {
      expectTypeOf(options).toEqualTypeOf<{ index: number }>();
      expectTypeOf(location).toEqualTypeOf<string | undefined>();
      return event.type === 'logging' ? event.message : event.id;
    },
    frame: ({ index }) => ({ open: String(index), separator: '', close: '' }),
  });
  const own = new EventTransport({
    formats: { mine },
    targets: [{ name: 'a', address: 'b', event_format: 'mine', format_options: { index: '1' } }],
  });
  own.reload([{ name: 'a', address: 'b', event_format: 'loki' }]);
  // @ts-expect-error no such format
  own.reload([{ name: 'a', address: 'b', event_format: 'yours' }]);
  // @ts-expect-error nobody said what it writes
  defineFormat({ contentType: 'text/plain', frame: { open: '', separator: '', close: '' } });
});
