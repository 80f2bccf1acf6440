/** Writes the JSON of events as UTF-8, one after the other, into blocks of memory that they share. */

/** Where a text is: `bytes` bytes of `block` from `start` on. The byte behind it is free for a separator. */
export interface JsonText {
  readonly block: Buffer;
  readonly start: number;
  readonly bytes: number;
}

const BLOCK_BYTES = 64 * 1024;
const NO_BLOCK = Buffer.alloc(0);
/** Up to this length, looking at each character in JavaScript is faster than calling native code: 2 ns for each. */
const SHORT_TEXT = 48;
/** Anything but printable ASCII that JSON does not escape. */
const NOT_PLAIN = /[^ !#-[\]-~]/;
/** Next line, line separator, paragraph separator: JSON may have them as they are, and need not. */
const BREAKS = ['\u0085', '\u2028', '\u2029'] as const;
const ALL_BREAKS = /[\u0085\u2028\u2029]/g;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TILDE = 0x7e;
/** Keys of contexts are few, unless somebody makes them up: then they are not remembered. */
const MAX_KEYS = 1000;
const MAX_KEY_LENGTH = 64;

/**
 * Nothing is written twice: what `end` returns is what a request's body is copied from, a run of texts at a time.
 * Compared with strings that are joined and encoded later, an event costs half as much to write, and the garbage
 * collector has nothing to copy while it waits.
 */
export class JsonWriter {
  readonly #blockBytes: number;
  readonly #keys = new Map<string, Uint8Array>();
  #block = NO_BLOCK;
  #start = 0;
  #end = 0;

  /**
   * @param blockBytes size of a block that small texts share; 0: each gets one of its own. Default: 64 KiB
   */
  constructor(blockBytes = BLOCK_BYTES) {
    this.#blockBytes = blockBytes;
  }

  /** Starts a text; one that was not ended is forgotten. */
  begin(): void {
    this.#end = this.#start;
  }

  /** Ends the text that was begun; it stays as it is, in a block that it shares with others. */
  end(): JsonText {
    this.#makeRoom(0);
    const text = { block: this.#block, start: this.#start, bytes: this.#end - this.#start };
    this.#start = this.#end + 1;
    // What is larger gets a block to itself: smaller ones behind it must not keep it in memory.
    if (text.bytes > this.#blockBytes) this.#forgetBlock();
    return text;
  }

  /** Writes JSON that is there already, as text; in it, what some programs break lines at is escaped. */
  json(text: string): void {
    const bytes = Buffer.byteLength(text);
    // As many bytes as characters: it is ASCII.
    if (bytes === text.length || !breaksLines(text)) this.#write(text, bytes);
    else this.text(text.replace(ALL_BREAKS, escaped));
  }

  /** Writes text that is there already, as it is. */
  text(text: string): void {
    this.#write(text, Buffer.byteLength(text));
  }

  #write(text: string, bytes: number): void {
    this.#makeRoom(bytes);
    // As many bytes as characters: it is ASCII, which is the same in Latin-1.
    this.#end += this.#block.write(text, this.#end, bytes === text.length ? 'latin1' : 'utf8');
  }

  /** Writes JSON that is there already, as bytes. */
  bytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#block.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Writes text as a JSON string. */
  string(text: string): void {
    this.#makeRoom(text.length + 2);
    const length = text.length > SHORT_TEXT ? this.#copyLong(text) : this.#copyShort(text);
    if (length === undefined) this.json(JSON.stringify(text));
    else this.#end += length;
  }

  /** Writes an object of strings. `entries`: keys and texts in turn */
  object(entries: readonly string[]): void {
    this.#makeRoom(2);
    if (entries.length === 0) this.#block[this.#end++] = OPEN;
    for (let index = 0; index < entries.length; index += 2) {
      this.#key(entries[index] as string, index === 0 ? OPEN : COMMA);
      this.string(entries[index + 1] as string);
    }
    this.#makeRoom(1);
    this.#block[this.#end++] = CLOSE;
  }

  #key(name: string, before: number): void {
    let bytes = this.#keys.get(name);
    if (bytes === undefined) {
      bytes = Buffer.from(`${JSON.stringify(name).replace(ALL_BREAKS, escaped)}:`);
      if (name.length <= MAX_KEY_LENGTH && this.#keys.size < MAX_KEYS) this.#keys.set(name, bytes);
    }
    this.#makeRoom(bytes.length + 1);
    const block = this.#block;
    let end = this.#end;
    block[end++] = before;
    // Faster than `set` for so few bytes.
    for (let index = 0; index < bytes.length; index++) block[end++] = bytes[index] as number;
    this.#end = end;
  }

  /** Returns how many bytes it wrote; `undefined` when something in `text` must be escaped. */
  #copyShort(text: string): number | undefined {
    const block = this.#block;
    let end = this.#end;
    block[end++] = QUOTE;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return undefined;
      block[end++] = code;
    }
    block[end] = QUOTE;
    return text.length + 2;
  }

  #copyLong(text: string): number | undefined {
    if (NOT_PLAIN.test(text)) return undefined;
    this.#block[this.#end] = QUOTE;
    this.#block.write(text, this.#end + 1, 'latin1');
    this.#block[this.#end + 1 + text.length] = QUOTE;
    return text.length + 2;
  }

  #forgetBlock(): void {
    this.#block = NO_BLOCK;
    this.#start = 0;
    this.#end = 0;
  }

  /** Makes sure that `bytes` more fit, beside the one that stays free. */
  #makeRoom(bytes: number): void {
    if (this.#end + bytes + 1 <= this.#block.length) return;
    const written = this.#block.subarray(this.#start, this.#end);
    const needed = written.length + bytes + 1;
    this.#block = Buffer.allocUnsafeSlow(Math.max(this.#blockBytes, 2 * written.length, needed));
    this.#block.set(written);
    this.#start = 0;
    this.#end = written.length;
  }
}

/** Much faster than an expression: of a text in Latin-1, two of them are not even looked for. */
function breaksLines(text: string): boolean {
  return text.includes(BREAKS[0]) || text.includes(BREAKS[1]) || text.includes(BREAKS[2]);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
