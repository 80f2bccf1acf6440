/** What a killed process did, by its own journal, held against what arrived. */

import { existsSync, readFileSync } from 'node:fs';
import type { Accepted } from './flapping-receiver.js';

/** "Logging events are on disk within 100 ms." */
const LOGGING_WINDOW_MS = 100;

/**
 * For what lies between the clock of the journal and that of the kill: whole milliseconds on both sides, and a timer
 * that is due is not yet a write that is done. `SPOOL_TOLERANCE_MS` sets it.
 */
const TOLERANCE_MS = Number(process.env.SPOOL_TOLERANCE_MS ?? 50);

/** A commit is under way when an event comes, and it goes with the next: so much of what the disk takes counts. */
const COMMITS = 2;

/** Beats of the journal are 5 ms apart; more than this is time in which the process did not get the processor. */
const USUAL_BEAT_MS = 20;

interface Life {
  /** All that may arrive. */
  readonly begun: ReadonlySet<number>;
  /** Lifecycle events whose promise resolved, durable. */
  readonly durable: readonly number[];
  /** Those whose promise resolved, not durable. */
  readonly volatile: readonly number[];
  /** Logging events that must be on disk by the time of the kill, as they were there long enough. */
  readonly old: readonly number[];
  /** Logging events before one whose promise resolved, durable: they are on disk, however slow that is. */
  readonly covered: readonly number[];
}

/** Reads the journal of one life; `killedAtMs` is when the signal was sent. */
export function readLife(journal: string, killedAtMs: number): Life {
  const begun = new Set<number>();
  const durable: number[] = [];
  const volatile: number[] = [];
  const logged: { number: number; atMs: number }[] = [];
  const beats: number[] = [];
  const calledAtMs = new Map<number, number>();
  const receipts: { startMs: number; endMs: number }[] = [];
  let readyAtMs = Number.POSITIVE_INFINITY;
  // A service that was killed before it got to anything left no journal.
  const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1);
  for (const line of lines) {
    const [word, first, second] = line.split(' ');
    const number = Number(first);
    if (word === 'ready') readyAtMs = number;
    else if (word === 'alive') beats.push(number);
    else if (word === 'logging' || word === 'calling') begun.add(number);
    else if (word === 'logged') logged.push({ number, atMs: Number(second) });
    if (word === 'calling') calledAtMs.set(number, Number(second));
    else if (word === 'durable' || word === 'volatile') {
      (word === 'durable' ? durable : volatile).push(number);
      receipts.push({ startMs: calledAtMs.get(number) ?? 0, endMs: Number(second) });
      calledAtMs.delete(number);
    }
  }
  const aliveUntilMs = Math.min(killedAtMs, beats.at(-1) ?? 0);
  for (const startMs of calledAtMs.values()) receipts.push({ startMs, endMs: aliveUntilMs });
  const slowMs = COMMITS * slowestMs(receipts, aliveUntilMs) + stallMs(beats, aliveUntilMs);
  const deadlineMs = aliveUntilMs - LOGGING_WINDOW_MS - TOLERANCE_MS - slowMs;
  // Before the queues are open nothing can be on disk.
  const isOld = ({ atMs }: { atMs: number }) => Math.max(atMs, readyAtMs) < deadlineMs;
  const last = Math.max(0, ...durable);
  return {
    begun,
    durable,
    volatile,
    old: logged.filter(isOld).map(({ number }) => number),
    covered: logged.map(({ number }) => number).filter((number) => number < last),
  };
}

/** The longest that somebody waited for the disk shortly before the end. */
function slowestMs(receipts: readonly { startMs: number; endMs: number }[], aliveUntilMs: number): number {
  const late = receipts.filter(({ endMs }) => endMs > aliveUntilMs - 4 * LOGGING_WINDOW_MS);
  return Math.max(0, ...late.map(({ startMs, endMs }) => endMs - startMs));
}

/** The longest time without the processor shortly before the end. */
function stallMs(beats: readonly number[], aliveUntilMs: number): number {
  const late = beats.filter((atMs) => atMs > aliveUntilMs - 4 * LOGGING_WINDOW_MS);
  const gaps = late.slice(1).map((atMs, index) => atMs - (late[index] ?? atMs));
  return Math.max(0, ...gaps.map((gap) => gap - USUAL_BEAT_MS));
}

/** Everything that is wrong, in words; empty when all is well. Lives are counted from 0, events in each from 1. */
export function findViolations(
  lives: readonly Life[],
  accepted: readonly Accepted[],
  bodies: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const violations: string[] = [];
  const arrived = new Set<string>();
  const lastSeen = new Map<string, number>();
  const repeatedIn = new Map<number, string[]>();
  let previous = { life: -1, number: 0, name: 'the start' };

  for (const [id, texts] of bodies) {
    if (texts.size > 1) violations.push(`${id} came with ${texts.size} different bodies`);
  }
  for (const { id, events, life: receivedIn } of accepted) {
    const before = lastSeen.get(id);
    lastSeen.set(id, receivedIn);
    if (before !== undefined) {
      if (before === receivedIn) violations.push(`${id} came twice in life ${before}, without a crash`);
      repeatedIn.set(before, [...(repeatedIn.get(before) ?? []), id]);
      continue;
    }
    for (const { metadata } of events) {
      const name = String(metadata.message ?? metadata.action);
      const [life = -1, number = -1] = name.split('.').map(Number);
      if (!lives[life]?.begun.has(number)) violations.push(`${name} was never logged`);
      if (arrived.has(name)) violations.push(`${name} came under two ids`);
      if (life < previous.life || (life === previous.life && number <= previous.number)) {
        violations.push(`${name} came after ${previous.name}`);
      }
      arrived.add(name);
      previous = { life, number, name };
    }
  }
  for (const [life, ids] of repeatedIn) {
    if (ids.length > 1) violations.push(`The crash of life ${life} doubled ${ids.length} batches`);
  }
  for (const [life, { durable, volatile, old, covered }] of lives.entries()) {
    const missing = (list: readonly number[]) => list.filter((number) => !arrived.has(`${life}.${number}`));
    for (const number of missing(durable)) violations.push(`Lifecycle event ${life}.${number} is missing`);
    for (const number of missing([...new Set([...covered, ...old])]))
      violations.push(`Logging event ${life}.${number} is missing`);
    for (const number of volatile) violations.push(`Lifecycle event ${life}.${number} was not durable`);
  }
  return violations;
}
