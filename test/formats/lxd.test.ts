/** What LXD's and Incus's clients decode. */

import { expect, it } from 'vitest';
import { encodeLxd } from '../../src/formats/lxd.js';
import type { LifecycleEvent } from '../../src/model/event.js';

const time = '2026-01-02T03:04:05.678Z';
const lifecycle = (event: Partial<LifecycleEvent> = {}) =>
  JSON.parse(
    encodeLxd({
      type: 'lifecycle',
      time,
      action: 'instance-created',
      entities: ['/1.0/instances/c1'],
      ...event,
    }),
  );

it('a logging event has its keys in order and its level in LXD’s word', () => {
  expect(
    encodeLxd({ type: 'logging', time, message: 'm', level: 'WARN', entries: ['a', '1'], location: 'n1' }),
  ).toBe(
    `{"type":"logging","timestamp":"${time}","metadata":{"message":"m","level":"warning","context":{"a":"1"}},"location":"n1"}`,
  );
});

it.each([
  ['DEBUG', 'debug'],
  ['INFO', 'info'],
  ['WARN', 'warning'],
  ['ERROR', 'error'],
] as const)('the level %s is %s', (level, name) => {
  const { metadata } = JSON.parse(encodeLxd({ type: 'logging', time, message: 'm', level, entries: [] }));
  expect(metadata).toEqual({ message: 'm', level: name, context: {} });
});

it('a lifecycle event has all that was given, keys in order', () => {
  expect(
    encodeLxd({
      type: 'lifecycle',
      time,
      action: 'instance-renamed',
      entities: ['/1.0/instances/c2', '/1.0/operations/o1'],
      requestor: { protocol: 'tls', username: 'u', address: '10.0.0.1' },
      metadata: { n: 1 },
      context: { old_name: 'c1' },
      name: 'c2',
      project: 'web',
      outcome: 'success',
      message: 'renamed',
      location: 'n1',
    }),
  ).toBe(
    `{"type":"lifecycle","timestamp":"${time}","metadata":{"action":"instance-renamed","source":"/1.0/instances/c2?project=web",` +
      '"context":{"old_name":"c1","entities":["/1.0/operations/o1"],"metadata":{"n":1},"outcome":"success","message":"renamed"},' +
      '"requestor":{"username":"u","protocol":"tls","address":"10.0.0.1"},"name":"c2","project":"web"},"location":"n1","project":"web"}',
  );
});

it('a bare lifecycle event has action and source only', () => {
  expect(lifecycle({ entities: [] })).toEqual({
    type: 'lifecycle',
    timestamp: time,
    metadata: { action: 'instance-created', source: '' },
  });
});

it.each([
  ['default', '/1.0/instances/c1', '/1.0/instances/c1'],
  ['a b&c', '/1.0/instances/c1', '/1.0/instances/c1?project=a%20b%26c'],
  ['web', '/1.0/instances/c1?target=n1', '/1.0/instances/c1?target=n1&project=web'],
  ['web', '/1.0/instances/c1?project=web', '/1.0/instances/c1?project=web'],
  ['\ud800', '/1.0/instances/c1', '/1.0/instances/c1?project=%EF%BF%BD'],
])('in project %j the source %s is %s', (project, entity, source) => {
  expect(lifecycle({ project, entities: [entity] })).toMatchObject({
    project,
    metadata: { source, project },
  });
});

it('a key without a name gets one, or clients would lose their place', () => {
  const { metadata } = JSON.parse(
    encodeLxd({ type: 'logging', time, message: 'm', level: 'INFO', entries: ['', 'a', 'b', 'c'] }),
  );
  expect(metadata.context).toEqual({ b: 'c', '-': 'a' });
});

it('an operation event has LXD’s fields in its order', () => {
  const operation = {
    id: '0192f0c1-2b3c-7def-8123-456789abcdef',
    class: 'task',
    description: 'Creating instance',
    created_at: time,
    updated_at: time,
    status: 'Running',
    status_code: 103,
    resources: { instances: ['/1.0/instances/c1'] },
    metadata: { progress: '10%' },
    may_cancel: false,
    err: '',
    location: 'none',
  } as const;
  expect(encodeLxd({ type: 'operation', time, operation, project: 'web' })).toBe(
    `{"type":"operation","timestamp":"${time}","metadata":${JSON.stringify(operation)},"project":"web"}`,
  );
});
