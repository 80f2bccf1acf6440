/** Who of the other members has listeners, and what they listen to. */

import type { NatsConnection } from '@nats-io/transport-node';
import { type EventType, eventTypes } from '../model/event.js';
import { publish } from './publish.js';

/** How often a member with listeners says so. */
const ANNOUNCE_INTERVAL_MS = 10_000;
/** A member that has said nothing for so long is gone. */
const EXPIRY_MS = 35_000;

/** On the subject `SUBJECT.wanted`: a member's announcement, or the question for those of all. */
interface Announcement {
  readonly member: string;
  readonly types: readonly EventType[];
  readonly isQuestion?: boolean;
}

/** What this member has to do with the others' listeners. */
export interface MembershipOptions {
  readonly connection: NatsConnection;
  readonly subject: string;
  /** Id of this member. */
  readonly member: string;
  /** What is listened to here. */
  readonly wantedHere: () => readonly EventType[];
  /** Called when what the others listen to has changed. */
  readonly onChange: () => void;
}

/** Members tell each other what they listen to: at once when it changes, when one asks, and now and then. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #others = new Map<string, { readonly types: readonly EventType[]; readonly heardAtMs: number }>();
  readonly #interval: NodeJS.Timeout;
  readonly #unsubscribe: () => void;

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { connection, subject } = options;
    const subscription = connection.subscribe(`${subject}.wanted`, {
      callback: (_error, message) => this.#heard(message?.string() ?? ''),
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    this.#interval = setInterval(() => this.#tick(), ANNOUNCE_INTERVAL_MS).unref();
    this.ask();
  }

  /** What others listen to. */
  get wantedElsewhere(): readonly EventType[] {
    const others = [...this.#others.values()];
    return eventTypes.filter((type) => others.some(({ types }) => types.includes(type)));
  }

  /** Tells the others what is listened to here, and asks them. */
  ask(): void {
    this.#announce(this.#options.wantedHere(), true);
  }

  /** Tells the others what is listened to here. */
  announce(): void {
    this.#announce(this.#options.wantedHere());
  }

  /** Tells them that nobody listens here any more. */
  end(): void {
    clearInterval(this.#interval);
    this.#unsubscribe();
    this.#announce([]);
  }

  #announce(types: readonly EventType[], isQuestion = false): void {
    const { connection, subject, member } = this.#options;
    const announcement: Announcement = { member, types, ...(isQuestion && { isQuestion }) };
    publish(connection, `${subject}.wanted`, JSON.stringify(announcement));
  }

  #tick(): void {
    if (this.#options.wantedHere().length > 0) this.announce();
    this.#change(() => {
      for (const [member, { heardAtMs }] of this.#others) {
        if (performance.now() - heardAtMs > EXPIRY_MS) this.#others.delete(member);
      }
    });
  }

  #heard(text: string): void {
    const announcement = parse(text);
    if (announcement === undefined || announcement.member === this.#options.member) return;
    const { member, types, isQuestion } = announcement;
    this.#change(() => {
      if (types.length === 0) this.#others.delete(member);
      else this.#others.set(member, { types, heardAtMs: performance.now() });
    });
    if (isQuestion && this.#options.wantedHere().length > 0) this.announce();
  }

  #change(act: () => void): void {
    const before = this.wantedElsewhere.join();
    act();
    if (this.wantedElsewhere.join() !== before) this.#options.onChange();
  }
}

/** `undefined` for what is none: anybody may write to a subject. */
function parse(text: string): Announcement | undefined {
  try {
    const { member, types, isQuestion } = JSON.parse(text);
    if (typeof member !== 'string' || !Array.isArray(types)) return undefined;
    return {
      member,
      types: eventTypes.filter((type) => types.includes(type)),
      isQuestion: isQuestion === true,
    };
  } catch {
    return undefined;
  }
}
