/** What is left of files when the power goes: all that was synced, and anything of the rest. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Something a traced process did, or had to say; see `trace-files.mjs`. */
export type TraceEntry =
  | { readonly op: 'create' | 'remove'; readonly path: string }
  | {
      readonly op: 'write';
      readonly id: number;
      readonly path: string;
      readonly position: number;
      readonly bytes: string;
    }
  | { readonly op: 'written'; readonly id: number; readonly path: string; readonly isSynced: boolean }
  /** Covers what was done before the entry `until`. */
  | { readonly op: 'synced'; readonly path: string; readonly until: number }
  | { readonly op: 'begun' | 'durable' | 'volatile'; readonly name: string }
  | { readonly op: 'arrived'; readonly id: string; readonly body: string }
  | { readonly op: 'report'; readonly type: string };

type Files = Map<string, Buffer>;

/** A disk writes sectors whole. */
const SECTOR_BYTES = 512;

/**
 * The files at `length` entries of a trace. Names come and go in their order, up to some moment behind the last fsync
 * of their directory; a write that was not synced is there, or not, or in part.
 */
export function filesAfter(
  before: Files,
  trace: readonly TraceEntry[],
  length: number,
  random: () => number,
): Files {
  const past = trace.slice(0, length);
  const written = new Map<number, number>();
  const syncedWrites = new Set<number>();
  let syncedNames = 0;
  for (const [index, entry] of past.entries()) {
    if (entry.op === 'written') {
      written.set(entry.id, index);
      if (entry.isSynced) syncedWrites.add(entry.id);
    } else if (entry.op === 'synced') {
      const isOfFile = past.some(
        ({ op, ...rest }) => op === 'write' && 'path' in rest && rest.path === entry.path,
      );
      if (!isOfFile) syncedNames = Math.max(syncedNames, entry.until);
      for (const other of past) {
        if (other.op !== 'write' || other.path !== entry.path) continue;
        if ((written.get(other.id) ?? Number.POSITIVE_INFINITY) < entry.until) syncedWrites.add(other.id);
      }
    }
  }
  const names = past.flatMap((entry, index) =>
    index >= syncedNames && (entry.op === 'create' || entry.op === 'remove') ? [index] : [],
  );
  const cut = names[Math.floor(random() * (names.length + 1))] ?? length;
  const files: Files = new Map([...before].map(([path, bytes]) => [path, Buffer.from(bytes)]));
  const inodes: Files = new Map(files);
  for (const [index, entry] of past.entries()) {
    if (entry.op === 'create') {
      const inode = inodes.get(entry.path) ?? Buffer.alloc(0);
      inodes.set(entry.path, inode);
      if (index < cut) files.set(entry.path, inode);
    } else if (entry.op === 'remove') {
      inodes.delete(entry.path);
      if (index < cut) files.delete(entry.path);
    } else if (entry.op === 'write') {
      const bytes = Buffer.from(entry.bytes, 'base64');
      const part = syncedWrites.has(entry.id) ? bytes : torn(bytes, random);
      const inode = inodes.get(entry.path);
      if (inode === undefined || part.length === 0) continue;
      const grown = Buffer.alloc(Math.max(inode.length, entry.position + part.length));
      inode.copy(grown);
      part.copy(grown, entry.position);
      inodes.set(entry.path, grown);
      if (files.has(entry.path)) files.set(entry.path, grown);
    }
  }
  return files;
}

function torn(bytes: Buffer, random: () => number): Buffer {
  const chance = random();
  if (chance < 0.4) return bytes;
  if (chance < 0.7) return bytes.subarray(0, 0);
  return bytes.subarray(0, Math.floor((random() * bytes.length) / SECTOR_BYTES) * SECTOR_BYTES);
}

/** Writes the files of `directory`, and those beside it, to another place of the same name. */
export function layOut(files: Files, directory: string, parent: string): string {
  const target = join(parent, basename(directory));
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const [path, bytes] of files) {
    if (dirname(path) === directory) writeFileSync(join(target, basename(path)), bytes);
    else if (dirname(path) === dirname(directory)) writeFileSync(join(parent, basename(path)), bytes);
  }
  return target;
}
