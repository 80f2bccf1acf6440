/** What a transport's metrics show at one moment: its measures, and what it has reported since somebody counts. */

import type { EventEmitter } from 'node:events';
import { describe } from '../model/describe.js';
import type { ListenerDropReason, Report } from '../report.js';
import { type Measures, measuresOf } from '../targets/measures.js';

/** Everything that the instruments read. */
export interface Reading {
  readonly targets: ReturnType<Measures['targets']>;
  readonly limits: Measures['limits'];
  readonly spool: ReturnType<Measures['spool']>;
  readonly reloads: Readonly<Record<'success' | 'failure', number>>;
  readonly isLastReloadSuccessful: boolean;
  readonly listeners: number;
  readonly listenersDropped: ReadonlyMap<ListenerDropReason, number>;
  readonly nowMs: number;
}

/** The transport whose metrics are wanted. */
export type MeasuredTransport = Pick<EventEmitter, 'on' | 'off'>;

/** Counts what is only reported, and reads the rest where it is. */
export class Reader {
  readonly #transport: MeasuredTransport;
  readonly #measures: Measures;
  readonly #onRequest: (target: string, seconds: number) => void;
  readonly #reloads = { success: 0, failure: 0 };
  readonly #listenersDropped = new Map<ListenerDropReason, number>();
  #isLastReloadSuccessful = true;

  /**
   * @param onRequest called for each request with how long it took
   * @throws TypeError when it is no `EventTransport`
   */
  constructor(transport: MeasuredTransport, onRequest: (target: string, seconds: number) => void) {
    const measures = measuresOf(transport);
    if (measures === undefined) {
      throw new TypeError(`Expected \`transport\` to be an EventTransport, got ${describe(transport)}`);
    }
    this.#transport = transport;
    this.#measures = measures;
    this.#onRequest = onRequest;
    transport.on('report', this.#take);
  }

  read(): Reading {
    return {
      targets: this.#measures.targets(),
      limits: this.#measures.limits,
      spool: this.#measures.spool(),
      reloads: this.#reloads,
      isLastReloadSuccessful: this.#isLastReloadSuccessful,
      listeners: this.#measures.listeners(),
      listenersDropped: this.#listenersDropped,
      nowMs: Date.now(),
    };
  }

  end(): void {
    this.#transport.off('report', this.#take);
  }

  readonly #take = (report: Report): void => {
    switch (report.type) {
      case 'requestMade':
        this.#onRequest(report.target, report.ms / 1000);
        break;
      case 'reloaded':
        this.#reloads.success++;
        this.#isLastReloadSuccessful = true;
        break;
      case 'reloadRejected':
        this.#reloads.failure++;
        this.#isLastReloadSuccessful = false;
        break;
      case 'listenerDropped':
        this.#listenersDropped.set(report.reason, (this.#listenersDropped.get(report.reason) ?? 0) + 1);
    }
  };
}
