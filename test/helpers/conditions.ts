/** Promises of what is to hold some time: looked at when something has happened, not again and again. */
export class Conditions {
  readonly #checks = new Set<() => void>();

  /** Something has happened: what holds now is resolved. */
  look(): void {
    for (const check of this.#checks) check();
  }

  /** Resolves once `predicate` holds: now, or at a later look. */
  until(predicate: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!predicate()) return;
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
      check();
    });
  }
}
