/** What TypeScript knows of the public interface. */

import { expectTypeOf, it } from 'vitest';
import winston, { type Logger } from 'winston';
import { lxd } from '../../src/catalogs/index.js';
import {
  type Authorize,
  createEventStream,
  type EventStream,
  EventTransport,
  type LogTarget,
  type LogTargetsError,
  type Receipt,
  type Report,
  SettingsError,
} from '../../src/index.js';

const transport = new EventTransport({
  targets: [{ name: 'siem', address: 'https://x', level: 'info', scopes: ['logging'], retry_timeout: null }],
});
const logger = winston.createLogger({ transports: [transport] });

it('every logger and its children have lifecycle, attached or detached', () => {
  expectTypeOf(logger.lifecycle('a')).resolves.toEqualTypeOf<Receipt>();
  expectTypeOf(logger.child({}).lifecycle).toEqualTypeOf<Logger['lifecycle']>();
  expectTypeOf(
    transport.lifecycle('a', { entities: '/1.0/x', requestor: 'tls/a (b)' }),
  ).resolves.toEqualTypeOf<Receipt>();
  const { lifecycle } = logger;
  expectTypeOf(lifecycle).toBeCallableWith('a', {
    requestor: { protocol: 'p', username: 'u', address: 'a' },
    time: new Date(),
  });
});

it('wrong details do not compile', () => {
  // @ts-expect-error an action is text
  logger.lifecycle(5);
  // @ts-expect-error no such detail
  logger.lifecycle('a', { entity: '/1.0/x' });
  // @ts-expect-error a requestor has three parts
  logger.lifecycle('a', { requestor: { protocol: 'tls' } });
  // @ts-expect-error no such outcome
  logger.lifecycle('a', { outcome: 'maybe' });
});

it('wrong targets do not compile', () => {
  // @ts-expect-error an address is missing
  transport.reload([{ name: 'siem' }]);
  // @ts-expect-error no such key
  transport.reload([{ name: 'siem', address: 'https://x', retries: 3 }]);
  // @ts-expect-error winston's levels are not those of targets
  transport.reload([{ name: 'siem', address: 'https://x', level: 'warning' }]);
  // @ts-expect-error no such level
  new EventTransport({ targets: [{ name: 'siem', address: 'https://x', level: 'verbose' }] });
  // @ts-expect-error no such option
  new EventTransport({ target: [] });
  new EventTransport({ targets: [{ name: 'siem', address: 'https://x', level: 'Info' }] });
  // @ts-expect-error no such scope
  transport.reload([{ name: 'siem', address: 'https://x', scopes: ['all'] }]);
  expectTypeOf<LogTarget['batch_size']>().toEqualTypeOf<number | null | undefined>();
});

it('reports narrow by type, errors by code', () => {
  transport.on('report', (report) => {
    expectTypeOf(report).toEqualTypeOf<Report>();
    if (report.type === 'eventsDropped') expectTypeOf(report.events).toEqualTypeOf<number>();
  });
  transport.on('warn', (warning) => expectTypeOf(warning).toEqualTypeOf<Error>());
  transport.on('finish', () => {});
  transport.once('logged', () => {}).off('warn', () => {});
  // @ts-expect-error the event is called `warn`
  transport.on('warning', () => {});
  // @ts-expect-error the event is called `report`
  transport.once('reports', () => {});
  expectTypeOf(new SettingsError([]).code).toEqualTypeOf<
    'SETTINGS_INVALID' | 'SETTINGS_CONFLICT' | 'SETTINGS_BROKEN'
  >();
  expectTypeOf<SettingsError>().toExtend<LogTargetsError>();
});

it('an event stream takes a transport, and who may listen', () => {
  const who = { protocol: 'tls', username: 'a', address: 'b' };
  expectTypeOf(createEventStream({ transport, authorize: () => who })).toEqualTypeOf<EventStream>();
  createEventStream({
    transport,
    authorize: async (request, { fingerprint }) => {
      expectTypeOf(fingerprint).toEqualTypeOf<string | undefined>();
      return request.socket.destroyed ? undefined : { ...who, types: ['logging'] };
    },
    projects: new Set(['web']),
  });
  // What authorizes changes of the settings may do so here.
  const authorize: Authorize = () => 'tls/a (b)';
  createEventStream({ transport: new EventTransport({ catalog: lxd }), authorize });
  // @ts-expect-error it must be said who may listen
  createEventStream({ transport });
  // @ts-expect-error no such type
  createEventStream({ transport, authorize: () => ({ ...who, types: ['logs'] }) });
  // @ts-expect-error no transport
  createEventStream({ transport: {}, authorize: () => who });
});

it('settings may be left undefined, as variables of the environment are', () => {
  const password: string | undefined = process.env.PASSWORD;
  const target: LogTarget = {
    name: 'siem',
    address: 'https://x',
    password,
    level: undefined,
    scopes: undefined,
  };
  expectTypeOf(target.password).toEqualTypeOf<string | null | undefined>();
  // @ts-expect-error levels are known by name
  const loud: LogTarget = { name: 'siem', address: 'https://x', level: 'verbose' };
  expectTypeOf(loud).toEqualTypeOf<LogTarget>();
});
