/** `logger.lifecycle()`: its arguments, its typing, and how it gets on a logger and off again. */

import type { Readable } from 'node:stream';
// Augmented below: TypeScript wants it imported.
import type {} from 'winston';
import { type LifecycleEvent, type Outcome, outcomes } from '../model/event.js';
import { contextText, ownKeys, readProperty, setOwn, toJson } from '../model/json.js';
import { parseRequestor, type Requestor } from '../model/requestor.js';
import { isoTime, parseTime } from '../model/time.js';
import type { Receipt } from '../targets/target-set.js';
import { afterBufferedRecords } from './joint-order.js';

/** The particulars of a lifecycle event. */
export interface LifecycleDetails {
  /** URL paths of what was acted upon; one string means a list of one. Default: none. */
  readonly entities?: string | readonly string[];
  /** Who caused it: an object, or `protocol/username (address)`. */
  readonly requestor?: Requestor | string;
  /** Anything, sent as JSON. */
  readonly metadata?: unknown;
  /** Sent as string to string. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly project?: string;
  readonly outcome?: Outcome;
  readonly message?: string;
  /** Default: the time of the call. Numbers are milliseconds since the epoch. */
  readonly time?: Date | string | number;
}

/**
 * Records that something was done: an audit event.
 * @returns what became of it; resolves once the queue of every matching target holds the event, never rejects
 * @throws TypeError when the action or one of the details has a wrong type
 */
export type Lifecycle = (action: string, details?: LifecycleDetails) => Promise<Receipt>;

declare module 'winston' {
  interface Logger {
    /** Records an audit event; there once an `EventTransport` has been added to the logger. */
    lifecycle: Lifecycle;
  }
}

/**
 * What a transport does with a lifecycle event: checks it at once, and records it when the returned function is called.
 * @throws TypeError when something has a wrong type
 */
export type PrepareLifecycle = (action: string, details?: LifecycleDetails) => () => Receipt;

/** Checks and completes what `lifecycle()` was called with. */
export function createLifecycleEvent(
  action: string,
  details: LifecycleDetails | undefined,
  nowMs: number,
  location: string | undefined,
): LifecycleEvent {
  if (typeof action !== 'string' || action === '')
    throw wrongType('action', 'text that is not empty', action);
  if (details !== undefined && (typeof details !== 'object' || details === null)) {
    throw wrongType('details', 'an object', details);
  }
  const { entities, requestor, metadata, context, name, project, outcome, message, time, ...rest } =
    details ?? {};
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new TypeError(`\`${unknown}\` is not a detail of a lifecycle event`);
  const event = {
    type: 'lifecycle',
    time: timeOf(time, nowMs),
    action,
    entities: entitiesOf(entities),
    requestor: requestorOf(requestor),
    metadata: metadata === undefined ? undefined : toJson(metadata),
    context: contextOf(context),
    name: textOf('name', name),
    project: textOf('project', project),
    outcome: outcomeOf(outcome),
    message: textOf('message', message),
    location,
  };
  return withoutUndefined(event) as LifecycleEvent;
}

const installed = new WeakMap<object, Set<PrepareLifecycle>>();

/** Gives `logger`, and so its children, a `lifecycle` for one transport, beside others it may have. */
export function installLifecycle(logger: Readable, prepare: PrepareLifecycle): void {
  const others = installed.get(logger);
  if (others) {
    others.add(prepare);
    return;
  }
  const all = new Set([prepare]);
  installed.set(logger, all);
  const lifecycle: Lifecycle = (action, details) => {
    const records = [...all].map((each) => each(action, details));
    return afterBufferedRecords([logger], () => mergeReceipts(records.map((record) => record())));
  };
  Object.defineProperty(logger, 'lifecycle', { value: lifecycle, configurable: true, writable: true });
}

/** Takes one transport off `logger`, and `lifecycle` too when it was the last. */
export function uninstallLifecycle(logger: Readable, prepare: PrepareLifecycle): void {
  const all = installed.get(logger);
  all?.delete(prepare);
  if (all?.size !== 0) return;
  installed.delete(logger);
  Reflect.deleteProperty(logger, 'lifecycle');
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

function entitiesOf(entities: LifecycleDetails['entities']): readonly string[] {
  if (entities === undefined) return [];
  if (typeof entities === 'string') return [entities];
  if (Array.isArray(entities) && entities.every((entity) => typeof entity === 'string')) return [...entities];
  throw wrongType('entities', 'text or a list of texts', entities);
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

function contextOf(context: LifecycleDetails['context']): Record<string, string> | undefined {
  if (context === undefined) return undefined;
  if (typeof context !== 'object' || context === null) throw wrongType('context', 'an object', context);
  const texts: Record<string, string> = {};
  for (const key of ownKeys(context)) {
    const value = readProperty(context, key);
    if (value !== undefined) setOwn(texts, key, contextText(value));
  }
  return texts;
}

function outcomeOf(outcome: Outcome | undefined): Outcome | undefined {
  if (outcome === undefined || outcomes.includes(outcome)) return outcome;
  throw wrongType('outcome', outcomes.map((each) => `\`${each}\``).join(' or '), outcome);
}

function textOf(key: string, text: string | undefined): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw wrongType(key, 'text', text);
}

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function wrongType(key: string, expected: string, given: unknown): TypeError {
  const shown =
    typeof given === 'object' && given !== null
      ? `an ${Array.isArray(given) ? 'array' : 'object'}`
      : String(given);
  return new TypeError(`Expected \`${key}\` to be ${expected}, got \`${shown.slice(0, 80)}\``);
}
