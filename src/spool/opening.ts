/** Opens a spool, whatever state it was left in. */

import { rm } from 'node:fs/promises';
import { SpoolError } from '../errors.js';
import { SpoolClock } from './clock.js';
import type { SpoolFolder } from './folder.js';
import { type FoundQueue, scan } from './scan.js';
import { SpoolStore } from './store.js';

/** A spool that can be used. */
export interface OpenedSpool {
  readonly store: SpoolStore;
  readonly clock: SpoolClock;
  readonly found: readonly FoundQueue[];
  /** When something was damaged: how many events were lost, by queue, as far as that is known. */
  readonly damage: { readonly lost: ReadonlyMap<string, number>; readonly isKnown: boolean } | undefined;
}

/**
 * What is damaged is copied aside before anything is done about it, then repaired as far as that goes.
 * @throws SpoolError when another process uses the directory, or the disk is full or may not be written
 */
export async function openSpool(folder: SpoolFolder): Promise<OpenedSpool> {
  let problem: unknown;
  const attempts = [
    () => openAndScan(folder),
    async () => {
      await folder.setAside();
      await SpoolStore.repair(folder.store);
      return await openAndScan(folder);
    },
    async () => {
      // Nothing is thrown away that nobody has a copy of.
      if ((await folder.setAside()) === '') throw problem;
      await rm(folder.store, { recursive: true, force: true });
      return await openAndScan(folder);
    },
  ];
  for (const [index, attempt] of attempts.entries()) {
    try {
      const { found, ...opened } = await attempt();
      return { ...opened, found, damage: damageOf(folder, found, index > 0) };
    } catch (error) {
      if (!isDamage(error)) throw refusal(folder, error);
      problem = error;
    }
  }
  throw refusal(folder, problem);
}

async function openAndScan(folder: SpoolFolder) {
  folder.prepare();
  const store = await SpoolStore.open(folder.store, () => folder.protect());
  try {
    const clock = new SpoolClock(await store.clock());
    return { store, clock, found: await scan(store, clock.nowMs) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The lock is ours now, and so are the notes of who was here before. */
function damageOf(folder: SpoolFolder, found: readonly FoundQueue[], wasRepaired: boolean) {
  const inventory = Object.entries(folder.takeInventory());
  folder.claim();
  const lost = new Map<string, number>();
  for (const [name, events] of inventory) {
    const queue = found.find((each) => each.name === name);
    const missing = events - (queue ? eventsOf(queue) : 0);
    if (missing > 0) lost.set(name, missing);
  }
  const isDamaged = wasRepaired || lost.size > 0 || found.some((queue) => queue.isDamaged);
  return isDamaged ? { lost, isKnown: inventory.length > 0 } : undefined;
}

function eventsOf({ lanes, state }: FoundQueue): number {
  const waiting = lanes.flatMap(({ chunks }) => chunks.map((chunk) => chunk.waitingEvents));
  const taken = state.batches.map(({ events }) => events.length);
  return [...waiting, ...taken].reduce((sum, events) => sum + events, 0);
}

function causeOf(error: unknown): { readonly code: string; readonly message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: cause instanceof Error && 'code' in cause ? String(cause.code) : '', message };
}

/** Whether files are not as they should be; all else, a full disk for instance, may pass. */
function isDamage(error: unknown): boolean {
  const { code, message } = causeOf(error);
  return (
    code === 'LEVEL_CORRUPTION' || /no such file|missing files|does not exist|invalid argument/i.test(message)
  );
}

function refusal(folder: SpoolFolder, error: unknown): SpoolError {
  const { code, message } = causeOf(error);
  const problem = code === 'LEVEL_LOCKED' ? `it is in use by ${folder.owner}` : message;
  return new SpoolError(folder.directory, problem, { cause: error });
}
