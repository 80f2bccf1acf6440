/** What goes around the events of a target, in each of the formats that they are written in. */

import type { BodyFormat, Envelope } from '../formats/envelope.js';
import type { Formats } from '../formats/formats.js';
import { type Batch, createBatch, type FrameBytes, frameBytes } from '../queue/batch.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { LogTargetSettings } from '../settings/schema.js';

/** Events may wait while their target changes its format: they are sent in the one that they were written in. */
export class Envelopes {
  readonly #formats: Formats;
  readonly #byFormat = new Map<string, Envelope>();
  #bodyFormat: BodyFormat;

  constructor(settings: LogTargetSettings, formats: Formats) {
    this.#formats = formats;
    this.#bodyFormat = settings.body_format;
    this.use(settings);
  }

  /** Goes on with new settings. */
  use(settings: LogTargetSettings): void {
    const { event_format, body_format } = settings;
    this.#bodyFormat = body_format;
    this.#byFormat.set(event_format, this.#formats.createEnvelope(settings, body_format));
  }

  /** The most that goes around events. */
  get frame(): FrameBytes {
    const frames = [...this.#byFormat.values()].map(({ frame }) => frameBytes(frame));
    return {
      around: Math.max(...frames.map(({ around }) => around)),
      between: Math.max(...frames.map(({ between }) => between)),
    };
  }

  /** A batch of events of one format. */
  batch(events: readonly EncodedEvent[]): Batch {
    const bodyFormat = this.#bodyFormat;
    return createBatch(events, bodyFormat, undefined, this.#envelope(events[0]?.format ?? '', bodyFormat));
  }

  /** One that was made before, of the same events. */
  restored({ events, id, format, isSifted }: Batch): Batch {
    return createBatch(events, format, id, this.#envelope(events[0]?.format ?? '', format), isSifted);
  }

  #envelope(format: string, bodyFormat: BodyFormat): Envelope {
    const known = bodyFormat === this.#bodyFormat ? this.#byFormat.get(format) : undefined;
    return known ?? this.#formats.createLooseEnvelope(format, bodyFormat);
  }
}
