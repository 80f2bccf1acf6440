/** Cuts an event that is larger than a body may be down to size. */

import type { Context, Event, LifecycleEvent, LoggingEvent, OperationEvent } from '../model/event.js';
import type { JsonValue } from '../model/json.js';
import type { Requestor } from '../model/requestor.js';
import type { Encode } from './format.js';

/**
 * The text of `event`, shortened to at most `maxBytes` bytes. As much of its strings is kept as fits, from their
 * beginnings; the context of a logging event, or the metadata of another, gets `truncated`: the original number of bytes.
 * @returns `undefined` when even the bare frame does not fit
 */
export function encodeTruncated(
  event: Event,
  encode: Encode,
  originalBytes: number,
  maxBytes: number,
): string | undefined {
  const shorten = shortenerOf(event);
  let fitting: string | undefined;
  let low = 0;
  let high = maxBytes;
  while (low <= high) {
    const maxLength = Math.floor((low + high) / 2);
    const text = encode(shorten(new Budget(maxLength), originalBytes));
    if (Buffer.byteLength(text) <= maxBytes) {
      fitting = text;
      low = maxLength + 1;
    } else {
      high = maxLength - 1;
    }
  }
  return fitting;
}

type Shortener = (budget: Budget, originalBytes: number) => Event;

function shortenerOf(event: Event): Shortener {
  switch (event.type) {
    case 'logging':
      return loggingShortener(event);
    case 'lifecycle':
      return lifecycleShortener(event);
    case 'operation':
      return operationShortener(event);
  }
}

function loggingShortener(event: LoggingEvent): Shortener {
  return (budget, originalBytes) => ({
    ...event,
    message: budget.text(event.message),
    context: { ...budget.context(event.context), truncated: String(originalBytes) },
  });
}

function lifecycleShortener(event: LifecycleEvent): Shortener {
  const members = metadataMembers(event.metadata);
  return (budget, originalBytes) => ({
    ...event,
    action: budget.text(event.action),
    ...(event.requestor && { requestor: shortenRequestor(event.requestor, budget) }),
    entities: budget.list(event.entities),
    ...(event.name !== undefined && { name: budget.text(event.name) }),
    ...(event.project !== undefined && { project: budget.text(event.project) }),
    ...(event.message !== undefined && { message: budget.text(event.message) }),
    ...(event.context && { context: budget.context(event.context) }),
    metadata: { ...shortenMembers(members, budget), truncated: originalBytes },
  });
}

function operationShortener(event: OperationEvent): Shortener {
  const { operation } = event;
  const members = metadataMembers(operation.metadata);
  return (budget, originalBytes) => ({
    ...event,
    ...(event.project !== undefined && { project: budget.text(event.project) }),
    operation: {
      ...operation,
      description: budget.text(operation.description),
      err: budget.text(operation.err),
      location: budget.text(operation.location),
      resources: budget.lists(operation.resources),
      metadata: { ...shortenMembers(members, budget), truncated: originalBytes },
    },
  });
}

function shortenRequestor({ protocol, username, address }: Requestor, budget: Budget): Requestor {
  return { protocol: budget.text(protocol), username: budget.text(username), address: budget.text(address) };
}

interface Member {
  readonly key: string;
  readonly value: JsonValue;
  /** Characters of JSON; text can be shortened instead. */
  readonly length: number;
}

/** Members of an object are kept one by one; metadata of another kind is replaced as a whole. */
function metadataMembers(metadata: JsonValue | undefined): Member[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return [];
  return Object.entries(metadata).map(([key, value]: [string, JsonValue]) => ({
    key,
    value,
    length: typeof value === 'string' ? 0 : JSON.stringify(value).length,
  }));
}

function shortenMembers(members: readonly Member[], budget: Budget): Readonly<Record<string, JsonValue>> {
  const kept = members.filter(({ key, length }) => budget.takes(key.length + length));
  return Object.fromEntries(
    kept.map(({ key, value }) => [key, typeof value === 'string' ? budget.text(value) : value]),
  );
}

/** Hands out a number of characters, first come, first served. */
class Budget {
  #left: number;

  constructor(characters: number) {
    this.#left = characters;
  }

  takes(characters: number): boolean {
    if (characters > this.#left) return false;
    this.#left -= characters;
    return true;
  }

  text(text: string): string {
    const kept = text.slice(0, this.#left);
    this.#left -= kept.length;
    return kept;
  }

  list(texts: readonly string[]): string[] {
    return texts.filter((text) => this.takes(text.length));
  }

  lists(lists: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
    return Object.fromEntries(
      Object.entries(lists).flatMap(([key, texts]) =>
        this.takes(key.length) ? [[key, this.list(texts)]] : [],
      ),
    );
  }

  context(context: Context): Context {
    return Object.fromEntries(
      Object.entries(context).flatMap(([key, value]) =>
        this.takes(key.length) ? [[key, this.text(value)]] : [],
      ),
    );
  }
}
