/** Makes a logging event of a Winston record. */

import type { LoggingEvent } from '../model/event.js';
import { contextText, ownKeys, readProperty, setOwn } from '../model/json.js';
import type { Level } from '../model/level.js';
import { isoTime, parseTime } from '../model/time.js';

/** What a logger hands to its transports: `level`, `message`, and anything else as own keys. */
export type WinstonRecord = Readonly<Record<PropertyKey, unknown>>;

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
