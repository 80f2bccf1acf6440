/** Lets only so many requests through in a turn of the event loop. */

/** A request costs well under a millisecond: so many of them hold nobody up. */
const PER_TURN = 16;

/** A thousand clients that ask in one instant are answered over several turns; the service works in between. */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #passed = 0;
  #turn: NodeJS.Immediate | undefined;

  /** Resolves when it is the caller's turn, in the order of the calls. */
  async pass(): Promise<void> {
    this.#turn ??= setImmediate(() => this.#next());
    if (this.#passed < PER_TURN) this.#passed++;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  #next(): void {
    const admitted = this.#waiting.splice(0, PER_TURN);
    this.#passed = admitted.length;
    this.#turn = admitted.length === 0 ? undefined : setImmediate(() => this.#next());
    for (const admit of admitted) admit();
  }
}
