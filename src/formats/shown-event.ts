/** The events as formats see them that know nothing of how the house holds them. */

import type { Context, Event, LifecycleEvent, LoggingEvent, OperationEvent } from '../model/event.js';
import { contextOf } from '../model/event.js';
import { idOf } from '../model/event-id.js';

/** A log record. */
export interface ShownLoggingEvent extends Shown<Omit<LoggingEvent, 'entries' | 'typed'>> {
  /** Every key of the record but its level, its message and its time; as texts. */
  readonly context: Context;
}

/** An audit record: who did what to which entities. */
export interface ShownLifecycleEvent extends Shown<LifecycleEvent> {}

/** The state of a background operation after a change. */
export interface ShownOperationEvent extends Shown<OperationEvent> {}

type Shown<Held extends Event | Omit<LoggingEvent, 'entries' | 'typed'>> = Omit<Held, 'id'> & {
  /** UUIDv7, made when it is first looked at: the same in all formats, and whenever the event is sent again. */
  readonly id: string;
};

/** Anything that a format can be asked to write. */
export type ShownEvent = ShownLoggingEvent | ShownLifecycleEvent | ShownOperationEvent;

/** The same event, as it is shown. */
export function show(event: Event): ShownEvent {
  switch (event.type) {
    case 'logging': {
      const { type, time, location, message, level } = event;
      return {
        get id() {
          return idOf(event);
        },
        type,
        time,
        ...(location !== undefined && { location }),
        message,
        level,
        context: contextOf(event),
      };
    }
    case 'lifecycle':
    case 'operation': {
      const { id: _, ...rest } = event;
      return {
        get id() {
          return idOf(event);
        },
        ...rest,
      };
    }
  }
}
