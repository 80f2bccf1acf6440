/** `logger.lifecycle()`: its arguments, and the event that is made of them. */

import { type LifecycleEvent, type Outcome, outcomes } from '../model/event.js';
import { contextText, ownKeys, readProperty, setOwn, toJson } from '../model/json.js';
import { parseRequestor, type Requestor } from '../model/requestor.js';
import { isoTime, parseTime } from '../model/time.js';
import type { Receipt } from '../targets/dispatcher.js';
import { choiceOf, objectOf, refuseUnknown, textOf, textsOf, wrongType } from './arguments.js';
import { afterBufferedRecords } from './buffered-records.js';
import { LoggerMethod } from './logger-method.js';

/** The particulars of a lifecycle event. */
export interface LifecycleDetails {
  /** URL paths of what was acted upon; one string means a list of one. Default: none. */
  readonly entities?: string | readonly string[];
  /** Who caused it: an object, or `protocol/username (address)`. Default: nobody in particular. */
  readonly requestor?: Requestor | string;
  /** Anything, sent as JSON. Default: none. */
  readonly metadata?: unknown;
  /** Sent as string to string: texts as they are, an `Error` as its stack, the rest as JSON. Default: none. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Name of the entity, where the path does not tell it. Default: none. */
  readonly name?: string;
  /** Project that it belongs to: `lifecycle_projects` of targets and listeners of the event stream go by it. Default: none. */
  readonly project?: string;
  /** How it ended, or that it has not. Default: not said. */
  readonly outcome?: Outcome;
  /** For people. Default: none. */
  readonly message?: string;
  /** Default: the time of the call. Numbers are milliseconds since the epoch. */
  readonly time?: Date | string | number;
}

interface LifecycleMethod {
  lifecycle(action: string, details?: LifecycleDetails): Promise<Receipt>;
}

/**
 * Records that something was done: an audit event.
 * @returns what became of it; resolves once the queue of every matching target holds the event, never rejects
 * @throws TypeError when the action or one of the details has a wrong type
 */
// A method's type, so that a transport with a catalog passes for one without.
export type Lifecycle = LifecycleMethod['lifecycle'];

/**
 * What a transport does with a lifecycle event: checks it at once, and records it when the returned function is called.
 * @throws TypeError when something has a wrong type
 */
export type PrepareLifecycle = (
  action: string,
  details?: LifecycleDetails,
) => () => Receipt | Promise<Receipt>;

/** `logger.lifecycle()`. */
export const lifecycleMethod = new LoggerMethod<PrepareLifecycle>('lifecycle', (logger, all): Lifecycle => {
  return (action, details) => {
    const records = [...all].map((prepare) => prepare(action, details));
    return afterBufferedRecords([logger], async () =>
      mergeReceipts(await Promise.all(records.map((record) => record()))),
    );
  };
});

/** Checks and completes what `lifecycle()` was called with; `ambient` is what joins its context. */
export function createLifecycleEvent(
  action: string,
  details: LifecycleDetails | undefined,
  nowMs: number,
  location: string | undefined,
  ambient?: object,
): LifecycleEvent {
  if (typeof action !== 'string' || action === '')
    throw wrongType('action', 'text that is not empty', action);
  if (details !== undefined) objectOf('details', details);
  const { entities, requestor, metadata, context, name, project, outcome, message, time, ...rest } =
    details ?? {};
  refuseUnknown(rest, 'a detail of a lifecycle event');
  const event = {
    type: 'lifecycle',
    time: timeOf(time, nowMs),
    action,
    entities: entities === undefined ? [] : textsOf('entities', entities),
    requestor: requestorOf(requestor),
    metadata: metadata === undefined ? undefined : toJson(metadata),
    context: contextOf(context, ambient),
    name: textOf('name', name),
    project: textOf('project', project),
    outcome: choiceOf('outcome', outcomes, outcome),
    message: textOf('message', message),
    location,
  };
  return withoutUndefined(event) as LifecycleEvent;
}

function mergeReceipts(receipts: readonly Receipt[]): Receipt {
  return {
    queued: receipts.flatMap(({ queued }) => queued),
    durable: receipts.length > 0 && receipts.every(({ durable }) => durable),
    dropped: receipts.flatMap(({ dropped }) => dropped),
  };
}

function timeOf(time: LifecycleDetails['time'], nowMs: number): string {
  if (time === undefined) return isoTime(nowMs);
  const text = parseTime(time);
  if (text === undefined) throw wrongType('time', 'a valid date', time);
  return text;
}

function requestorOf(requestor: LifecycleDetails['requestor']): Requestor | undefined {
  if (requestor === undefined) return undefined;
  if (typeof requestor === 'string') return parseRequestor(requestor);
  const [protocol, username, address] = ['protocol', 'username', 'address'].map((part) =>
    readProperty(Object(requestor), part),
  );
  if (typeof protocol !== 'string' || typeof username !== 'string' || typeof address !== 'string') {
    throw wrongType(
      'requestor',
      '`{ protocol, username, address }` or `protocol/username (address)`',
      requestor,
    );
  }
  return { protocol, username, address };
}

function contextOf(
  context: LifecycleDetails['context'],
  ambient: object | undefined,
): Record<string, string> | undefined {
  if (context !== undefined) objectOf('context', context);
  if (context === undefined && ambient === undefined) return undefined;
  const texts: Record<string, string> = {};
  for (const source of [context, ambient]) {
    for (const key of source === undefined ? [] : ownKeys(source)) {
      const value = Object.hasOwn(texts, key) ? undefined : readProperty(source as object, key);
      if (value !== undefined) setOwn(texts, key, contextText(value));
    }
  }
  return texts;
}

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
