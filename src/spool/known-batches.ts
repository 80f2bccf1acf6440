/** The batches that are on disk by their ids: any other would come again under another, should the process be killed. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { SpoolShare } from './share.js';

const RETRY_MS = 50;

type Committer<Member> = Pick<SpoolShare<Member>, 'isOpen' | 'isPatient' | 'commit' | 'committed'>;

/** Those of a queue. */
export class KnownBatches<Member> {
  readonly #queue: Member;
  readonly #share: Committer<Member>;
  #ids = new Set<string>();

  constructor(queue: Member, share: Committer<Member>) {
    this.#queue = queue;
    this.#share = share;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** A batch was found there. */
  add(id: string): void {
    this.#ids.add(id);
  }

  /** There are no others now. */
  replace(batches: readonly { readonly id: string }[]): void {
    this.#ids = new Set(batches.map(({ id }) => id));
  }

  /**
   * Has a batch written. The first commit may fail for want of room for other events; the next one is without them.
   * Where not even the journal has room, as at a start on a full disk, it is waited for, but not for ever: what is
   * delivered makes room, too.
   */
  async make(id: string): Promise<void> {
    const share = this.#share;
    for (let tries = 0; share.isOpen && !this.has(id) && (tries < 2 || share.isPatient); tries++) {
      if (tries >= 2) await sleep(RETRY_MS);
      share.commit(this.#queue, 'now');
      await share.committed();
    }
  }
}
