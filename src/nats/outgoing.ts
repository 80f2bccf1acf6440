/** Publishes events for other members, behind the calls that they come from. */

import type { NatsConnection } from '@nats-io/transport-node';
import type { Event } from '../model/event.js';
import { publish } from './publish.js';

/** Events that wait to be published. There are no promises to keep: what is more is left out. */
const MAX_WAITING = 20_000;
/** So many are written down in a turn of the event loop. */
const EVENTS_A_TURN = 250;
/** What may be on its way before NATS has shown that it still takes anything. */
const MAX_UNCONFIRMED_BYTES = 4 * 2 ** 20;

/** At most once: what NATS does not take in time is gone. */
export class Outgoing {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #member: string;
  #waiting: Event[] = [];
  #turn: NodeJS.Immediate | undefined;
  #unconfirmedBytes = 0;
  #isConfirming = false;

  constructor(connection: NatsConnection, subject: string, member: string) {
    this.#connection = connection;
    this.#subject = subject;
    this.#member = member;
  }

  /** Costs a place in a list. */
  add(event: Event): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(event);
    this.#turn ??= setImmediate(() => this.#publish());
  }

  /** What waits is gone. */
  clear(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#waiting = [];
  }

  #publish(): void {
    this.#turn = undefined;
    const events = this.#waiting.splice(0, EVENTS_A_TURN);
    if (this.#unconfirmedBytes < MAX_UNCONFIRMED_BYTES && !this.#connection.isClosed()) this.#send(events);
    if (this.#waiting.length > 0) this.#turn = setImmediate(() => this.#publish());
  }

  /** Halves what is too large for a message; an event that is too large alone is left out. */
  #send(events: readonly Event[]): void {
    const text = this.#written(events);
    const maxBytes = this.#connection.info?.max_payload ?? 2 ** 20;
    if (text !== undefined && text.length <= maxBytes) {
      this.#unconfirmedBytes += text.length;
      publish(this.#connection, this.#subject, text);
      this.#confirm();
    } else if (events.length > 1) {
      const middle = Math.ceil(events.length / 2);
      this.#send(events.slice(0, middle));
      this.#send(events.slice(middle));
    }
  }

  /** `undefined` when it would be too long for a string. */
  #written(events: readonly Event[]): Buffer | undefined {
    try {
      return Buffer.from(JSON.stringify({ member: this.#member, events }));
    } catch {
      return undefined;
    }
  }

  /** One question at a time whether NATS is still there. */
  #confirm(): void {
    if (this.#isConfirming) return;
    this.#isConfirming = true;
    const confirmedBytes = this.#unconfirmedBytes;
    this.#connection.flush().then(
      () => {
        this.#isConfirming = false;
        this.#unconfirmedBytes -= confirmedBytes;
        if (this.#unconfirmedBytes > 0) this.#confirm();
      },
      () => {
        this.#isConfirming = false;
        this.#unconfirmedBytes = 0;
      },
    );
  }
}
