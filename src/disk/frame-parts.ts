/** What is gathered for a frame: texts, which are copied by runs, and values, each once. */

import type { EncodedEvent } from '../queue/encoded-event.js';

/** Texts, most of which lie one behind the other: such runs are copied in one go, with the free byte behind each. */
export class Texts {
  bytes = 0;
  readonly #runs: { readonly block: Buffer; readonly start: number; end: number }[] = [];

  add({ block, start, bytes }: Pick<EncodedEvent, 'block' | 'start' | 'bytes'>): void {
    const end = start + bytes;
    block[end] = 0;
    const run = this.#runs.at(-1);
    if (run !== undefined && run.block === block && run.end === start) run.end = end + 1;
    else this.#runs.push({ block, start, end: end + 1 });
    this.bytes += bytes + 1;
  }

  copy(target: Buffer, offset: number): void {
    let at = offset;
    for (const { block, start, end } of this.#runs) at += block.copy(target, at, start, end);
  }
}

/** Values, each once, and where they are. */
export class Table<Value> {
  readonly values: Value[] = [];
  readonly #places = new Map<Value, number>();

  indexOf(value: Value): number {
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.values.length;
      this.#places.set(value, place);
      this.values.push(value);
    }
    return place;
  }
}
