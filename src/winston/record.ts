/** Makes a logging event of a Winston record. */

import type { LoggingEvent } from '../model/event.js';
import { contextText, isError, ownKeys, readProperty, setOwn } from '../model/json.js';
import type { Level } from '../model/level.js';
import { isoTime, parseTime } from '../model/time.js';

const LEVEL = Symbol.for('level');

/** What a logger hands to its transports. Each property may be a getter that throws. */
export interface WinstonRecord {
  readonly [LEVEL]?: unknown;
  readonly level?: unknown;
  readonly message?: unknown;
  readonly timestamp?: unknown;
  readonly exception?: unknown;
  readonly rejection?: unknown;
  readonly [key: string]: unknown;
}

/** Winston's level of a record: the true one, whatever formats made of `level`. Empty when it is no text. */
export function levelName(record: WinstonRecord): string {
  try {
    const level = record[LEVEL] ?? record.level;
    return typeof level === 'string' ? level : '';
  } catch {
    return '';
  }
}

/** Whether a record tells of an exception that nobody caught. */
export function isException(record: WinstonRecord): boolean {
  try {
    return record.exception === true;
  } catch {
    return false;
  }
}

/** Whether a record tells of a crash: Winston ends the process soon after. */
export function isCrash(record: WinstonRecord): boolean {
  try {
    return record.exception === true || record.rejection === true;
  } catch {
    return false;
  }
}

/**
 * The event of a record. Every own enumerable key but `level`, `message` and a `timestamp` that is a date goes into
 * the context, and those keys of `ambient` that are not there. Never throws because of a value.
 * @param json where the types of values are to be kept: gets the keys whose text is JSON
 */
export function createLoggingEvent(
  record: WinstonRecord,
  level: Level,
  nowMs: number,
  location: string | undefined,
  ambient?: object,
  json?: string[],
): LoggingEvent {
  const { entries, time = isoTime(nowMs) } = readKeys(record, json);
  if (ambient !== undefined) join(entries, record, ambient, json);
  if (isError(record)) addStack(entries, record);
  const message = readProperty(record, 'message');
  if (isError(message)) addStack(entries, message);
  const text = messageText(message);
  const type = 'logging' as const;
  // Of one shape from the beginning: copying one to add a key to it would cost half as much as all else of a record.
  if (json !== undefined) {
    const typed = { level: levelName(record), json };
    return { type, time, message: text, level, entries, typed, ...(location !== undefined && { location }) };
  }
  if (location === undefined) return { type, time, message: text, level, entries };
  return { type, time, message: text, level, entries, location };
}

interface Keys {
  /** Keys and texts in turn. */
  readonly entries: string[];
  readonly time: string | undefined;
}

/** Reads them straight through, which is much faster, and with care when that fails. */
function readKeys(record: WinstonRecord, json: string[] | undefined): Keys {
  try {
    return readPlainKeys(record, json);
  } catch {
    json?.splice(0);
    return readPlainKeys(withoutTricks(record), json);
  }
}

/** `for in`, since then the engine knows where each value is. */
function readPlainKeys(record: WinstonRecord, json: string[] | undefined): Keys {
  const entries: string[] = [];
  let time: string | undefined;
  for (const key in record) {
    if (key === 'level' || key === 'message' || !Object.hasOwn(record, key)) continue;
    const value = record[key];
    if (value === undefined) continue;
    if (key === 'timestamp') {
      time = parseTime(value);
      if (time !== undefined) continue;
    }
    entries.push(key, typeof value === 'string' ? value : contextText(value));
    if (json !== undefined && isWrittenAsJson(value)) json.push(key);
  }
  return { entries, time };
}

/** A copy whose keys can be read: one that throws must not take the others with it. */
function withoutTricks(record: WinstonRecord): WinstonRecord {
  const copy = {};
  for (const key of ownKeys(record)) setOwn<unknown>(copy, key, readProperty(record, key));
  return copy;
}

/** Keys of the record win, also those that are no part of the context. */
function join(entries: string[], record: WinstonRecord, ambient: object, json: string[] | undefined): void {
  const taken = new Set(['level', 'message', ...ownKeys(record)]);
  for (const key of ownKeys(ambient)) {
    const value = taken.has(key) ? undefined : readProperty(ambient, key);
    if (value === undefined) continue;
    entries.push(key, contextText(value));
    if (json !== undefined && isWrittenAsJson(value)) json.push(key);
  }
}

/** Whether the text of a value in a context is its JSON: digits of a `bigint` are not what JSON takes for its value. */
function isWrittenAsJson(value: unknown): boolean {
  return typeof value !== 'string' && typeof value !== 'bigint' && !isError(value);
}

function messageText(message: unknown): string {
  if (typeof message === 'string') return message;
  if (message === undefined) return '';
  return contextText(isError(message) ? readProperty(message, 'message') : message);
}

/** An error that was logged without `format.errors` keeps its stack, which is no enumerable key of it. */
function addStack(entries: string[], error: Error): void {
  const hasStack = entries.some((key, index) => index % 2 === 0 && key === 'stack');
  const stack = hasStack ? undefined : readProperty(error, 'stack');
  if (typeof stack === 'string') entries.push('stack', stack);
}
