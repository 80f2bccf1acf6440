/** Reads the event stream, as fast as it comes and no faster than the page can bear. */

import { ApiError, openEvents } from './api.js';
import type { Accepts } from './event-filter.js';
import { model } from './model.js';
import type { StreamEvent } from './types.js';

/** What is kept to look at. */
const MAX_KEPT = 1000;
/** Lines that wait to be read: what is beyond is skipped, the oldest first. */
const MAX_WAITING = 5000;
/** Time in a frame that is spent on reading: the rest belongs to whoever uses the page. */
const FRAME_BUDGET_MS = 6;
const RECONNECT_MS = 2000;

export interface LiveEvent {
  readonly id: number;
  readonly event: StreamEvent;
}

/** `connecting`, `open`, `away` (comes back by itself) or why it is refused. */
export type FeedState = 'connecting' | 'open' | 'away' | { readonly refused: string };

/** Keeps the latest events that pass the filter; tells once a frame when there are new ones. */
export class LiveFeed {
  state: FeedState = 'connecting';
  /** The newest first. */
  events: readonly LiveEvent[] = [];
  /** Since it was opened. */
  received = 0;
  skipped = 0;
  /** Some event said of which member it is. */
  hasLocations = false;
  perSecond = 0;
  readonly #changed: () => void;
  readonly #types: readonly string[];
  #accepts: Accepts = () => true;
  #waiting: string[] = [];
  #abort: AbortController | undefined;
  #frame: number | undefined;
  #timer: number | undefined;
  #isClosed = false;
  #nextId = 0;
  #marks: { at: number; received: number }[] = [];

  constructor(types: readonly string[], changed: () => void) {
    this.#types = types;
    this.#changed = changed;
    void this.#run();
  }

  /** Filters what comes and what is here. */
  filter(accepts: Accepts): void {
    this.#accepts = accepts;
    this.events = this.events.filter(({ event }) => accepts(event));
    this.#changed();
  }

  clear(): void {
    this.events = [];
    this.#changed();
  }

  close(): void {
    this.#isClosed = true;
    this.#abort?.abort();
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  async #run(): Promise<void> {
    this.#abort = new AbortController();
    try {
      const body = await openEvents(this.#types, this.#abort.signal);
      this.#become('open');
      const reader = body
        .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
        .getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#isClosed) break;
        const lines = (rest + value).split('\n');
        rest = lines.pop() ?? '';
        this.#take(lines);
      }
    } catch (error) {
      if (this.#isClosed) return;
      if (error instanceof ApiError && error.status < 500) {
        model.failed(error);
        this.#become({ refused: error.message });
        return;
      }
    }
    if (this.#isClosed) return;
    this.#become('away');
    this.#timer = window.setTimeout(() => void this.#run(), RECONNECT_MS);
  }

  #become(state: FeedState): void {
    this.state = state;
    this.#changed();
  }

  #take(lines: readonly string[]): void {
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;
      this.received++;
      this.#waiting.push(line);
    }
    const excess = this.#waiting.length - MAX_WAITING;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.skipped += excess;
    }
    if (this.#waiting.length > 0) this.#frame ??= requestAnimationFrame(() => this.#read());
  }

  #read(): void {
    this.#frame = undefined;
    const until = performance.now() + FRAME_BUDGET_MS;
    const fresh: LiveEvent[] = [];
    let index = 0;
    for (; index < this.#waiting.length && performance.now() < until; index++) {
      const event = parse((this.#waiting[index] as string).slice(6));
      if (event?.location) this.hasLocations = true;
      if (event && this.#accepts(event)) fresh.push({ id: this.#nextId++, event });
    }
    this.#waiting = this.#waiting.slice(index);
    if (this.#waiting.length > 0) this.#frame = requestAnimationFrame(() => this.#read());
    if (fresh.length > 0) this.events = [...fresh.reverse(), ...this.events].slice(0, MAX_KEPT);
    this.#count();
    this.#changed();
  }

  #count(): void {
    const at = performance.now();
    this.#marks.push({ at, received: this.received });
    while (this.#marks.length > 2 && (this.#marks[1]?.at ?? at) < at - 2000) this.#marks.shift();
    const first = this.#marks[0];
    const seconds = first ? (at - first.at) / 1000 : 0;
    this.perSecond = first && seconds > 0.2 ? (this.received - first.received) / seconds : this.perSecond;
  }
}

function parse(text: string): StreamEvent | undefined {
  try {
    return JSON.parse(text) as StreamEvent;
  } catch {
    return undefined;
  }
}
