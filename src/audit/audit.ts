/** A transport's part in `lifecycle()` and `operation()`: on its loggers, and on itself. */

import type { Catalog } from '../model/catalog.js';
import type { Dispatcher } from '../targets/dispatcher.js';
import { afterBufferedRecords, type BufferingStream } from './buffered-records.js';
import { checkAgainstCatalog } from './catalog.js';
import { createLifecycleEvent, type Lifecycle, lifecycleMethod, type PrepareLifecycle } from './lifecycle.js';
import { operationMethod, type StartOperation, startOperation } from './operation.js';
import { OperationJournal } from './operation-journal.js';

/** What a transport lets its audit know. */
export interface AuditOptions {
  readonly dispatcher: Dispatcher;
  readonly loggers: Iterable<BufferingStream>;
  readonly location: string | undefined;
  readonly catalog: Catalog | undefined;
  /** Whether nothing is recorded at the moment. */
  readonly isSilent: () => boolean;
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
    this.operations = new OperationJournal(location, (event) => {
      const nowMs = Date.now();
      void afterBufferedRecords(loggers, () => {
        if (isSilent()) return;
        dispatcher.acceptOperation(event, nowMs);
        accepted();
      });
    });
  }

  readonly lifecycle: Lifecycle = (action, details) =>
    afterBufferedRecords(this.#options.loggers, this.#prepareLifecycle(action, details));

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
    const { dispatcher, location, catalog, isSilent, accepted } = this.#options;
    const nowMs = Date.now();
    const event = createLifecycleEvent(action, details, nowMs, location);
    if (catalog) checkAgainstCatalog(catalog, event);
    return () => {
      if (isSilent()) return { queued: [], durable: false, dropped: [] };
      const receipt = dispatcher.acceptLifecycle(event, nowMs);
      accepted();
      return receipt;
    };
  };
}
