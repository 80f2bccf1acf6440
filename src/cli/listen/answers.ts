/** What a receiver answers: `200,503:3s,429`, one after the other. */

import { parseDuration } from '../../model/duration.js';

/** One answer of the list. */
export interface Answer {
  readonly status: number;
  /** In seconds, for the header. */
  readonly retryAfter?: number;
}

/** The answers in turn; the last one stays. */
export class Answers {
  readonly #left: Answer[];

  /** @param list not empty */
  constructor(list: readonly Answer[]) {
    this.#left = [...list];
  }

  next(): Answer {
    const [first = { status: 200 }] = this.#left;
    if (this.#left.length > 1) this.#left.shift();
    return first;
  }
}

/**
 * Reads a list of answers: a status from 200 to 599 each, with the time for `Retry-After` behind a colon.
 * @throws RangeError that says what was expected
 */
export function parseAnswers(text: string): Answer[] {
  return text.split(',').map((each) => {
    const [, digits, pause] = /^\s*(\d{3})(?::(\S+))?\s*$/.exec(each) ?? [];
    const status = Number(digits);
    if (digits === undefined || status < 200 || status > 599) throw unreadable(each);
    if (pause === undefined) return { status };
    try {
      return { status, retryAfter: Math.ceil(Number(parseDuration(pause)) / 1e9) };
    } catch {
      throw unreadable(each);
    }
  });
}

function unreadable(answer: string): RangeError {
  return new RangeError(
    `Expected answers such as \`200,503:3s,429\`: a status from 200 to 599, and a duration behind a colon, got \`${answer}\``,
  );
}
