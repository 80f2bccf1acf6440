/** A dead letter as it is shown, and how some of many are chosen. */

import type { LetterNote } from '../disk/layout.js';
import type { EventType } from '../model/event.js';
import type { JsonValue } from '../model/json.js';
import type { EncodedEvent } from '../queue/encoded-event.js';

/** An event that a receiver refused. */
export interface DeadLetter {
  /** Of the event: the one that its format shows, or else made when it was refused. A UUIDv7. */
  readonly id: string;
  /** ISO time at which it was refused. */
  readonly at: string;
  /** ISO time at which it was accepted. */
  readonly acceptedAt: string;
  /** Of the event. */
  readonly type: EventType;
  /** HTTP status of the refusal, where there was one. */
  readonly status?: number;
  /** The first 1 KiB of the answer's body. */
  readonly response: string;
  /** The event as it was sent. */
  readonly event: JsonValue;
}

/** Which part of a list of dead letters. */
export interface DeadLetterPage {
  /** The most that are listed. Default: all. */
  readonly limit?: number;
  /** Id of the letter behind which the list begins. Default: from the oldest. */
  readonly after?: string;
}

/** Which dead letters; all of them by default. */
export interface DeadLetterSelection {
  /** `[]`: none. */
  readonly ids?: readonly string[];
  /** Those that were refused at or after this time. Numbers are milliseconds since the epoch. */
  readonly since?: Date | string | number;
}

/** Which dead letters are to be discarded; all of them by default. */
export interface DiscardSelection {
  /** `[]`: none. */
  readonly ids?: readonly string[];
  /** Those that were refused before this time. Numbers are milliseconds since the epoch. */
  readonly before?: Date | string | number;
}

/** A letter as it is shown. */
export function letterOf(note: LetterNote, event: Omit<EncodedEvent, 'seq'>): DeadLetter {
  const { acceptedAtMs, type, block, start, bytes } = event;
  const { id, atMs, status, response } = note;
  return {
    id,
    at: new Date(atMs).toISOString(),
    acceptedAt: new Date(acceptedAtMs).toISOString(),
    type,
    ...(status !== undefined && { status }),
    response,
    event: jsonIn(block.toString('utf8', start, start + bytes)),
  };
}

/** Formats need not write JSON, or only one piece of it. */
function jsonIn(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
