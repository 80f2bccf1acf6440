/** Keeps back what must not leave the process, of audit events whose arguments have been checked. */

import type { Context, LifecycleEvent, OperationEvent } from '../model/event.js';
import { contextText, type JsonValue, readProperty, setOwn } from '../model/json.js';
import type { Operation } from '../model/operation.js';
import { REDACTED, type Redaction } from '../model/redaction.js';
import type { Requestor } from '../model/requestor.js';

/**
 * Paths begin at the details of a call. Action, time and outcome stay: no other text can stand there.
 * @param contexts what the event's context was made of, the first that has a key counts
 */
export function redactLifecycle(
  event: LifecycleEvent,
  contexts: readonly (object | undefined)[],
  redaction: Redaction,
): LifecycleEvent {
  const { entities, requestor, metadata, context, name, project, message } = event;
  const hidden = <Value>(key: string, value: Value) => redaction.at(key)?.apply(value) as Value | undefined;
  return {
    ...event,
    entities: listOf(hidden('entities', entities)) ?? entities,
    ...(requestor && { requestor: redactRequestor(requestor, redaction) }),
    ...(metadata !== undefined && { metadata: hidden('metadata', metadata) ?? metadata }),
    ...(context && { context: redactContext(context, contexts, redaction.at('context')) }),
    ...(name !== undefined && { name: hidden('name', name) ?? name }),
    ...(project !== undefined && { project: hidden('project', project) ?? project }),
    ...(message !== undefined && { message: hidden('message', message) ?? message }),
  };
}

/** Paths begin at the options of the operation; those of an update at its metadata. */
export function redactOperation(event: OperationEvent, redaction: Redaction): OperationEvent {
  const { operation } = event;
  const hidden = <Value>(key: string, value: Value) => redaction.at(key)?.apply(value) as Value | undefined;
  const project = event.project === undefined ? undefined : hidden('project', event.project);
  const redacted: Operation = {
    ...operation,
    description: hidden('description', operation.description) ?? operation.description,
    resources: redactResources(operation.resources, redaction.at('resources')),
    metadata: objectOf(hidden('metadata', operation.metadata)) ?? operation.metadata,
  };
  return { ...event, operation: redacted, ...(project !== undefined && { project }) };
}

/** Whatever shape it was written in, it has these keys. */
function redactRequestor(requestor: Requestor, redaction: Redaction): Requestor {
  const hidden = redaction.at('requestor')?.apply(requestor);
  if (hidden !== REDACTED) return (hidden as Requestor | undefined) ?? requestor;
  return { protocol: REDACTED, username: REDACTED, address: REDACTED };
}

/** Texts of values that may have had keys of their own. */
function redactContext(
  context: Context,
  contexts: readonly (object | undefined)[],
  redaction: Redaction | undefined,
): Context {
  if (redaction === undefined) return context;
  const redacted: Record<string, string> = {};
  for (const [key, text] of Object.entries(context)) {
    const source = contexts.find((each) => each !== undefined && Object.hasOwn(each, key));
    const inside = redaction.isHere ? redaction : redaction.at(key);
    setOwn(redacted, key, inside && source ? contextText(inside.apply(readProperty(source, key))) : text);
  }
  return redacted;
}

function redactResources(
  resources: Operation['resources'],
  redaction: Redaction | undefined,
): Operation['resources'] {
  if (redaction === undefined) return resources;
  const redacted: Record<string, readonly string[]> = {};
  for (const [kind, urls] of Object.entries(resources)) {
    const inside = redaction.isHere ? redaction : redaction.at(kind);
    setOwn(redacted, kind, listOf(inside?.apply(urls) as readonly string[] | undefined) ?? urls);
  }
  return redacted;
}

/** Where a list is expected, one that is kept back as a whole is one of one text. */
function listOf(list: readonly string[] | typeof REDACTED | undefined): readonly string[] | undefined {
  return typeof list === 'string' ? [list] : list;
}

/** Likewise an object. */
function objectOf(
  metadata: Readonly<Record<string, JsonValue>> | typeof REDACTED | undefined,
): Readonly<Record<string, JsonValue>> | undefined {
  return typeof metadata === 'string' ? { metadata } : metadata;
}
