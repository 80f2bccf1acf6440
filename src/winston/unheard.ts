/** Warnings that nobody listens for: the process shows them, not more of them than anybody reads. */

import type { LogTargetsError } from '../errors.js';

/** Of a transport, in a minute: showing one takes as long as sending an event. */
const MAX_SHOWN = 50;
const MINUTE_MS = 60_000;

/** Hands them to `process.emitWarning`. */
export class UnheardWarnings {
  #shown = 0;
  #minuteBeganMs = Number.NEGATIVE_INFINITY;

  show({ message, code }: LogTargetsError): void {
    const nowMs = performance.now();
    if (nowMs - this.#minuteBeganMs >= MINUTE_MS) {
      this.#minuteBeganMs = nowMs;
      this.#shown = 0;
    }
    if (this.#shown > MAX_SHOWN) return;
    this.#shown++;
    const more = `More than ${MAX_SHOWN} warnings in a minute: the others are not shown. A listener of \`warn\` hears all`;
    const text = this.#shown > MAX_SHOWN ? more : message;
    process.emitWarning(text, { type: 'LogTargetsWarning', code });
  }
}
