/** Holds the records of one turn of the event loop until there is time to write them down. */

import type { LoggingEvent } from '../model/event.js';

/** Bounds of what waits here, so that a loop that logs without end does not fill the memory. */
const MAX_EVENTS = 4096;
const MAX_CHARACTERS = 2 ** 20;

/**
 * Takes half of the cost of an event out of its log call, to the end of the turn: by then a service has done what it
 * was asked for. Whoever looks at the queues, or adds to them, empties the intake first.
 */
export class Intake {
  readonly #accept: (event: LoggingEvent, acceptedAtMs: number) => void;
  #events: LoggingEvent[] = [];
  #acceptedAtMs: number[] = [];
  #characters = 0;
  #turn: NodeJS.Immediate | undefined;

  /** `accept` gets each event later, in order. Must not throw. */
  constructor(accept: (event: LoggingEvent, acceptedAtMs: number) => void) {
    this.#accept = accept;
  }

  add(event: LoggingEvent, acceptedAtMs: number): void {
    this.#events.push(event);
    this.#acceptedAtMs.push(acceptedAtMs);
    this.#characters += event.message.length;
    for (const text of event.entries) this.#characters += text.length;
    if (this.#events.length >= MAX_EVENTS || this.#characters >= MAX_CHARACTERS) this.empty();
    else this.#turn ??= setImmediate(() => this.empty());
  }

  /** Hands on what waits. */
  empty(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const [events, times] = [this.#events, this.#acceptedAtMs];
    if (events.length === 0) return;
    this.#events = [];
    this.#acceptedAtMs = [];
    this.#characters = 0;
    for (let index = 0; index < events.length; index++) {
      this.#accept(events[index] as LoggingEvent, times[index] as number);
    }
  }
}
