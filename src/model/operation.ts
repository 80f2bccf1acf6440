/** Operations as LXD tells of them: their fields, classes and status codes. */

import type { JsonValue } from './json.js';

/** Every class of operation: one that runs by itself, one to connect to, one that hands out a secret. */
export const operationClasses = ['task', 'websocket', 'token'] as const;

/** Kind of an operation. */
export type OperationClass = (typeof operationClasses)[number];

/** LXD's status codes, and the words for them. */
export const operationStatuses = {
  100: 'Operation created',
  101: 'Started',
  102: 'Stopped',
  103: 'Running',
  104: 'Cancelling',
  105: 'Pending',
  106: 'Starting',
  107: 'Stopping',
  108: 'Aborting',
  109: 'Freezing',
  110: 'Frozen',
  111: 'Thawed',
  112: 'Error',
  113: 'Ready',
  200: 'Success',
  400: 'Failure',
  401: 'Cancelled',
} as const;

/** A status as a number: 1xx goes on, 200 has succeeded, 4xx has not. */
export type OperationStatusCode = keyof typeof operationStatuses;

/**
 * State of an operation at one moment, in LXD's fields, in its order.
 * @see https://documentation.ubuntu.com/lxd/latest/rest-api/
 */
export interface Operation {
  /** UUID. */
  readonly id: string;
  /** Kind of operation. */
  readonly class: OperationClass;
  /** For people: what it does. */
  readonly description: string;
  /** When it began: RFC 3339, UTC. */
  readonly created_at: string;
  /** When it last changed: RFC 3339, UTC. */
  readonly updated_at: string;
  /** The word for `status_code`. */
  readonly status: (typeof operationStatuses)[OperationStatusCode];
  /** What it has come to. */
  readonly status_code: OperationStatusCode;
  /** URLs of what it is about, by kind. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  /** What the service says of it, and how far it is. */
  readonly metadata: Readonly<Record<string, JsonValue>>;
  /** Whether it can be cancelled. */
  readonly may_cancel: boolean;
  /** Why it failed; empty while it has not. */
  readonly err: string;
  /** Name of the member on which it runs; `none` where there is no cluster. */
  readonly location: string;
}
