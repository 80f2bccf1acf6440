/** The dead letters of running targets, as the transport asks for them. */

import type {
  DeadLetter,
  DeadLetterPage,
  DeadLetterSelection,
  DiscardSelection,
} from '../dead-letters/dead-letter.js';
import type { LetterDesk } from '../dead-letters/letter-desk.js';
import type { Target } from '../delivery/target.js';
import type { EncodedEvent } from '../queue/encoded-event.js';

/** Where targets are, and their letters. */
export interface LettersOptions {
  /** `undefined`: events that are refused are dropped. */
  readonly desk: LetterDesk | undefined;
  /** @throws TypeError when no target has that name */
  readonly check: (name: string) => void;
  readonly active: (name: string) => Target | undefined;
  readonly nextSeq: () => number;
}

/** All of it throws a TypeError where no target has the name. */
export class Letters {
  readonly #options: LettersOptions;

  constructor(options: LettersOptions) {
    this.#options = options;
  }

  /** What receivers refused of a target's events, the oldest first. */
  async list(name: string, page: DeadLetterPage): Promise<DeadLetter[]> {
    this.#options.check(name);
    return (await this.#options.desk?.list(name, page)) ?? [];
  }

  /** Queues dead letters of a running target again; returns how many. */
  async replay(name: string, selection: DeadLetterSelection): Promise<number> {
    const { check, desk, active, nextSeq } = this.#options;
    check(name);
    const readmit = (event: Omit<EncodedEvent, 'seq'>) =>
      active(name)?.readmit({ ...event, seq: nextSeq() }) ?? false;
    return (await desk?.replay(name, selection, readmit)) ?? 0;
  }

  /** Forgets dead letters of a target; returns how many. */
  async discard(name: string, selection: DiscardSelection): Promise<number> {
    this.#options.check(name);
    return (await this.#options.desk?.discard(name, selection)) ?? 0;
  }
}
