/** Tells those who log and get nothing that the levels of their targets are why. */

import type { Reporter } from '../report.js';
import type { LogTarget } from '../settings/log-target.js';
import type { LogTargetSettings } from '../settings/schema.js';
import type { Dispatcher } from '../targets/dispatcher.js';

/**
 * Only where nothing was ever accepted, and a target has its level from nobody: whoever has written it down, wants it
 * so. Told once.
 */
export class LevelHint {
  readonly #dispatcher: Dispatcher;
  readonly #report: Reporter;
  #isDue = false;

  constructor(dispatcher: Dispatcher, report: Reporter) {
    this.#dispatcher = dispatcher;
    this.#report = report;
  }

  /** The targets are these: as they were given, and with their defaults. */
  see(given: readonly LogTarget<string>[], settings: readonly LogTargetSettings[]): void {
    this.#isDue ||= given.some(
      ({ level }, index) =>
        (level === undefined || level === null) && settings[index]?.scopes.includes('logging'),
    );
  }

  /** Somebody waits for deliveries, and so many records were below all levels. */
  give(unwanted: number): void {
    if (!this.#isDue || unwanted === 0) return;
    this.#dispatcher.handOn();
    this.#isDue = false;
    const level = this.#dispatcher.loggingLevel;
    if (this.#dispatcher.accepted > 0 || level === undefined) return;
    this.#report({ type: 'nothingAccepted', records: unwanted, level });
  }
}
