/** Who owns a spool directory: one process at a time, for exactly as long as it lives. */

import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { codeOf } from './files.js';

/** The longest path of a socket that every system takes. */
const MAX_SOCKET_PATH = 103;
/** An owner that is there answers at once, unless it is very busy: who it is can then not be said. */
const ANSWER_MS = 1000;

/** Sockets and links that are younger may be those of somebody who is just finding out who owns the directory. */
const SWEEP_AGE_MS = 60_000;

const socketName = (id: string) => `${id}.sock`;

/** The directory is in use. */
class InUseError extends Error {
  readonly code = 'SPOOL_IN_USE';
}

/** The directory is not ours any more. */
export class LostError extends Error {}

/**
 * The owner listens on a socket in the directory: the kernel closes it with the process, however that ends, and it
 * works between containers that share the directory on one host. The symbolic link `owner` says which socket it is:
 * making a link fails where there is one, and names are never used again, so that taking a dead owner's place takes
 * nobody else's. Windows has no such sockets; a named pipe does the same there, without files.
 */
export class Ownership {
  /** Part of the names of all files of this owner. */
  readonly id: string;
  readonly #directory: string;
  readonly #server: Server;
  #isReleased = false;

  private constructor(directory: string, id: string, server: Server) {
    this.#directory = directory;
    this.id = id;
    this.#server = server;
  }

  /** @throws InUseError when another process, or another spool in this one, owns the directory */
  static async take(directory: string): Promise<Ownership> {
    const id = randomBytes(8).toString('hex');
    if (process.platform === 'win32') return new Ownership(directory, id, await listenOnPipe(directory));
    const server = await withShortPath(directory, async (path) => {
      const listening = await listen(join(path, socketName(id)));
      chmodSync(join(directory, socketName(id)), 0o600);
      return listening;
    });
    const ownership = new Ownership(directory, id, server);
    try {
      await ownership.#link();
      ownership.#sweep();
    } catch (error) {
      ownership.release();
      throw error;
    }
    return ownership;
  }

