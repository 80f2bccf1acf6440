/** The directory of a spool: who may read it, who owns it, and its copies when it is damaged. */

import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { chmod, cp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SpoolError } from '../errors.js';

/** What a spool that was closed in order held, to be compared with what is found. */
export type Inventory = Readonly<Record<string, number>>;

/** One process uses it at a time; the store in it holds the lock. */
export class SpoolFolder {
  readonly directory: string;
  #private = new Set<string>();
  #setAside: string | undefined;

  /** @throws SpoolError when the directory cannot be made or written */
  constructor(directory: string) {
    this.directory = directory;
    try {
      makeDirectory(directory);
      chmodSync(directory, 0o700);
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new SpoolError(directory, messageOf(error), { cause: error });
    }
  }

  /** Where the store has its files. */
  get store(): string {
    return join(this.directory, 'store');
  }

  /** Makes the store's own directory, before the store does so for everybody to read. */
  prepare(): void {
    makeDirectory(this.store);
  }

  /** Leaves word of who owns the directory, for others that try. */
  claim(): void {
    this.#write('owner.json', { pid: process.pid, host: hostname() });
  }

  /** Who owns the directory, as far as that is known. */
  get owner(): string {
    const owner = this.#read('owner.json');
    return owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
  }

  /** Leaves word of what is in the spool at its end. */
  close(inventory: Inventory): void {
    this.#write('closed.json', { inventory, checksum: checksumOf(inventory) });
    this.#remove('owner.json');
  }

  /** What was left; good for once. */
  takeInventory(): Inventory {
    const { inventory = {}, checksum } = this.#read('closed.json') ?? {};
    this.#remove('closed.json');
    return checksum === checksumOf(inventory) ? (inventory as Inventory) : {};
  }

  /** Copies the directory, once, to where somebody can look at it. Returns the copy's path, empty when that fails. */
  async setAside(): Promise<string> {
    if (this.#setAside !== undefined) return this.#setAside;
    const name = `damaged-${new Date().toISOString().replace(/[:.]/g, '')}`;
    this.#setAside = '';
    for (const copy of [`${this.directory}.${name}`, join(this.directory, name)]) {
      try {
        mkdirSync(copy, { mode: 0o700 });
        await cp(this.store, join(copy, basename(this.store)), { recursive: true, preserveTimestamps: true });
        this.#setAside = copy;
        break;
      } catch {
        await rm(copy, { recursive: true, force: true }).catch(() => {});
      }
    }
    return this.#setAside;
  }

  /** Makes files that the store has made readable to their owner only; until then the directory protects them. */
  async protect(): Promise<void> {
    const files = await readdir(this.store).catch(() => []);
    const added = files.filter((file) => !this.#private.has(file));
    this.#private = new Set(files);
    await Promise.all(added.map((file) => chmod(join(this.store, file), 0o600).catch(() => {})));
  }

  /** Only somebody's notes: a disk that is full must not keep a spool from being closed. */
  #write(file: string, value: object): void {
    try {
      writeFileSync(join(this.directory, file), JSON.stringify(value), { mode: 0o600 });
    } catch {
      this.#remove(file);
    }
  }

  #remove(file: string): void {
    try {
      rmSync(join(this.directory, file), { force: true });
    } catch {
      // A directory that cannot be written any more: its store says so, too.
    }
  }

  #read(file: string): Readonly<Record<string, unknown>> | undefined {
    try {
      return JSON.parse(readFileSync(join(this.directory, file), 'utf8'));
    } catch {
      return undefined;
    }
  }
}

function checksumOf(value: unknown): number {
  return crc32(JSON.stringify(value));
}

/** Node's own `recursive` never comes back where a parent exists in which nothing can be made, such as `/proc`. */
function makeDirectory(path: string, canMakeParent = true): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || !canMakeParent || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    makeDirectory(path, false);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
