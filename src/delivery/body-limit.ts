/** How large a body may be: what settings and format allow, and less once a receiver has found one too large. */

import type { Limits } from '../formats/format.js';
import { bodyBytes, type FrameBytes } from '../queue/batch.js';

/** Looks for the size that fits: between the largest body that was accepted and the smallest that was refused. */
export class BodyLimit {
  readonly #allowedBytes: number;
  readonly #eventBytes: number;
  #acceptedBytes = 0;
  #refusedBytes = Number.POSITIVE_INFINITY;

  /**
   * @param batchBytes as the settings have it
   * @param limits what the receivers of the format take
   */
  constructor(
    batchBytes: number,
    { bodyBytes: maxBytes = batchBytes, eventBytes = maxBytes }: Limits,
    frame: FrameBytes,
  ) {
    this.#allowedBytes = Math.min(batchBytes, maxBytes);
    this.#eventBytes = Math.min(this.#allowedBytes - bodyBytes(1, 0, frame), eventBytes);
  }

  /** Bytes of the largest event that fits into a body, as far as the settings go. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** Bytes of the largest body to make. */
  get bytes(): number {
    if (this.#refusedBytes === Number.POSITIVE_INFINITY) return this.#allowedBytes;
    return Math.max(this.#acceptedBytes, Math.floor(this.#refusedBytes / 2));
  }

  /** A body was accepted; returns whether that changes the limit. */
  accepted(bodyBytes: number): boolean {
    if (this.#refusedBytes === Number.POSITIVE_INFINITY) return false;
    if (bodyBytes <= this.#acceptedBytes || bodyBytes >= this.#refusedBytes) return false;
    this.#acceptedBytes = bodyBytes;
    return true;
  }

  /** A body was too large. */
  refused(bodyBytes: number): void {
    this.#refusedBytes = Math.min(this.#refusedBytes, bodyBytes);
    if (this.#acceptedBytes >= this.#refusedBytes) this.#acceptedBytes = 0;
  }
}