  /** Whether the directory is still there, and still ours. */
  get isHeld(): boolean {
    if (process.platform === 'win32') return existsSync(this.#directory);
    return linkIn(this.#directory) === socketName(this.id);
  }

  /** Whether somebody else owns it by now. */
  get hasSuccessor(): boolean {
    return (
      !this.isHeld &&
      existsSync(this.#directory) &&
      process.platform !== 'win32' &&
      linkIn(this.#directory) !== undefined
    );
  }

  /** Makes sure that it is ours; where only the link was removed, it is made again. */
  check(): boolean {
    if (this.isHeld) return true;
    if (!existsSync(join(this.#directory, socketName(this.id)))) return false;
    try {
      symlinkSync(socketName(this.id), join(this.#directory, 'owner'));
      return true;
    } catch {
      // Whoever took it away by mistake may have put it back at this moment.
      return this.isHeld;
    }
  }

  /** @throws InUseError when somebody has taken it who took us for dead */
  confirm(): void {
    if (!this.check()) throw new InUseError('it is in use by another process');
  }

  /** @throws LostError when it is not ours any more */
  insist(): void {
    if (!this.check()) throw new LostError();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (process.platform !== 'win32') {
      if (this.isHeld) rmSync(join(this.#directory, 'owner'), { force: true });
      rmSync(join(this.#directory, socketName(this.id)), { force: true });
    }
    this.#server.close();
  }

  async #link(): Promise<void> {
    for (;;) {
      try {
        symlinkSync(socketName(this.id), join(this.#directory, 'owner'));
        return;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      await checkOwner(this.#directory);
    }
  }

  /** Sockets of those that are dead. */
  #sweep(): void {
    for (const name of readdirSync(this.#directory)) {
      if (!/^[0-9a-f]{16}(\.sock|\.was)$/.test(name) || name === socketName(this.id)) continue;
      const path = join(this.#directory, name);
      const { mtimeMs } = lstatSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
      if (Date.now() - mtimeMs > SWEEP_AGE_MS) rmSync(path, { force: true });
    }
  }
}

/**
 * Makes sure that nobody owns a directory; what a dead owner left is removed.
 * @throws InUseError
 */
async function checkOwner(directory: string): Promise<void> {
  const socket = linkIn(directory);
  if (socket === undefined) return;
  await refuseIfAlive(directory, socket);
  // Whoever is first takes the link away; when that is not the dead one's any more, it is put back.
  const aside = join(directory, `${randomBytes(8).toString('hex')}.was`);
  try {
    renameSync(join(directory, 'owner'), aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const taken = linkAt(aside);
  rmSync(aside, { force: true });
  if (taken === undefined || taken === '' || taken === socket) return;
  try {
    symlinkSync(taken, join(directory, 'owner'));
  } catch {
    // Its owner notices before its next commit.
  }
}

/**
 * Looks whether a directory has an owner, without changing anything.
 * @throws InUseError
 */
export async function refuseOwned(directory: string): Promise<void> {
  if (process.platform === 'win32') (await listenOnPipe(directory)).close();
  else {
    const socket = linkIn(directory);
    if (socket !== undefined) await refuseIfAlive(directory, socket);
  }
}

async function refuseIfAlive(directory: string, socket: string): Promise<void> {
  const answer = await withShortPath(directory, (path) => ask(join(path, socket)));
  if (answer !== undefined) throw new InUseError(`it is in use by ${answer || 'another process'}`);
}

/** Name of the socket that the link gives; `undefined`: there is none. */
function linkIn(directory: string): string | undefined {
  return linkAt(join(directory, 'owner'));
}

/** The same of a link; empty: it leads elsewhere. */
function linkAt(path: string): string | undefined {
  try {
    const name = readlinkSync(path);
    return /^[0-9a-f]{16}\.sock$/.test(name) ? name : '';
  } catch (error) {
    return codeOf(error) === 'EINVAL' ? '' : undefined;
  }
}

/** Who listens there; `undefined`: nobody; empty: somebody who does not say. */
function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path);
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.setEncoding('utf8');
    let isAlive = false;
    socket.on('connect', () => {
      isAlive = true;
    });
    socket.on('data', (text: string) => {
      answer += text;
    });
    // A backlog that is full, or a right that is missing, says that there is somebody.
    socket.on('error', (error) => {
      isAlive ||= !['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(codeOf(error));
    });
    socket.on('close', () => resolve(isAlive ? answer : undefined));
  });
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`process ${process.pid} on ${hostname()}`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Not through the primary of a cluster, which would own it.
    server.listen({ path, exclusive: true }, () => {
      server.on('error', () => {});
      server.unref();
      resolve(server);
    });
  });
}

/** A pipe that a process listens on is nobody else's. */
async function listenOnPipe(directory: string): Promise<Server> {
  const name = createHash('sha256').update(realpathSync(directory).toLowerCase()).digest('hex').slice(0, 32);
  try {
    return await listen(`\\\\.\\pipe\\winston-log-targets-${name}`);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES')
      throw new InUseError('it is in use by another process');
    throw error;
  }
}

/** Calls `use` with a path of the directory that is short enough for the name of a socket. */
async function withShortPath<Result>(
  directory: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const length = (path: string) => Buffer.byteLength(join(path, socketName('0'.repeat(16))));
  const short = [directory, `./${relative(process.cwd(), directory)}`].find(
    (path) => length(path) <= MAX_SOCKET_PATH,
  );
  if (short !== undefined) return await use(short);
  if (!existsSync('/proc/self/fd'))
    throw new Error(`its path is too long: expected at most ${MAX_SOCKET_PATH - 22} bytes`);
  const fd = openSync(directory, 'r');
  try {
    return await use(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}
