/**
 * IBM Cloud's resource lifecycle events, in the fields of their schema and no others.
 *
 * An action is a type and a sub-type, `instance.create`; the outcome chooses among the sub-types: `create`,
 * `create_failure`, `create_inprogress`. A field is what metadata says under its name, else what can be
 * derived from the event, else left out.
 * @see https://cloud.ibm.com/docs/event-notifications?topic=event-notifications-en-resource-lifecycle-events
 */

import { z } from 'zod';
import type { LifecycleEvent, Outcome } from '../model/event.js';
import { idOf } from '../model/event-id.js';
import { isObject, type JsonValue } from '../model/json.js';
import { text } from '../model/keys.js';
import { bodyFormats, jsonEnvelopes } from './envelope.js';
import { type BuiltInFormat, type Encode, writeText } from './format.js';

/**
 * Who a resource belongs to, in IBM's terms.
 * @see https://cloud.ibm.com/docs/event-notifications?topic=event-notifications-en-resource-lifecycle-events
 */
export interface IbmResourceLifecycleOptions {
  /** The account in which things happen. */
  readonly account_id: string;
  /** The region in which they happen, for instance `us-south`. */
  readonly region_id: string;
  /** Name of the service, as it is part of a CRN. */
  readonly service: string;
}

/** Part of a CRN, where colons and slashes separate the parts. */
const crnPart = text(
  'text without `:`, `/` and control characters',
  (value) => value !== '' && !/[:/\p{Cc}]/u.test(value),
);

const options = z.strictObject({ account_id: crnPart, region_id: crnPart, service: crnPart }, 'an object');

/** IBM Cloud's events: they tell of resources only. */
export const ibmResourceLifecycle = {
  types: ['lifecycle'],
  bodyFormats,
  options,
  bareBytes: 1024,
  createWriter: (given) => writeText(createIbmResourceLifecycleEncoder(given)),
  createEnvelope: (bodyFormat) => jsonEnvelopes[bodyFormat],
  idIn: (written) => JSON.parse(written).event_id,
} satisfies BuiltInFormat<IbmResourceLifecycleOptions>;

/** The encoder for one account, region and service. */
function createIbmResourceLifecycleEncoder(options: IbmResourceLifecycleOptions): Encode {
  return (event) => {
    if (event.type !== 'lifecycle') throw new TypeError(`The format has no place for ${event.type} events`);
    const deed = deedOf(event);
    return JSON.stringify({
      account_id: options.account_id,
      context: contextOf(event, deed, options),
      event_id: idOf(event),
      event_properties: propertiesOf(event, deed, options),
      event_type: `resource-controller.${deed.type}${deed.subType}`,
      timestamp: event.time,
    });
  };
}

/** What was done, and how it ended. */
interface Deed {
  /** With the dot behind it; empty where the action has none. */
  readonly type: string;
  /** Without its outcome: `create`. */
  readonly verb: string;
  /** With its outcome: `create_failure`. */
  readonly subType: string;
  readonly outcome: Outcome;
}

const outcomeSuffixes: Readonly<Record<Outcome, string>> = {
  success: '',
  failure: '_failure',
  inprogress: '_inprogress',
};

/** An action may name its outcome itself; one that was given counts more. */
function deedOf({ action, outcome }: LifecycleEvent): Deed {
  const [, type = '', verb = '', named] = /^(?:(.*\.))?(.*?)(?:_(failure|inprogress))?$/s.exec(action) ?? [];
  const ended = outcome ?? (named as Outcome | undefined) ?? 'success';
  return { type, verb, subType: `${verb}${outcomeSuffixes[ended]}`, outcome: ended };
}

function contextOf(event: LifecycleEvent, deed: Deed, { service }: IbmResourceLifecycleOptions): object {
  const target = nameOf(event);
  const code = membersOf(event.metadata).reason_reasonCode;
  return {
    activity: {
      action: `${service}.${deed.type}${deed.verb}`,
      message: event.message ?? `${service}: ${describe(deed)} ${target}`.trimEnd(),
      outcome: deed.outcome,
      reason_reasonCode: typeof code === 'number' ? code : reasonCodeOf(deed),
      target_name: target,
    },
    subject_id: subjectIdOf(event),
    subject_name: event.context?.subject_name ?? event.requestor?.username,
  };
}

