/** Records what operators did as lifecycle events. */

import { formatRequestor, type Requestor } from '../model/requestor.js';
import { pathOfTarget } from './paths.js';

/** Reading is recorded so often for each client and target, whatever a page that polls does. */
const READ_INTERVAL_MS = 60_000;

/** What keeps the records: an `EventTransport`. */
export interface Recorder {
  /** Records that an operator did something. */
  lifecycle(
    action: string,
    details: { entities: string[]; requestor: Requestor; metadata?: object },
  ): unknown;
}

/** Never throws: what was done is done, and must not read as if it were not. */
export class AuditTrail {
  readonly #recorder: Recorder;
  readonly #readAtMs = new Map<string, number>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Dead letters hold events: who looked at them is to be known. */
  deadLettersRead(name: string, requestor: Requestor): Promise<void> | undefined {
    const nowMs = performance.now();
    for (const [key, atMs] of this.#readAtMs) {
      if (nowMs - atMs < READ_INTERVAL_MS) break; // they are in order of time
      this.#readAtMs.delete(key);
    }
    const key = JSON.stringify([name, formatRequestor(requestor)]);
    if (this.#readAtMs.has(key)) return undefined;
    this.#readAtMs.set(key, nowMs);
    return this.#record('log-target-dead-letters-read', name, requestor, undefined);
  }

  deadLettersReplayed(name: string, requestor: Requestor, replayed: number): Promise<void> {
    return this.#record('log-target-dead-letters-replayed', name, requestor, { replayed });
  }

  deadLettersDiscarded(name: string, requestor: Requestor, discarded: number): Promise<void> {
    return this.#record('log-target-dead-letters-discarded', name, requestor, { discarded });
  }

  async #record(
    action: string,
    name: string,
    requestor: Requestor,
    metadata: object | undefined,
  ): Promise<void> {
    const details = { entities: [pathOfTarget(name)], requestor, ...(metadata && { metadata }) };
    try {
      await this.#recorder.lifecycle(action, details);
    } catch {
      // A recorder of somebody else's may fail.
    }
  }
}
