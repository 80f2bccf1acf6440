/** Files of a spool: made for their owner only, written to the last byte, read in pieces. */

import {
  chmodSync,
  close,
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncate,
  lstatSync,
  mkdirSync,
  open,
  openSync,
  read,
  unlink,
  write,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { type Frame, parseFrames } from './layout.js';

const openAsync = promisify(open);
const closeAsync = promisify(close);
const readAsync = promisify(read);
const writeAsync = promisify(write);
const fdatasyncAsync = promisify(fdatasync);
const fsyncAsync = promisify(fsync);
const unlinkAsync = promisify(unlink);
const ftruncateAsync = promisify(ftruncate);

const { O_CREAT, O_DSYNC = 0, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = constants;

/** So much is read at once, in pieces between which others get a turn. */
const PIECE_BYTES = 2 ** 18;
/** ... unless a frame is larger, and says so: then it is read in one go, up to this. */
const MAX_PIECE_BYTES = 2 ** 21;

/** A file that one process writes, from the place where it has got to. */
export class OwnFile {
  readonly #fd: number;
  /** What is written here is on disk when it comes back: one call for two, and a turn of the event loop less. */
  readonly #syncingFd: number | undefined;
  /** Something may not be on disk yet. */
  #isBehind = false;
  /** Some file systems count no names at all. */
  readonly #hadName: boolean;
  #isClosed = false;

  private constructor(fd: number, syncingFd: number | undefined) {
    this.#fd = fd;
    this.#hadName = fstatSync(fd).nlink > 0;
    this.#syncingFd = syncingFd;
  }

  /** Makes a file that must not exist. */
  static async create(path: string): Promise<OwnFile> {
    const fd = await openAsync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    // Whatever the umask took away.
    fchmodSync(fd, 0o600);
    // Windows has nothing like it.
    if (O_DSYNC === 0) return new OwnFile(fd, undefined);
    try {
      return new OwnFile(fd, await openAsync(path, O_WRONLY | O_NOFOLLOW | O_DSYNC));
    } catch (error) {
      await closeAsync(fd);
      throw error;
    }
  }

  /** `sync`: comes back when the disk has it, and all that was written before. */
  async write(bytes: Buffer, position: number, sync: boolean): Promise<void> {
    const direct = sync && !this.#isBehind ? this.#syncingFd : undefined;
    this.#isBehind = true;
    for (let done = 0; done < bytes.length; ) {
      const [fd, length] = [direct ?? this.#fd, bytes.length - done];
      const { bytesWritten } = await writeAsync(fd, bytes, done, length, position + done);
      done += bytesWritten;
    }
    if (sync && direct === undefined) await fdatasyncAsync(this.#fd);
    this.#isBehind = !sync;
  }

  /** Gives back what lies behind `bytes`. */
  async truncate(bytes: number): Promise<void> {
    await ftruncateAsync(this.#fd, bytes);
  }

  /** Whether somebody has removed it: what is written to it then goes with it. */
  get isGone(): boolean {
    return !this.#isClosed && this.#hadName && fstatSync(this.#fd).nlink === 0;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const fd of [this.#fd, this.#syncingFd]) if (fd !== undefined) await closeAsync(fd).catch(() => {});
  }
}

/**
 * Opens a file where others may have put something of that name.
 * @returns a descriptor @throws when it is not there, no regular file, or not of the user `uid`
 */
export function openOwn(path: string, flags: number, uid = process.getuid?.()): number {
  // A pipe would keep us waiting.
  const fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const stat = fstatSync(fd);
  if (stat.isFile() && (uid === undefined || stat.uid === uid)) return fd;
  closeSync(fd);
  throw new Error('it is not a file, or it belongs to another user');
}

/** Makes the names of new files outlive the machine. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows has nothing like it, and needs nothing.
  if (process.platform === 'win32') return;
  const fd = await openAsync(path, O_RDONLY);
  try {
    await fsyncAsync(fd);
  } finally {
    await closeAsync(fd);
  }
}

/** Removes a file that may be gone already. A large one takes the file system a while. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlinkAsync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** What a reader of frames does with some of them; `false`: it has enough. */
type Take = (frames: readonly Frame[], gaps: number) => boolean;

/**
 * Reads the frames of a file from `start` up to `end`, skipping what is none. Nothing on disk changes.
 * @throws the error of the file system, such as ENOENT
 */
export async function readFrames(path: string, start: number, end: number, take: Take): Promise<void> {
  const fd = await openAsync(path, O_RDONLY | O_NOFOLLOW);
  try {
    let position = start;
    let [rest, missing] = [Buffer.alloc(0) as Buffer, 0];
    for (let isOver = false; !isOver; ) {
      const wanted = Math.min(Math.max(PIECE_BYTES, Math.min(missing, MAX_PIECE_BYTES)), end - position);
      const piece = Buffer.allocUnsafeSlow(rest.length + Math.max(wanted, 0));
      rest.copy(piece);
      const { bytesRead } =
        wanted > 0 ? await readAsync(fd, piece, rest.length, wanted, position) : { bytesRead: 0 };
      position += bytesRead;
      isOver = bytesRead === 0 || position >= end;
      const bytes = piece.subarray(0, rest.length + bytesRead);
      const parsed = parseFrames(bytes, isOver);
      const base = position - bytes.length;
      const frames = parsed.frames.map((frame) => ({ ...frame, offset: frame.offset + base }));
      const isShort = isOver && (position < end || parsed.end < bytes.length);
      if (!take(frames, parsed.gaps + (isShort && Number.isFinite(end) ? 1 : 0))) return;
      rest = bytes.subarray(parsed.end);
      missing = parsed.missing;
    }
  } finally {
    await closeAsync(fd);
  }
}

/**
 * Makes a directory for its owner only, or makes sure of it.
 * @throws where that is not possible, or where somebody else could lead us elsewhere
 */
export function claimDirectory(path: string): void {
  makeDirectory(path);
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) throw new Error('it is a symbolic link');
  if (!stat.isDirectory()) throw new Error('it is not a directory');
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid) throw new Error(`it belongs to another user (${stat.uid})`);
  chmodSync(path, 0o700);
}

/** Node's own `recursive` never comes back where a parent exists in which nothing can be made, such as `/proc`. */
function makeDirectory(path: string, canMakeParent = true): void {
  try {
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || !canMakeParent || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    makeDirectory(path, false);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
