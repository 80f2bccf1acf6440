/** What a spool has to write, and when: at once, soon, or when it has fallen idle; one commit at a time. */

/** Logging events wait so long for others, to be written together. */
const WAIT_MS = 50;

/** What one commit has to do. */
export interface Task<Item> {
  readonly dirty: ReadonlySet<Item>;
  /** Whether anybody waits for it. */
  readonly isAwaited: boolean;
  /** It is over. */
  done(isWritten: boolean): void;
}

/** What comes while a commit is under way goes with the next. */
export class Agenda<Item> {
  readonly #write: () => Promise<void>;
  #dirty = new Set<Item>();
  #waiters: ((isWritten: boolean) => void)[] = [];
  /** For the commit that is under way. */
  #taken: ((isWritten: boolean) => void)[] = [];
  #running: Promise<void> | undefined;
  #isNextWaiting = false;
  #isEnding = false;
  #soon: NodeJS.Timeout | undefined;
  #now: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  /** @param write never rejects */
  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  /** Something is to be written. */
  add(item: Item): void {
    this.#dirty.add(item);
  }

  has(item: Item): boolean {
    return this.#dirty.has(item);
  }

  /** Resolves once a commit is over that has what there is now; to whether it was written. */
  wait(): Promise<boolean> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Nobody is to wait any more. */
  disappoint(): void {
    for (const resolve of [...this.#taken.splice(0), ...this.#waiters.splice(0)]) resolve(false);
  }

  /** Takes all there is to do. */
  take(): Task<Item> {
    const [dirty, waiters] = [this.#dirty, this.#waiters];
    [this.#dirty, this.#waiters, this.#taken] = [new Set(), [], waiters];
    const done = (isWritten: boolean) => {
      for (const resolve of waiters.splice(0)) resolve(isWritten);
    };
    return { dirty, isAwaited: waiters.length > 0, done };
  }

  now(): void {
    this.#now ??= setImmediate(() => void this.#run());
  }

  soon(): void {
    this.#soon ??= setTimeout(() => void this.#run(), WAIT_MS);
  }

  /** Calls `work` after a while, for which no process is kept alive. */
  later(ms: number, work: () => void): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      work();
    }, ms).unref();
  }

  /** A commit after which there may be none. */
  async last(write: () => Promise<void>): Promise<void> {
    this.#isEnding = true;
    while (this.#running) await this.#running;
    await this.#begin(write);
  }

  stop(): void {
    for (const timer of [this.#soon, this.#later]) clearTimeout(timer);
    clearImmediate(this.#now);
    [this.#soon, this.#later, this.#now] = [undefined, undefined, undefined];
  }

  async #run(): Promise<void> {
    clearTimeout(this.#soon);
    clearImmediate(this.#now);
    [this.#soon, this.#now] = [undefined, undefined];
    if (this.#running === undefined) {
      await this.#begin(this.#write);
      return;
    }
    if (this.#isNextWaiting) return;
    this.#isNextWaiting = true;
    while (this.#running) await this.#running;
    this.#isNextWaiting = false;
    // At once: what comes with it has gathered meanwhile.
    const hasWork = this.#dirty.size > 0 || this.#waiters.length > 0;
    if (hasWork && !this.#isEnding) await this.#begin(this.#write);
  }

  async #begin(write: () => Promise<void>): Promise<void> {
    this.#running = write().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }
}
