/** `logger.operation()`, and the handle that it returns. */

import { LoggerMethod } from './logger-method.js';
import type { OperationJournal } from './operation-journal.js';
import type { OperationOptions } from './operation-options.js';
import { RunningOperation } from './running-operation.js';

/** Tells of an operation's course. Once it is over further calls change nothing. Its methods can be used detached. */
export interface OperationHandle {
  /** UUID. */
  readonly id: string;
  /**
   * Merges into the metadata, key by key. May be called often: changes within 100 ms are sent as one.
   * @returns whether it changed anything: `false` once the operation is over
   * @throws TypeError when `metadata` is no object
   */
  readonly update: (metadata: object) => boolean;
  /** Ends it with `Success`. */
  readonly done: (metadata?: object) => boolean;
  /** Ends it with `Failure`, and the message of `error` as `err`. */
  readonly fail: (error: unknown) => boolean;
  /**
   * `Cancelling`, then `Cancelled` when `onCancel` is through. What `onCancel` throws ends in `Failure`.
   * @returns whether it was cancelled: `false` when it may not be, or has ended otherwise. Never rejects
   */
  readonly cancel: () => Promise<boolean>;
}

/**
 * Begins to tell of a background operation, in LXD's terms: it is `Running` at once.
 * @throws TypeError that names the option which has a wrong type
 */
export type StartOperation = (options: OperationOptions) => OperationHandle;

/** `logger.operation()`. */
export const operationMethod = new LoggerMethod<OperationJournal>(
  'operation',
  (_logger, journals): StartOperation =>
    (options) =>
      startOperation(options, [...journals]),
);

/** Starts an operation that is recorded in all `journals`. */
export function startOperation(
  options: OperationOptions,
  journals: readonly OperationJournal[],
): OperationHandle {
  const operation = new RunningOperation(options, journals);
  return {
    id: operation.id,
    update: (metadata) => operation.update(metadata),
    done: (metadata) => operation.done(metadata),
    fail: (error) => operation.fail(error),
    cancel: () => operation.cancel(),
  };
}
