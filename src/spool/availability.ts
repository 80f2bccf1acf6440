/** Whether a spool can be used: told once when it cannot, and once when it can again. */

import type { SpoolError } from '../errors.js';
import type { Reporter } from '../report.js';

/** What cannot be used is tried again. */
const RETRY_MS = 10_000;
/** So long it may be that there is room again in no time: then it is worth waiting. */
const PATIENCE_MS = 2000;

export class Availability {
  readonly #directory: string;
  readonly #report: Reporter;
  readonly #retry: () => void;
  #isReported = false;
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, report: Reporter, retry: () => void) {
    this.#directory = directory;
    this.#report = report;
    this.#retry = retry;
  }

  get isUnavailable(): boolean {
    return this.#isReported;
  }

  /** Whether it has only just become unavailable. */
  get isNew(): boolean {
    return this.#isReported && performance.now() - this.#sinceMs < PATIENCE_MS;
  }

  refused(error: SpoolError): void {
    const { code, message } = error;
    const directory = this.#directory;
    if (!this.#isReported) {
      this.#sinceMs = performance.now();
      this.#report({ type: 'spoolUnavailable', directory, error: { code, message } });
    }
    this.#isReported = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#retry();
    }, RETRY_MS).unref();
  }

  works(): void {
    if (this.#isReported) this.#report({ type: 'spoolRecovered', directory: this.#directory });
    this.#isReported = false;
    this.stop();
  }

  /** Tries no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
