/** A first-in-first-out list that neither copies itself when it grows nor shifts when it is read. */

const CHUNK_SIZE = 1024;

interface Chunk<Item> {
  /** `undefined` where it was read: what is gone must not be kept alive. */
  readonly items: (Item | undefined)[];
  next: Chunk<Item> | undefined;
}

/** An unbounded list of chunks: adding and removing cost the same however long it is. */
export class Fifo<Item> implements Iterable<Item> {
  #first: Chunk<Item> = { items: [], next: undefined };
  #last = this.#first;
  /** Index of the oldest item in the first chunk. */
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    if (this.#last.items.length === CHUNK_SIZE) {
      this.#last.next = { items: [], next: undefined };
      this.#last = this.#last.next;
    }
    this.#last.items.push(item);
    this.#length++;
  }

  peek(): Item | undefined {
    return this.#first.items[this.#head];
  }

  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#first.items[this.#head];
    this.#first.items[this.#head] = undefined;
    this.#head++;
    this.#length--;
    if (this.#head === this.#first.items.length) this.#dropFirstChunk();
    return item;
  }

  clear(): void {
    this.#first = { items: [], next: undefined };
    this.#last = this.#first;
    this.#head = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Generator<Item> {
    let index = this.#head;
    for (let chunk: Chunk<Item> | undefined = this.#first; chunk; chunk = chunk.next) {
      yield* chunk.items.slice(index) as Item[];
      index = 0;
    }
  }

  #dropFirstChunk(): void {
    if (this.#first.next === undefined) this.clear();
    else {
      this.#first = this.#first.next;
      this.#head = 0;
    }
  }
}
