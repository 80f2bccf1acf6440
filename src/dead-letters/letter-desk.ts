/** What can be asked about dead letters: which there are, to send them again, to forget them. */

import type { EncodedEvent } from '../queue/encoded-event.js';
import type { DeadLetter, DeadLetterPage, DeadLetterSelection, DiscardSelection } from './dead-letter.js';
import type { Addressee, DeadLetters } from './dead-letters.js';

/** Queues an event again; says whether there was room for it. */
export type Readmit = (event: Omit<EncodedEvent, 'seq'>) => boolean;

/** What it needs of a spool. `Queue`: a target's */
interface LetterSpool<Queue extends Addressee> {
  queue(name: string): Queue;
  /** Calls `use` when what was asked for before is done; `undefined` where nothing can be read. */
  withDisk<Result>(use: (disk: LetterDisk) => Promise<Result>): Promise<Result | undefined>;
  /** Has all written that there is. */
  written(): Promise<void>;
  /** Whether an event can be put into a queue without any other being lost for it. */
  hasRoomFor(event: Omit<EncodedEvent, 'seq'>, queue: Queue): boolean;
}

interface LetterDisk {
  readonly letters: DeadLetters;
}

/** What changes letters is done one after the other: so a letter goes back once. */
export class LetterDesk<Queue extends Addressee = Addressee> {
  readonly #spool: LetterSpool<Queue>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(spool: LetterSpool<Queue>) {
    this.#spool = spool;
  }

  /** Those of a target, the oldest first. */
  async list(name: string, page: DeadLetterPage): Promise<DeadLetter[]> {
    const letters = await this.#spool.withDisk((disk) => disk.letters.list(this.#spool.queue(name), page));
    return letters ?? [];
  }

  /** Puts letters back as far as there is room without evicting anything. Returns how many */
  replay(name: string, selection: DeadLetterSelection, readmit: Readmit): Promise<number> {
    return this.#afterOthers(async () => {
      const spool = this.#spool;
      const queue = spool.queue(name);
      const count = await spool.withDisk(async ({ letters }) => {
        let replayed = 0;
        for await (const letter of letters.select(queue, selection)) {
          const event = { ...letter.event, id: letter.note.id, isReturned: true } as const;
          // What is written gives room in memory.
          if (!spool.hasRoomFor(event, queue)) await spool.written();
          if (!spool.hasRoomFor(event, queue) || !readmit(event)) break;
          letters.remove(queue, letter);
          replayed++;
        }
        await spool.written();
        return replayed;
      });
      return count ?? 0;
    });
  }

  /** Forgets letters. Returns how many */
  discard(name: string, { ids, before }: DiscardSelection): Promise<number> {
    return this.#afterOthers(async () => {
      const queue = this.#spool.queue(name);
      const count = await this.#spool.withDisk(async ({ letters }) => {
        let discarded = 0;
        for await (const letter of letters.select(queue, ids ? { ids } : {}, before)) {
          letters.remove(queue, letter);
          discarded++;
        }
        queue.guardian.forgotten(discarded, 'discarded');
        await this.#spool.written();
        return discarded;
      });
      return count ?? 0;
    });
  }

  #afterOthers<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
