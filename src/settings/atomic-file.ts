/** Replaces files as a whole, durably. */

import { randomBytes } from 'node:crypto';
import { open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Temporary files that this process is writing. */
const atWork = new Set<string>();

/**
 * Replaces a file, readable by its owner only: whatever moment the process ends, the old text or the new one is there.
 * On disk, with its name, when this resolves.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await targetOf(path);
  const temporary = `${target}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  atWork.add(temporary);
  try {
    await writeDurably(temporary, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  } finally {
    atWork.delete(temporary);
  }
  await syncDirectory(dirname(target));
}

/** Removes the temporary files of processes that were killed while they replaced `path`. */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await targetOf(path);
  const own = basename(target);
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    const [, pid] = /^\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name.slice(own.length)) ?? [];
    if (!name.startsWith(own) || pid === undefined) continue;
    const file = join(dirname(target), name);
    // In a container every process has the same number, so our own says nothing.
    const isAtWork = Number(pid) === process.pid ? atWork.has(file) : isAlive(Number(pid));
    if (!isAtWork) await rm(file, { force: true });
  }
}

/** A link stays a link: the file that it leads to is the one to replace. */
function targetOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Own code: write-file-atomic 7 does not look whether all was written, and a full disk can take a part. */
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is on disk when its directory is. Not every file system can tell. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    await directory.sync().finally(() => directory.close());
  } catch {
    // The file itself is synced; its name will follow.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
