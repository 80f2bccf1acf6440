/** `shareEvents()`: who listens to one member's event stream hears the events of all members. */

import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { describe } from '../model/describe.js';
import { type Event, type EventType, eventTypes } from '../model/event.js';
import { isObject } from '../model/json.js';
import { within } from '../model/within.js';
import { type Tap, tapOf } from '../targets/tap.js';
import type { Connection } from './key.js';
import { Membership } from './membership.js';
import { checkConnection } from './option-checks.js';
import { Outgoing } from './outgoing.js';
import { canListen } from './publish.js';

/** Longest that NATS may take for the last words of a member. */
const FAREWELL_MS = 1000;

/** What `shareEvents` takes. */
export interface ShareEventsOptions {
  /** An `EventTransport`; give it a `location`, which its events bear. */
  readonly transport: object;
  /** What `connect()` of `@nats-io/transport-node` returns, awaited or not. Yours to close. */
  readonly connection: Connection;
  /** On which events go; `SUBJECT.wanted` is used as well. The same for all members. Default: `log-targets.events`. */
  readonly subject?: string;
}

/** Shared events. */
export interface SharedEvents {
  /** Ends it. The connection stays. */
  close(): Promise<void>;
}

/**
 * Shares events with the other members, for listeners of their event streams: at most once, for show only. Nothing is
 * published while nobody at another member listens. Ends with the transport, or with the connection.
 * @throws TypeError when `transport` is no `EventTransport`, `connection` none, or `subject` none to publish on
 */
export function shareEvents(options: ShareEventsOptions): SharedEvents {
  const { transport, connection, subject = 'log-targets.events' } = options;
  const tap = tapOf(transport);
  if (tap === undefined) {
    throw new TypeError(`Expected \`transport\` to be an EventTransport, got ${describe(transport)}`);
  }
  checkConnection(connection);
  if (!isSubject(subject)) {
    const expected = 'to be a subject of NATS, without wildcards';
    throw new TypeError(`Expected \`subject\` ${expected}, got ${describe(subject)}`);
  }
  let isClosed = false;
  let shared: Member | undefined;
  const started = Promise.resolve(connection).then((there) => {
    if (!isClosed) shared = new Member(tap, there, subject);
  });
  started.catch(() => {}); // whoever connects hears of it
  return {
    async close() {
      isClosed = true;
      await shared?.end();
    },
  };
}

/** This member among the others. */
class Member {
  readonly #id = randomUUID();
  readonly #tap: Tap;
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #outgoing: Outgoing;
  readonly #membership: Membership;
  readonly #unwatch: () => void;
  #wantedHere: readonly EventType[] = [];
  #stopPublishing: (() => void) | undefined;
  #stopHearing: (() => void) | undefined;
  #isEnded = false;

  constructor(tap: Tap, connection: NatsConnection, subject: string) {
    this.#tap = tap;
    this.#connection = connection;
    this.#subject = subject;
    this.#outgoing = new Outgoing(connection, subject, this.#id);
    this.#membership = new Membership({
      connection,
      subject,
      member: this.#id,
      wantedHere: () => this.#wantedHere,
      onChange: () => this.#publishWanted(),
    });
    this.#unwatch = tap.watch(() => this.#listenersChanged());
    this.#listenersChanged();
    void this.#followConnection().catch(() => {});
  }

  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#unwatch();
    this.#stopPublishing?.();
    this.#stopHearing?.();
    this.#membership.end();
    await within(
      this.#connection.flush().catch(() => {}),
      FAREWELL_MS,
    );
  }

  #listenersChanged(): void {
    if (this.#tap.isEnded) {
      void this.end();
      return;
    }
    const wanted = this.#tap.wantedTypes;
    if (wanted.join() === this.#wantedHere.join()) return;
    this.#wantedHere = wanted;
    if (wanted.length === 0) {
      this.#stopHearing?.();
      this.#stopHearing = undefined;
    } else if (this.#stopHearing === undefined && canListen(this.#connection)) {
      const subscription = this.#connection.subscribe(this.#subject, {
        callback: (_error, message) => this.#heard(message?.string() ?? ''),
      });
      this.#stopHearing = () => subscription.unsubscribe();
    }
    this.#membership.announce();
  }

  /** What the others want is taken from the tap, and nothing else. */
  #publishWanted(): void {
    this.#stopPublishing?.();
    this.#stopPublishing = undefined;
    const types = this.#membership.wantedElsewhere;
    if (this.#isEnded || types.length === 0) {
      this.#outgoing.clear();
      return;
    }
    this.#stopPublishing = this.#tap.subscribe({
      isRelay: true,
      types,
      take: (event) => this.#outgoing.add(event),
      end: () => void this.end(),
    });
  }

  #heard(text: string): void {
    const message = parse(text);
    if (!isObject(message) || message.member === this.#id || !Array.isArray(message.events)) return;
    for (const event of message.events) if (isEvent(event)) this.#tap.relay(event);
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'reconnect' && !this.#isEnded) this.#membership.ask();
      if (type === 'disconnect') this.#outgoing.clear();
    }
    // It was closed, and will not come back.
    await this.end();
  }
}

/** @see https://docs.nats.io/nats-concepts/subjects */
function isSubject(subject: unknown): boolean {
  return typeof subject === 'string' && /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(subject);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Anybody may write to a subject: what a listener is shown has at least the form of an event. */
function isEvent(event: unknown): event is Event {
  if (!isObject(event) || typeof event.time !== 'string') return false;
  switch (eventTypes.find((type) => type === event.type)) {
    case 'logging':
      return (
        [event.message, event.level].every((text) => typeof text === 'string') && areTexts(event.entries)
      );
    case 'lifecycle':
      return typeof event.action === 'string' && areTexts(event.entities);
    case 'operation':
      return isObject(event.operation);
    default:
      return false;
  }
}

function areTexts(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}
