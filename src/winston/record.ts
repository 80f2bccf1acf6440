/** Makes a logging event of a Winston record. */

import type { LoggingEvent } from '../model/event.js';
import { contextText, ownKeys, readProperty, setOwn } from '../model/json.js';
import type { Level } from '../model/level.js';
import { isoTime, parseTime } from '../model/time.js';

/** What a logger hands to its transports: `level`, `message`, and anything else as own keys. */
export type WinstonRecord = Readonly<Record<PropertyKey, unknown>>;

const LEVEL = Symbol.for('level');

/** Winston's level of a record: the true one, whatever formats made of `level`. Empty when it is no text. */
export function levelName(record: WinstonRecord): string {
  const level = readProperty(record, LEVEL) ?? readProperty(record, 'level');
  return typeof level === 'string' ? level : '';
}

/** Whether a record tells of a crash: Winston ends the process soon after. */
export function isCrash(record: WinstonRecord): boolean {
  return readProperty(record, 'exception') === true || readProperty(record, 'rejection') === true;
}

/**
 * The event of a record. Every own enumerable key but `level`, `message` and a `timestamp` that is a date goes into
 * the context. Never throws because of a value.
 */
export function createLoggingEvent(
  record: WinstonRecord,
  level: Level,
  nowMs: number,
  location: string | undefined,
): LoggingEvent {
  const context: Record<string, string> = {};
  let time: string | undefined;
  for (const key of ownKeys(record)) {
    if (key === 'level' || key === 'message') continue;
    const value = readProperty(record, key);
    if (value === undefined) continue;
    if (key === 'timestamp') {
      time = parseTime(value);
      if (time !== undefined) continue;
    }
    setOwn(context, key, contextText(value));
  }
  if (record instanceof Error) addStack(context, record);
  const message = readProperty(record, 'message');
  if (message instanceof Error) addStack(context, message);
  const event = {
    type: 'logging' as const,
    time: time ?? isoTime(nowMs),
    message: messageText(message),
    level,
    context,
  };
  return location === undefined ? event : { ...event, location };
}

function messageText(message: unknown): string {
  if (typeof message === 'string') return message;
  if (message === undefined) return '';
  return message instanceof Error ? String(message.message) : contextText(message);
}

/** An error that was logged without `format.errors` keeps its stack, which is no enumerable key of it. */
function addStack(context: Record<string, string>, error: Error): void {
  if (context.stack === undefined && typeof error.stack === 'string') context.stack = error.stack;
}