/** The status with which an API would answer. */
function reasonCodeOf({ verb, outcome }: Deed): number {
  if (outcome === 'failure') return 500;
  if (outcome === 'inprogress') return 202;
  return verb === 'create' ? 201 : 200;
}

/** How the last operation on the resource went, as its state and as the beginning of its description. */
const operationStates: Readonly<Record<Outcome, readonly [state: string, beginning: string]>> = {
  success: ['succeeded', 'Completed'],
  failure: ['failed', 'Failed'],
  inprogress: ['in progress', 'Began'],
};

/** Those that follow from what was done. An update, for instance, says nothing about the state. */
const resourceStates: Readonly<Record<string, string>> = {
  create: 'active',
  create_failure: 'failed',
  create_inprogress: 'provisioning',
  delete: 'removed',
  delete_inprogress: 'pending_removal',
  restore: 'active',
  schedule_reclaim: 'pending_reclamation',
};

function propertiesOf(event: LifecycleEvent, deed: Deed, options: IbmResourceLifecycleOptions): object {
  const { account_id, region_id, service } = options;
  const given = membersOf(event.metadata);
  const guid = guidOf(event);
  const subject = subjectIdOf(event);
  // Who did something, or when, is known where it is this event that tells of it.
  const whenDone = (verb: string, value: string | undefined) => (deed.subType === verb ? value : undefined);
  const [state, beginning] = operationStates[deed.outcome];
  const derived = {
    created_at: whenDone('create', event.time),
    created_by: whenDone('create', subject),
    crn:
      event.entities.find((entity) => entity.startsWith('crn:')) ??
      `crn:v1:bluemix:public:${service}:${region_id}:a/${account_id}:${guid}::`,
    guid,
    name: nameOf(event),
    resource_group_id: event.project,
    resource_id: service,
    state: resourceStates[deed.subType],
    type: deed.type === 'instance.' ? 'service_instance' : 'resource_instance',
    restored_at: whenDone('restore', event.time),
    restored_by: whenDone('restore', subject),
    scheduled_reclaim_at: whenDone('schedule_reclaim', event.time),
    scheduled_reclaim_by: whenDone('schedule_reclaim', subject),
    updated_at: event.time,
  };
  const known = Object.entries(derived).map(([key, value]) => {
    const own = given[key];
    return [key, typeof own === 'string' ? own : value];
  });
  return {
    ...Object.fromEntries(known),
    last_operation: {
      description: descriptionOf(given.last_operation) ?? `${beginning} ${describe(deed)} operation`,
      state,
      type: deed.verb,
    },
    region_id,
    // Not in the schema, and not to be hidden either: set where an event was cut down to size.
    truncated: typeof given.truncated === 'number' ? given.truncated : undefined,
  };
}

function descriptionOf(lastOperation: JsonValue | undefined): string | undefined {
  const { description } = membersOf(lastOperation);
  return typeof description === 'string' ? description : undefined;
}

/** `create instance` */
function describe({ verb, type }: Deed): string {
  return `${verb} ${type.slice(0, -1) || 'resource'}`;
}

type Members = Readonly<Record<string, JsonValue>>;

function membersOf(metadata: JsonValue | undefined): Members {
  return isObject(metadata) ? (metadata as Members) : {};
}

function subjectIdOf({ context, requestor }: LifecycleEvent): string | undefined {
  return context?.subject_id ?? requestor?.username;
}

/** The resource's own id: what comes last in the path of the first entity, or in its CRN. */
function guidOf({ entities: [first = ''] }: LifecycleEvent): string {
  const [path = ''] = first.split(/[?#]/, 1);
  // By hand: an expression for what stands at the end takes quadratic time on a long run of slashes.
  let end = path.length;
  while (end > 0 && isSeparator(path[end - 1])) end--;
  let start = end;
  while (start > 0 && !isSeparator(path[start - 1])) start--;
  return path.slice(start, end);
}

function isSeparator(character: string | undefined): boolean {
  return character === '/' || character === ':';
}

function nameOf(event: LifecycleEvent): string {
  return event.name ?? guidOf(event);
}
