/** The last settings that were in force, for a start without NATS. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { replaceFile } from '../settings/atomic-file.js';

/** Holds secrets: readable by its owner only. */
export class CacheFile {
  readonly path: string;
  #written: string | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** `undefined` when there is none. */
  async read(): Promise<string | undefined> {
    try {
      this.#written = await readFile(this.path, 'utf8');
      return this.#written;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(text: string): Promise<void> {
    if (text === this.#written) return;
    await replaceFile(this.path, text);
    this.#written = text;
  }
}
