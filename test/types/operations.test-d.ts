/** What TypeScript knows of operations, and of options that formats have. */

import { expectTypeOf, it } from 'vitest';
import winston from 'winston';
import {
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
  // @ts-expect-error the type prefix is missing
  transport.reload([{ ...target, format_options: { source: '/svc' } }]);
});
