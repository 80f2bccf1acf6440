/** Tries out whether a format writes text, before there is any event to lose. */

import type { Event, EventType } from '../model/event.js';
import { NoTextError } from './create-format.js';
import type { WriteEvent } from './format.js';
import { JsonWriter } from './json-writer.js';

const time = '2026-01-02T03:04:05.678Z';

/** One event of each type, plain as they come. */
const samples: Readonly<Record<EventType, () => Event>> = {
  logging: () => ({ type: 'logging', time, message: 'A message', level: 'INFO', entries: ['key', 'value'] }),
  lifecycle: () => ({ type: 'lifecycle', time, action: 'instance-started', entities: ['/1.0/instances/c1'] }),
  operation: () => ({
    type: 'operation',
    time,
    operation: {
      id: '01890000-0000-7000-8000-000000000000',
      class: 'task',
      description: 'A description',
      created_at: time,
      updated_at: time,
      status: 'Running',
      status_code: 103,
      resources: {},
      metadata: {},
      may_cancel: false,
      err: '',
      location: '',
    },
  }),
};

/**
 * A format may be made for some types of events only: of the others it may write what it likes, and events that it has no
 * text for are dropped as `unserializable`.
 * @throws TypeError when what is written is no text for any of these types
 */
export function checkText(
  owner: string,
  write: WriteEvent,
  types: readonly EventType[] = Object.keys(samples) as EventType[],
): void {
  const mistakes = types.map((type) => mistakeWith(write, type));
  const [first] = mistakes;
  if (first && mistakes.every((mistake) => mistake)) throw new TypeError(`\`${owner}\`: ${first.message}`);
}

/** A format may well throw for an event that it was not made for. */
function mistakeWith(write: WriteEvent, type: EventType): NoTextError | undefined {
  try {
    write(samples[type](), new JsonWriter(0));
    return undefined;
  } catch (error) {
    return error instanceof NoTextError ? error : undefined;
  }
}
