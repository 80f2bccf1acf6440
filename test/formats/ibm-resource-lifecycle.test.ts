/** IBM's schema of resource lifecycle events, field by field. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LifecycleEvent, Outcome } from '../../src/model/event.js';
import { arbitraryEvents, encoderOf } from './events.js';

const text = { type: 'string' };
const object = (properties: object, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** The table of the reference. Required: what every event has; the rest is there where it is known. */
const validate = new Ajv2020().compile(
  object(
    {
      account_id: text,
      event_id: { type: 'string', pattern: '^[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}$' },
      event_type: text,
      timestamp: text,
      context: object(
        {
          subject_id: text,
          subject_name: text,
          activity: object(
            {
              action: text,
              message: text,
              outcome: text,
              reason_reasonCode: { type: 'number' },
              target_name: text,
            },
            ['action', 'message', 'outcome', 'reason_reasonCode', 'target_name'],
          ),
        },
        ['activity'],
      ),
      event_properties: object(
        {
          ...Object.fromEntries(
            [
              'created_at created_by crn guid name resource_group_id resource_id region_id state',
              'restored_at restored_by scheduled_reclaim_at scheduled_reclaim_by updated_at',
            ]
              .flatMap((names) => names.split(' '))
              .map((name) => [name, text]),
          ),
          type: { enum: ['service_instance', 'resource_instance'] },
          last_operation: object({ description: text, state: text, type: text }, [
            'description',
            'state',
            'type',
          ]),
        },
        ['crn', 'guid', 'name', 'resource_id', 'last_operation', 'region_id', 'type', 'updated_at'],
      ),
    },
    ['account_id', 'event_id', 'event_type', 'timestamp', 'context', 'event_properties'],
  ),
);

const time = '2022-09-30T16:18:55.000Z';
const encode = encoderOf('ibm-resource-lifecycle');
const encoded = (event: Partial<LifecycleEvent> = {}) =>
  JSON.parse(
    encode({
      type: 'lifecycle',
      time,
      action: 'instance.create',
      entities: ['/1.0/instances/a4bcc3f2'],
      ...event,
    }),
  );

it('every event keeps to the schema', () => {
  const events = arbitraryEvents.lifecycle.filter(
    (event) => !Object.hasOwn(Object((event as LifecycleEvent).metadata), 'type'),
  );
  fc.assert(
    fc.property(events, (event) => {
      expect({ ok: validate(JSON.parse(encode(event))), errors: validate.errors }).toEqual({
        ok: true,
        errors: null,
      });
    }),
  );
});

it('an instance that was created is the reference’s example, in our words', () => {
  const event = encoded({
    name: 'Demo-0001',
    project: 'ee24533e',
    requestor: { protocol: 'iam', username: 'IBMid-1', address: '10.0.0.1' },
    context: { subject_name: 'ann@example.com' },
    metadata: { crn: 'crn:v1:staging:public:apprapp:us-south:a/x:a4bcc3f2::', resource_id: 'apprapp-1' },
  });
  expect(event).toEqual({
    account_id: 'abcdef25',
    context: {
      activity: {
        action: 'apprapp.instance.create',
        message: 'apprapp: create instance Demo-0001',
        outcome: 'success',
        reason_reasonCode: 201,
        target_name: 'Demo-0001',
      },
      subject_id: 'IBMid-1',
      subject_name: 'ann@example.com',
    },
    event_id: event.event_id,
    event_properties: {
      created_at: time,
      created_by: 'IBMid-1',
      crn: 'crn:v1:staging:public:apprapp:us-south:a/x:a4bcc3f2::',
      guid: 'a4bcc3f2',
      last_operation: {
        description: 'Completed create instance operation',
        state: 'succeeded',
        type: 'create',
      },
      name: 'Demo-0001',
      region_id: 'us-south',
      resource_group_id: 'ee24533e',
      resource_id: 'apprapp-1',
      state: 'active',
      type: 'service_instance',
      updated_at: time,
    },
    event_type: 'resource-controller.instance.create',
    timestamp: time,
  });
});

it.each<[string, Outcome | undefined, string, Outcome, number]>([
  ['instance.create', undefined, 'instance.create', 'success', 201],
  ['instance.create', 'success', 'instance.create', 'success', 201],
  ['instance.create', 'failure', 'instance.create_failure', 'failure', 500],
  ['instance.create', 'inprogress', 'instance.create_inprogress', 'inprogress', 202],
  ['instance.update_plan', 'failure', 'instance.update_plan_failure', 'failure', 500],
  ['instance.delete_failure', undefined, 'instance.delete_failure', 'failure', 500],
  ['instance.delete_failure', 'failure', 'instance.delete_failure', 'failure', 500],
  ['instance.delete_inprogress', 'success', 'instance.delete', 'success', 200],
  ['Resource_group.update', undefined, 'Resource_group.update', 'success', 200],
])('%s with outcome %s is %s', (action, outcome, type, ended, code) => {
  const event = encoded({ action, ...(outcome && { outcome }) });
  expect(event.event_type).toBe(`resource-controller.${type}`);
  expect(event.context.activity).toMatchObject({ outcome: ended, reason_reasonCode: code });
  expect(event.context.activity.action).not.toMatch(/_(failure|inprogress)$/);
});

it('who restored and who reclaimed is told where that was done', () => {
  const requestor = { protocol: 'iam', username: 'u', address: 'a' };
  expect(encoded({ action: 'instance.restore', requestor }).event_properties).toMatchObject({
    restored_at: time,
    restored_by: 'u',
    state: 'active',
  });
  expect(encoded({ action: 'instance.schedule_reclaim', requestor }).event_properties).toMatchObject({
    scheduled_reclaim_at: time,
    scheduled_reclaim_by: 'u',
    state: 'pending_reclamation',
  });
});

it('what metadata says under the name of a field counts more than what can be derived', () => {
  const metadata = {
    created_at: '2020-01-01T00:00:00Z',
    guid: 'g',
    state: 'inactive',
    reason_reasonCode: 409,
    last_operation: { description: 'Created it' },
    name: 5,
    other: 'x',
  };
  const { event_properties, context } = encoded({ metadata });
  expect(event_properties).toMatchObject({
    created_at: '2020-01-01T00:00:00Z',
    guid: 'g',
    name: 'a4bcc3f2',
    state: 'inactive',
    last_operation: { description: 'Created it' },
  });
  expect(event_properties).not.toHaveProperty('other');
  expect(context.activity.reason_reasonCode).toBe(409);
});

it('a CRN is taken from the entities, or made', () => {
  const crn = 'crn:v1:bluemix:public:apprapp:eu-de:a/x:guid-1::';
  expect(encoded({ entities: [crn] }).event_properties).toMatchObject({ crn, guid: 'guid-1' });
  expect(encoded().event_properties.crn).toBe('crn:v1:bluemix:public:apprapp:us-south:a/abcdef25:a4bcc3f2::');
});

it('takes no longer for an entity that is nothing but slashes', () => {
  const entity = `/x/${'/'.repeat(1_000_000)}y`;
  const { event_properties } = JSON.parse(
    encode({
      type: 'lifecycle',
      time: '2026-01-02T03:04:05.678Z',
      action: 'instance.create',
      entities: [entity],
    }),
  );
  expect(event_properties.guid).toBe('y');
});
