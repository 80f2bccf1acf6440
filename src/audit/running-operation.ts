/** The course of one operation, from its beginning to its end. */

import { createId } from '../model/event-id.js';
import {
  contextText,
  isError,
  isObject,
  type JsonValue,
  ownKeys,
  readProperty,
  setOwn,
  toJson,
} from '../model/json.js';
import {
  type Operation,
  type OperationStatusCode,
  operationClasses,
  operationStatuses,
} from '../model/operation.js';
import { isoTime } from '../model/time.js';
import { choiceOf, objectOf, refuseUnknown, textOf, textsOf, wrongType } from './arguments.js';
import type { OperationOptions } from './operation.js';
import type { OperationJournal } from './operation-journal.js';

/** `Running` -> `Success` | `Failure`, or -> `Cancelling` -> `Cancelled` | `Failure` | `Success`. The first end counts. */
export class RunningOperation {
  readonly #journals: readonly OperationJournal[];
  readonly #project: string | undefined;
  readonly #onCancel: (() => unknown) | undefined;
  #cancelled: Promise<boolean> | undefined;
  #isCallingBack = false;
  /** Location: what was asked for; empty where it is the journal's. */
  #state: Operation;

  constructor(options: OperationOptions, journals: readonly OperationJournal[]) {
    objectOf('options', options);
    const { description, resources, metadata, mayCancel, onCancel, project, location, ...others } = options;
    const { class: operationClass, ...rest } = others;
    refuseUnknown(rest, 'an option of an operation');
    if (typeof description !== 'string' || description === '') {
      throw wrongType('description', 'text that is not empty', description);
    }
    if (onCancel !== undefined && typeof onCancel !== 'function') {
      throw wrongType('onCancel', 'a function', onCancel);
    }
    if (mayCancel !== undefined && typeof mayCancel !== 'boolean') {
      throw wrongType('mayCancel', 'true or false', mayCancel);
    }
    this.#journals = journals;
    this.#project = textOf('project', project);
    this.#onCancel = onCancel;
    const time = isoTime(Date.now());
    this.#state = {
      id: createId(),
      class: choiceOf('class', operationClasses, operationClass) ?? 'task',
      description,
      created_at: time,
      updated_at: time,
      ...status(103),
      resources: resourcesOf(resources),
      metadata: metadata === undefined ? {} : metadataOf(metadata),
      may_cancel: mayCancel ?? onCancel !== undefined,
      err: '',
      location: textOf('location', location) ?? '',
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

  cancel(): Promise<boolean> {
    if (this.#isOver || !this.#state.may_cancel) return this.#cancelled ?? Promise.resolve(false);
    // `onCancel` may call back: it must not wait for itself.
    if (this.#isCallingBack) return Promise.resolve(true);
    this.#cancelled ??= this.#cancel();
    return this.#cancelled;
  }

  async #cancel(): Promise<boolean> {
    this.#change(status(104));
    this.#hold();
    try {
      this.#isCallingBack = true;
      const cancelled = this.#onCancel?.();
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

  #eventFor(journal: OperationJournal) {
    const location = this.#state.location || journal.location;
    return {
      type: 'operation' as const,
      time: this.#state.updated_at,
      operation: { ...this.#state, location: location ?? 'none' },
      ...(location !== undefined && { location }),
      ...(this.#project !== undefined && { project: this.#project }),
    };
  }
}

function status(code: OperationStatusCode) {
  return { status: operationStatuses[code], status_code: code };
}

function resourcesOf(resources: OperationOptions['resources']): Record<string, readonly string[]> {
  const lists: Record<string, readonly string[]> = {};
  if (resources === undefined) return lists;
  objectOf('resources', resources);
  for (const kind of ownKeys(resources)) {
    setOwn(lists, kind, textsOf(`resources.${kind}`, readProperty(resources, kind)));
  }
  return lists;
}

function metadataOf(metadata: object): Readonly<Record<string, JsonValue>> {
  const json = toJson(metadata);
  if (typeof metadata === 'object' && isObject(json)) return json as Readonly<Record<string, JsonValue>>;
  throw wrongType('metadata', 'an object', metadata);
}

function errorText(error: unknown): string {
  if (!isError(error)) return error === undefined || error === '' ? 'Unknown error' : contextText(error);
  const texts = [readProperty(error, 'message'), readProperty(error, 'name')];
  return texts.find((text) => typeof text === 'string' && text !== '')?.toString() ?? 'Unknown error';
}
