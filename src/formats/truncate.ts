/** Cuts an event that is larger than a body may be down to size. */

import {
  type Context,
  contextOf,
  type Event,
  type LifecycleEvent,
  type LoggingEvent,
  type OperationEvent,
} from '../model/event.js';
import type { JsonValue } from '../model/json.js';
import type { Requestor } from '../model/requestor.js';
import type { WriteEvent } from './format.js';
import { type JsonText, JsonWriter } from './json-writer.js';

/**
 * The JSON of `event`, shortened to at most `maxBytes` bytes. As much of its strings is kept as fits, from their
 * beginnings; the context of a logging event, or the metadata of another, gets `truncated`: the original number of bytes.
 * @returns `undefined` when even the bare frame does not fit
 */
export function encodeTruncated(
  event: Event,
  write: WriteEvent,
  originalBytes: number,
  maxBytes: number,
): JsonText | undefined {
  const shorten = shortenerOf(event);
  const json = new JsonWriter(0);
  const encode = (maxLength: number): JsonText => {
    json.begin();
    write(shorten(new Budget(maxLength), originalBytes), json);
    return json.end();
  };
  let fitting: JsonText | undefined;
  let [low, high] = [0, maxBytes];
  let guess = Math.floor(maxBytes / 2);
  for (let tries = 0; low <= high; tries++) {
    const text = encode(guess);
    if (text.bytes <= maxBytes) {
      fitting = text;
      low = guess + 1;
    } else {
      high = guess - 1;
    }
    // By the bytes for each character so far, which is close at once for text of one kind; else by halves.
    const likely = Math.floor((guess * maxBytes) / text.bytes);
    const isLikely = tries % 2 === 0 && likely >= low && likely <= high;
    guess = isLikely ? likely : Math.floor((low + high) / 2);
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
  return (budget, originalBytes) => {
    const message = budget.text(event.message);
    const entries = [...budget.entries(event.entries), 'truncated', String(originalBytes)];
    const typed = event.typed && { ...event.typed, json: wholeJson(event.typed.json, event, entries) };
    return { ...event, message, entries, ...(typed && { typed }) };
  };
}

/** Keys whose text is still JSON, our own note among them: the beginning of a JSON text is none. */
function wholeJson(keys: readonly string[], event: LoggingEvent, entries: readonly string[]): string[] {
  const [before, after] = [contextOf(event), contextOf({ ...event, entries })];
  return [...keys.filter((key) => key !== 'truncated' && before[key] === after[key]), 'truncated'];
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

const membersOf = new WeakMap<object, readonly Member[]>();

/** Members of an object are kept one by one; metadata of another kind is replaced as a whole. */
function metadataMembers(metadata: JsonValue | undefined): readonly Member[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return [];
  // Each target that an event is too large for asks anew.
  const members = membersOf.get(metadata) ?? readMembers(metadata);
  membersOf.set(metadata, members);
  return members;
}

function readMembers(metadata: object): readonly Member[] {
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

  /** Keys and texts in turn. One that is named as our own note would be read instead of it. */
  entries(entries: readonly string[]): string[] {
    const kept: string[] = [];
    for (let index = 0; index < entries.length; index += 2) {
      const [key, text] = entries.slice(index, index + 2) as [string, string];
      if (key !== 'truncated' && this.takes(key.length)) kept.push(key, this.text(text));
    }
    return kept;
  }
}
