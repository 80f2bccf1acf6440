/** A transport's part in `lifecycle()` and `operation()`: on its loggers, and on itself. */

import type { Catalog } from '../model/catalog.js';
import type { LifecycleEvent, OperationEvent } from '../model/event.js';
import { isObject, readProperty, toJson } from '../model/json.js';
import type { Operation } from '../model/operation.js';
import type { Redaction } from '../model/redaction.js';
import type { LogTargetSettings } from '../settings/schema.js';
import type { Dispatcher, Receipt } from '../targets/dispatcher.js';
import type { AmbientContext } from './ambient-context.js';
import { afterBufferedRecords, type BufferingStream } from './buffered-records.js';
import { checkAgainstCatalog } from './catalog.js';
import {
  createLifecycleEvent,
  type Lifecycle,
  type LifecycleDetails,
  lifecycleMethod,
  type PrepareLifecycle,
} from './lifecycle.js';
import { operationMethod, type StartOperation, startOperation } from './operation.js';
import { OperationJournal } from './operation-journal.js';
import { redactLifecycle, redactOperation } from './redact-events.js';

/** What a transport lets its audit know. */
export interface AuditOptions {
  readonly dispatcher: Dispatcher;
  readonly loggers: Iterable<BufferingStream>;
  readonly location: string | undefined;
  readonly catalog: Catalog | undefined;
  /** What joins the context of every event; `undefined`: nothing does. */
  readonly ambient: AmbientContext | undefined;
  /** What is kept back; `undefined`: nothing is. */
  readonly redaction: Redaction | undefined;
  /** Whether nothing is recorded at the moment. */
  readonly isSilent: () => boolean;
  /** Gives an event to targets that a change of settings cuts off. */
  readonly tellCutOff: (
    event: LifecycleEvent,
    acceptedAtMs: number,
    before: readonly LogTargetSettings[],
  ) => void;
  /** An event was accepted. */
  readonly accepted: () => void;
}

/** Makes events of calls, behind the records that were logged before them. */
export class Audit {
  /** What is held back of operations. */
  readonly operations: OperationJournal;
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
    const { dispatcher, loggers, location, isSilent, accepted } = options;
    this.operations = new OperationJournal({
      location,
      complete: (event) => this.#completeOperation(event),
      record: (event) => {
        const nowMs = Date.now();
        void afterBufferedRecords(loggers, () => {
          if (isSilent()) return;
          dispatcher.acceptOperation(event, nowMs);
          accepted();
        });
      },
    });
  }

  readonly lifecycle: Lifecycle = (action, details) =>
    afterBufferedRecords(this.#options.loggers, this.#prepareLifecycle(action, details));

  /**
   * Records a change of settings: in any catalog, and for those of the targets of `before` too that it cuts off.
   */
  recordChange(
    action: string,
    details: LifecycleDetails,
    before: readonly LogTargetSettings[],
  ): Promise<Receipt> {
    const { loggers, isSilent, accepted, dispatcher, tellCutOff } = this.#options;
    const nowMs = Date.now();
    const event = this.#createLifecycle(action, details, nowMs);
    return afterBufferedRecords(loggers, () => {
      if (isSilent()) return nothing;
      const receipt = dispatcher.acceptLifecycle(event, nowMs);
      tellCutOff(event, nowMs, before);
      accepted();
      return receipt;
    });
  }

  readonly operation: StartOperation = (options) => startOperation(options, [this.operations]);

  /** Gives a logger `lifecycle` and `operation`, or a part in those that others gave it. */
  install(logger: BufferingStream): void {
    lifecycleMethod.install(logger, this.#prepareLifecycle);
    operationMethod.install(logger, this.operations);
  }

  /** Takes that back. */
  uninstall(logger: BufferingStream): void {
    lifecycleMethod.uninstall(logger, this.#prepareLifecycle);
    operationMethod.uninstall(logger, this.operations);
  }

  readonly #prepareLifecycle: PrepareLifecycle = (action, details) => {
    const { dispatcher, catalog, isSilent, accepted } = this.#options;
    const nowMs = Date.now();
    const event = this.#createLifecycle(action, details, nowMs, catalog);
    return () => {
      if (isSilent()) return nothing;
      const receipt = dispatcher.acceptLifecycle(event, nowMs);
      accepted();
      return receipt;
    };
  };

  #createLifecycle(
    action: string,
    details: LifecycleDetails | undefined,
    nowMs: number,
    catalog?: Catalog,
  ): LifecycleEvent {
    const { location, redaction } = this.#options;
    const ambient = this.#options.ambient?.get();
    const whole = createLifecycleEvent(action, details, nowMs, location, ambient);
    if (catalog) checkAgainstCatalog(catalog, whole);
    return redaction ? redactLifecycle(whole, [contextIn(details), ambient], redaction) : whole;
  }

  /** An operation has no context: what is known from its surroundings joins its metadata. */
  #completeOperation(event: OperationEvent): OperationEvent {
    const { ambient, redaction } = this.#options;
    const joining = ambient?.get();
    const whole = joining ? withMetadata(event, joining) : event;
    return redaction ? redactOperation(whole, redaction) : whole;
  }
}

/** What becomes of an event while nothing is recorded. */
const nothing: Receipt = { queued: [], durable: false, dropped: [] };

function withMetadata(event: OperationEvent, joining: object): OperationEvent {
  const { operation } = event;
  const more = toJson(joining);
  if (!isObject(more)) return event;
  return {
    ...event,
    operation: { ...operation, metadata: { ...more, ...operation.metadata } as Operation['metadata'] },
  };
}

/** Details have been checked, but may be read once more only with care. */
function contextIn(details: LifecycleDetails | undefined): object | undefined {
  const context = details && readProperty(details, 'context');
  return typeof context === 'object' && context !== null ? context : undefined;
}
