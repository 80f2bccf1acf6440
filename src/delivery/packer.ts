/** Makes batches of what waits: when, of how much, and with what around it. */

import type { Formats } from '../formats/formats.js';
import { timerMs } from '../model/duration.js';
import type { Batch } from '../queue/batch.js';
import type { Queue } from '../queue/queue.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Batcher, type BatchLimits } from './batcher.js';
import { BodyLimit } from './body-limit.js';
import { Envelopes } from './envelopes.js';

/** What a packer works with. */
export interface PackerOptions {
  readonly queue: Queue;
  readonly formats: Formats;
  /** Called from a timer, when a wait is over. */
  readonly onDue: () => void;
}

/** Keeps to the settings, to what the format's receivers take, and to what this receiver has shown to take. */
export class Packer {
  readonly #formats: Formats;
  readonly #envelopes: Envelopes;
  readonly #batcher: Batcher;
  #settings: LogTargetSettings;
  #bodyLimit: BodyLimit;

  constructor(settings: LogTargetSettings, { queue, formats, onDue }: PackerOptions) {
    this.#settings = settings;
    this.#formats = formats;
    this.#envelopes = new Envelopes(settings, formats);
    this.#bodyLimit = this.#createBodyLimit();
    this.#batcher = new Batcher(queue, this.#limits(), onDue);
  }

  /** Goes on with new settings. */
  use(settings: LogTargetSettings): void {
    this.#settings = settings;
    this.#envelopes.use(settings);
    this.#bodyLimit = this.#createBodyLimit();
    this.#batcher.limits = this.#limits();
  }

  /** Bytes of the largest event that fits into a body. */
  get maxEventBytes(): number {
    return this.#bodyLimit.eventBytes;
  }

  /** Whether `take` would return a batch. */
  get isDue(): boolean {
    return this.#batcher.isDue;
  }

  /** Something was added to the queue. */
  added(): void {
    this.#batcher.added();
  }

  /** All events up to `seq` have waited long enough. */
  makeDue(seq: number): void {
    this.#batcher.makeDue(seq);
  }

  /** The next batch; `undefined` while none is due. */
  take(): Batch | undefined {
    const events = this.#batcher.take();
    return events && this.#envelopes.batch(events);
  }

  /** A batch that an earlier process has made, with what goes around its events. */
  restore(batch: Batch): Batch {
    return this.#envelopes.restored(batch);
  }

  /** A body was accepted. */
  accepted({ body }: Batch): void {
    if (this.#bodyLimit.accepted(body.length)) this.#batcher.limits = this.#limits();
  }

  /** A body was too large. */
  refused({ body }: Batch): void {
    this.#bodyLimit.refused(body.length);
    this.#batcher.limits = this.#limits();
  }

  /** Ends the timer. */
  stop(): void {
    this.#batcher.stop();
  }

  #createBodyLimit(): BodyLimit {
    const limits = this.#formats.limitsOf(this.#settings);
    return new BodyLimit(this.#settings.batch_bytes, limits, this.#envelopes.frame);
  }

  #limits(): BatchLimits {
    const { body_format, batch_size, batch_wait } = this.#settings;
    const { events = batch_size } = this.#formats.limitsOf(this.#settings);
    return {
      maxEvents: body_format === 'single' ? 1 : Math.min(batch_size, events),
      maxBytes: this.#bodyLimit.bytes,
      frame: this.#envelopes.frame,
      waitMs: timerMs(batch_wait),
    };
  }
}
