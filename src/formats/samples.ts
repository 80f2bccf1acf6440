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

/** @throws TypeError when what is written of an event of one of these types is no text */
export function checkSamples(owner: string, write: WriteEvent, types: readonly EventType[]): void {
  for (const type of types) {
    const mistake = mistakeWith(write, type);
    if (mistake) throw new TypeError(`\`${owner}\`: ${mistake.message} for a ${type} event`);
  }
}

/** @throws TypeError when what is written is no text, whatever the type */
export function checkText(owner: string, write: WriteEvent): void {
  const mistakes = (Object.keys(samples) as EventType[]).map((type) => mistakeWith(write, type));
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
