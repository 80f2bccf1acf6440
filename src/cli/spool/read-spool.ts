/** Looks into the spool of a service that is stopped, without changing a byte of it. */

import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type DeadLetter, letterOf } from '../../dead-letters/dead-letter.js';
import { readFrames } from '../../disk/files.js';
import { decodeEvents, type LogKind, type StoredEvent } from '../../disk/layout.js';
import { findSpool } from '../../disk/opening.js';
import { refuseOwned } from '../../disk/ownership.js';
import { spoolError } from '../../disk/spool-error.js';
import { isInBatch, isWithin, lanes, liveIn, type QueueState, type SpoolState } from '../../disk/state.js';
import { SpoolError } from '../../errors.js';
import type { EventType } from '../../model/event.js';

/** How much there is of a target. */
interface SpooledTarget {
  readonly name: string;
  readonly events: number;
  /** Of their texts. */
  readonly bytes: number;
  /** ISO time at which the oldest event was accepted; `undefined`: there is none that can be read. */
  readonly oldestAt: string | undefined;
  readonly dead: number;
}

/** An event as it would be sent. */
interface SpooledEvent {
  readonly target: string;
  readonly type: EventType;
  /** ISO time. */
  readonly acceptedAt: string;
  /** What its format wrote: for most of them JSON. */
  readonly text: string;
}

/** A spool that nobody uses. */
export interface SpoolReading {
  /** Of all targets, by name. */
  readonly targets: readonly SpooledTarget[];
  /** What is wrong with it; `undefined`: nothing that can be seen at a glance. */
  readonly damage: string | undefined;
  /** Events that wait, the oldest first: those of one target, or of all in turn. */
  events(name?: string): AsyncGenerator<SpooledEvent>;
  /** Those that were refused, in the same order. */
  deadLetters(name?: string): AsyncGenerator<DeadLetter & { readonly target: string }>;
}

/** @throws SpoolError when there is no spool, it cannot be read, or a process owns it */
export async function readSpool(directory: string): Promise<SpoolReading> {
  try {
    if (!lstatSync(directory).isDirectory()) throw new Error('it is not a directory');
    await refuseOwned(directory);
    const { state, damage } = await findSpool(directory);
    if (state.files.size === 0 && !existsSync(join(directory, 'synced')))
      throw new Error('there is no spool');
    const reader = new StoppedSpool(directory, state);
    const names = [...state.queues.keys()].sort();
    const chosen = (name: string | undefined) => names.filter((each) => name === undefined || each === name);
    return {
      targets: await Promise.all(names.map((name) => reader.summary(name))),
      damage: damage?.reason,
      async *events(name) {
        for (const each of chosen(name)) yield* reader.events(each);
      },
      async *deadLetters(name) {
        for (const each of chosen(name)) yield* reader.deadLetters(each);
      },
    };
  } catch (error) {
    if (error instanceof SpoolError) throw error;
    throw spoolError(directory, error);
  }
}

class StoppedSpool {
  readonly #directory: string;
  readonly #state: SpoolState;

  constructor(directory: string, state: SpoolState) {
    this.#directory = directory;
    this.#state = state;
  }

  async summary(name: string): Promise<SpooledTarget> {
    const queue = this.#state.queues.get(name) as QueueState;
    const [events, bytes] = liveIn(this.#state, queue, lanes);
    const oldest = await this.events(name).next();
    return {
      name,
      events,
      bytes,
      oldestAt: oldest.done ? undefined : oldest.value.acceptedAt,
      dead: liveIn(this.#state, queue, ['dead'])[0],
    };
  }

  /** Both logs in one order. */
  async *events(name: string): AsyncGenerator<SpooledEvent> {
    const logs = lanes.map((kind, lane) => this.#waiting(name, kind, lane));
    const next = await Promise.all(logs.map((log) => log.next()));
    for (;;) {
      const positionOf = (lane: number) =>
        next[lane]?.done === false ? next[lane].value.position : Number.POSITIVE_INFINITY;
      const lane = positionOf(0) < positionOf(1) ? 0 : 1;
      const oldest = next[lane];
      if (oldest === undefined || oldest.done) return;
      const { event } = oldest.value;
      const { type, acceptedAtMs, block, start, bytes } = event;
      const text = block.toString('utf8', start, start + bytes);
      yield { target: name, type, acceptedAt: new Date(acceptedAtMs).toISOString(), text };
      next[lane] = await (logs[lane] as AsyncGenerator<StoredEvent>).next();
    }
  }

  async *deadLetters(name: string): AsyncGenerator<DeadLetter & { readonly target: string }> {
    for await (const stored of this.#stored(name, 'dead')) {
      if (stored.letter === undefined || isWithin(this.#state.gone, stored.position)) continue;
      yield { target: name, ...letterOf(stored.letter, stored.event) };
    }
  }

  async *#waiting(name: string, kind: LogKind, lane: number): AsyncGenerator<StoredEvent> {
    const { heads, batches } = this.#state.queues.get(name) as QueueState;
    for await (const stored of this.#stored(name, kind)) {
      const { position } = stored;
      const isTaken = batches.some((batch) => isInBatch(batch, lane, position));
      if (isTaken || position >= (heads[lane] ?? 0)) yield stored;
    }
  }

  /** A file at a time: one has some megabytes at most. */
  async *#stored(name: string, kind: LogKind): AsyncGenerator<StoredEvent> {
    const queue = this.#state.queues.get(name);
    const files = [...this.#state.files].filter(([file, state]) => state.kind === kind && queue?.live[file]);
    for (const [file, { bytes }] of files.sort(([, a], [, b]) => a.number - b.number)) {
      const events: StoredEvent[] = [];
      await readFrames(join(this.#directory, file), 0, bytes, (frames) => {
        for (const frame of frames) if (frame.events > 0) events.push(...decodeEvents(frame));
        return true;
      });
      for (const stored of events) if (stored.waiters.includes(name)) yield stored;
    }
  }
}
