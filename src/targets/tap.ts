/** Shows the events that a transport accepts to whoever listens, beside its targets. */

import { type Event, type EventType, eventTypes } from '../model/event.js';
import type { Reporter } from '../report.js';

/** Somebody who listens. */
export interface TapListener {
  readonly types: readonly EventType[];
  /** Gets each event of these types, in order, in the middle of things: it should leave the work for later. */
  take(event: Event): void;
  /** No more events will come. */
  end(): void;
  /** Passes events on to other members: it gets none of theirs, and is nobody that they would be passed on for. */
  readonly isRelay?: boolean;
}

/** Costs a look at a boolean while nobody listens. Outside of what is accounted for: listeners are no targets. */
export class Tap {
  readonly report: Reporter;
  /** Clients of event streams, each of which listens together with others. */
  clients = 0;
  /** Called when `wantsLogging` may have changed. */
  changed: () => void = () => {};
  readonly #handOn: () => void;
  readonly #listeners = new Set<TapListener>();
  readonly #watchers = new Set<() => void>();
  #wantsLogging = false;
  #isEnded = false;

  /** @param handOn hands on what was accepted but is not written down yet: it is for those who listened by then */
  constructor(report: Reporter, handOn: () => void) {
    this.report = report;
    this.#handOn = handOn;
  }

  /** Whether anybody listens. */
  get isOpen(): boolean {
    return this.#listeners.size > 0;
  }

  /** Whether anybody listens to log records, of whatever level. */
  get wantsLogging(): boolean {
    return this.#wantsLogging;
  }

  /** The types of events that anybody here listens to. */
  get wantedTypes(): readonly EventType[] {
    const own = [...this.#listeners].filter(({ isRelay }) => !isRelay);
    return eventTypes.filter((type) => own.some(({ types }) => types.includes(type)));
  }

  /** Calls `watcher` when `wantedTypes` may have changed. @returns what ends it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Whether no more events will come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** @returns what ends it */
  subscribe(listener: TapListener): () => void {
    this.#handOn();
    this.#listeners.add(listener);
    this.#update();
    return () => {
      this.#handOn();
      this.#listeners.delete(listener);
      this.#update();
    };
  }

  /** Never throws: who cannot cope with an event does not get it. */
  take(event: Event): void {
    this.#show(event, this.#listeners);
  }

  /** Shows an event of another member to those who listen here. */
  relay(event: Event): void {
    this.#show(
      event,
      [...this.#listeners].filter(({ isRelay }) => !isRelay),
    );
  }

  #show(event: Event, listeners: Iterable<TapListener>): void {
    for (const listener of listeners) {
      if (!listener.types.includes(event.type)) continue;
      try {
        listener.take(event);
      } catch {
        // For instance an event whose text would be too long for a string.
      }
    }
  }

  /** Tells all listeners that it is over. */
  end(): void {
    this.#isEnded = true;
    for (const listener of [...this.#listeners]) listener.end();
    for (const watcher of [...this.#watchers]) watcher();
  }

  #update(): void {
    this.#wantsLogging = [...this.#listeners].some(({ types }) => types.includes('logging'));
    this.changed();
    for (const watcher of this.#watchers) watcher();
  }
}

const taps = new WeakMap<object, Tap>();

/** Makes a tap known as that of its `owner`, without a place for it in the owner's public interface. */
export function offerTap(owner: object, tap: Tap): void {
  taps.set(owner, tap);
}

/** The tap of a transport; `undefined` for anything else. */
export function tapOf(owner: unknown): Tap | undefined {
  return typeof owner === 'object' && owner !== null ? taps.get(owner) : undefined;
}
