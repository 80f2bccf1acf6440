/** Dead letters as operators handle them: listed in pages, replayed, discarded. */

import type { DeadLetter, DeadLetterPage } from '../dead-letters/dead-letter.js';
import { HttpError } from '../http/envelope.js';
import { describe } from '../model/describe.js';
import { isObject } from '../model/json.js';
import type { Requestor } from '../model/requestor.js';
import type { AuditTrail } from './audit-trail.js';
import { toSnakeCase } from './snake-case.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** At most `limit`, the oldest first, from behind the one with the id `after`. */
export interface Page {
  readonly limit: number;
  readonly after?: string;
}

/** What holds them: an `EventTransport`. */
export interface DeadLetterHolder {
  /** A page of those of a target. */
  deadLetters(name: string, page: DeadLetterPage): Promise<readonly DeadLetter[]>;
  /** Queues those with one of `ids`, refused `since` a time, again; says how many. */
  replay(name: string, selection: { ids?: readonly string[]; since?: string }): Promise<number>;
  /** Forgets those with one of `ids`, refused `before` a time; says how many. */
  discard(name: string, selection: { ids?: readonly string[]; before?: string }): Promise<number>;
}

/** Whoever reads them or changes their number is recorded. */
export class DeadLetterOffice {
  readonly #holder: DeadLetterHolder;
  readonly #trail: AuditTrail;

  constructor(holder: DeadLetterHolder, trail: AuditTrail) {
    this.#holder = holder;
    this.#trail = trail;
  }

  async list(name: string, page: Page): Promise<object[]> {
    const letters = await this.#holder.deadLetters(name, page);
    return letters.map((letter) => {
      const { event, ...rest } = letter;
      // Keys within the event are not ours.
      return { ...(toSnakeCase(rest) as object), event };
    });
  }

  /** Records who has read some. */
  wereRead(name: string, requestor: Requestor): void {
    void this.#trail.deadLettersRead(name, requestor);
  }

  async replay(name: string, body: unknown, requestor: Requestor): Promise<object> {
    const replayed = await this.#holder.replay(name, parseSelection(body, 'since'));
    await this.#trail.deadLettersReplayed(name, requestor, replayed);
    return { replayed };
  }

  async discard(name: string, body: unknown, requestor: Requestor): Promise<object> {
    const discarded = await this.#holder.discard(name, parseSelection(body, 'before'));
    await this.#trail.deadLettersDiscarded(name, requestor, discarded);
    return { discarded };
  }
}

/**
 * Which of them a client wants to see.
 * @throws HttpError 400
 */
export function parsePage(query: URLSearchParams): Page {
  const after = query.get('after');
  return { limit: parseLimit(query.get('limit')), ...(after && { after }) };
}

function parseLimit(text: string | null): number {
  if (text === null || text === '') return DEFAULT_LIMIT;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw wrong('limit', `an integer from 1 to ${MAX_LIMIT}`, text);
  return Math.min(limit, MAX_LIMIT);
}

/** A key that is written wrongly must not come to mean all of them. */
function parseSelection<Time extends 'since' | 'before'>(
  body: unknown,
  time: Time,
): { ids?: string[] } & { [Key in Time]?: string } {
  if (!isObject(body)) throw new HttpError(400, `Expected an object with \`ids\` or \`${time}\``);
  const unknown = Object.keys(body).find((key) => key !== 'ids' && key !== time);
  if (unknown !== undefined) {
    throw new HttpError(400, `Expected only \`ids\` and \`${time}\`, got another key`);
  }
  const { ids, [time]: moment } = body;
  if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string'))) {
    throw wrong('ids', 'a list of texts', ids);
  }
  if (moment !== undefined && !(typeof moment === 'string' && !Number.isNaN(Date.parse(moment)))) {
    throw wrong(time, 'an ISO time', moment);
  }
  return { ...(ids !== undefined && { ids }), ...(moment !== undefined && { [time]: moment }) } as ReturnType<
    typeof parseSelection<Time>
  >;
}

function wrong(key: string, expected: string, given: unknown): HttpError {
  return new HttpError(400, `${key}: Expected \`${key}\` to be ${expected}, got ${describe(given)}`);
}
