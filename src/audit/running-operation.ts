/** The course of one operation, from its beginning to its end. */

import type { OperationEvent } from '../model/event.js';
import { createId } from '../model/event-id.js';
import { contextText, isError, readProperty } from '../model/json.js';
import { type Operation, type OperationStatusCode, operationStatuses } from '../model/operation.js';
import { isoTime } from '../model/time.js';
import type { OperationJournal } from './operation-journal.js';
import { checkOptions, metadataOf, type OperationOptions } from './operation-options.js';

/** `Running` -> `Success` | `Failure`, or -> `Cancelling` -> `Cancelled` | `Failure` | `Success`. The first end counts. */
export class RunningOperation {
  readonly #journals: readonly OperationJournal[];
  readonly #project: string | undefined;
  readonly #onCancel: (() => unknown) | undefined;
  readonly #isUncancellable: boolean;
  #cancelled: Promise<boolean> | undefined;
  #isCallingBack = false;
  /** Location: what was asked for; empty where it is the journal's. */
  #state: Operation;

  constructor(options: OperationOptions, journals: readonly OperationJournal[]) {
    const { description, project, location, resources, metadata, onCancel, ...rest } = checkOptions(options);
    this.#journals = journals;
    this.#project = project;
    this.#onCancel = onCancel;
    this.#isUncancellable = rest.isUncancellable;
    const time = isoTime(Date.now());
    this.#state = {
      id: createId(),
      class: rest.class,
      description,
      created_at: time,
      updated_at: time,
      ...status(103),
      resources,
      metadata,
      may_cancel: rest.mayCancel,
      err: '',
      location: location ?? '',
    };
    this.#record();
  }

  get id(): string {
    return this.#state.id;
  }

  update(metadata: object): boolean {
    if (this.#isOver) return false;
    this.#change({ metadata: { ...this.#state.metadata, ...metadataOf(metadata) } });
    this.#hold();
    return true;
  }

  done(metadata?: object): boolean {
    if (this.#isOver) return false;
    const more = metadata === undefined ? {} : metadataOf(metadata);
    return this.#end(200, { metadata: { ...this.#state.metadata, ...more } });
  }

  fail(error: unknown): boolean {
    return !this.#isOver && this.#end(400, { err: errorText(error) });
  }

  /** Without an `onCancel` whoever holds the handle stops the work and says so: there is nothing to wait for. */
  cancel(): Promise<boolean> {
    if (this.#isOver || this.#isUncancellable) return this.#cancelled ?? Promise.resolve(false);
    // `onCancel` may call back: it must not wait for itself.
    if (this.#isCallingBack) return Promise.resolve(true);
    this.#cancelled ??= this.#onCancel ? this.#cancel(this.#onCancel) : Promise.resolve(this.#end(401, {}));
    return this.#cancelled;
  }

  async #cancel(onCancel: () => unknown): Promise<boolean> {
    this.#change(status(104));
    this.#hold();
    try {
      this.#isCallingBack = true;
      const cancelled = onCancel();
      this.#isCallingBack = false;
      await cancelled;
    } catch (error) {
      this.#isCallingBack = false;
      this.fail(error);
    }
    return !this.#isOver && this.#end(401, {});
  }

  get #isOver(): boolean {
    return this.#state.status_code >= 200;
  }

  #end(code: OperationStatusCode, changes: Partial<Operation>): true {
    this.#change({ ...status(code), ...changes });
    this.#record();
    return true;
  }

  #change(changes: Partial<Operation>): void {
    this.#state = { ...this.#state, ...changes, updated_at: isoTime(Date.now()) };
  }

  #record(): void {
    for (const journal of this.#journals) journal.record(this.#eventFor(journal));
  }

  #hold(): void {
    for (const journal of this.#journals) journal.hold(this.#eventFor(journal));
  }

  #eventFor(journal: OperationJournal): OperationEvent {
    const location = this.#state.location || journal.location;
    return journal.complete({
      type: 'operation',
      time: this.#state.updated_at,
      operation: { ...this.#state, location: location ?? 'none' },
      ...(location !== undefined && { location }),
      ...(this.#project !== undefined && { project: this.#project }),
    });
  }
}

function status(code: OperationStatusCode) {
  return { status: operationStatuses[code], status_code: code };
}

function errorText(error: unknown): string {
  if (!isError(error)) return error === undefined || error === '' ? 'Unknown error' : contextText(error);
  const texts = [readProperty(error, 'message'), readProperty(error, 'name')];
  return texts.find((text) => typeof text === 'string' && text !== '')?.toString() ?? 'Unknown error';
}
