/** The logs of a spool, by kind: how they are opened, and what of them is in batches. */

import type { EncodedEvent } from '../queue/encoded-event.js';
import { EventLog, type LogFile } from './event-log.js';
import type { EventReader } from './event-reader.js';
import type { LogKind } from './layout.js';
import type { FoundSpool } from './opening.js';
import { isInBatch, laneOf, lanes, type SpoolState } from './state.js';

/** A file of events takes them for so much of `maxAge` at most: it goes as a whole. */
const SPANS = 16;

/** The logs of a spool by kind. */
export type Logs = Readonly<Record<LogKind, EventLog>>;

/** The file that has, or would have, an event. `base`: what makes a position of a `seq` */
export function fileOf(logs: Logs, event: EncodedEvent, base: number): LogFile | undefined {
  return logs[lanes[laneOf(event)]].find(event.seq + base);
}

/** How much may be in a spool, and for how long. */
export interface LogBounds {
  /** Bytes of events; a tenth of it for dead letters. */
  readonly maxBytes: number;
  /** Milliseconds; Infinity: events do not get too old. */
  readonly maxAgeMs: number;
}

/** @param owner part of the names of the files that are begun */
export function openLogs(
  directory: string,
  owner: string,
  { spool, state, nextNumbers }: FoundSpool,
  { maxBytes, maxAgeMs }: LogBounds,
): Logs {
  const log = (kind: LogKind) => {
    const files = [...state.files].filter(([, file]) => file.kind === kind);
    files.sort(([, a], [, b]) => a.number - b.number || a.first - b.first);
    const options = {
      directory,
      owner,
      header: { spool, kind },
      maxFileBytes: maxFileBytesOf(maxBytes),
      maxSpanMs: kind === 'dead' ? Number.POSITIVE_INFINITY : maxAgeMs / SPANS,
      base: kind === 'dead' ? 0 : state.next[0],
    };
    return new EventLog(options, files, nextNumbers[kind]);
  };
  return { logging: log('logging'), audit: log('audit'), dead: log('dead') };
}

/** Bytes after which a file gets no more: so that room comes back in small pieces, and files do not get too many. */
export function maxFileBytesOf(maxBytes: number): number {
  return Math.min(Math.max(maxBytes / 64, 2 ** 18), 2 ** 23);
}

/** The events of all batches, by queue. Each file is read once. */
export async function readBatches(
  state: SpoolState,
  logs: Logs,
  reader: EventReader,
): Promise<Map<string, EncodedEvent[]>> {
  const taken = new Map<string, EncodedEvent[]>();
  for (const [lane, kind] of lanes.entries()) {
    const wanted = [...state.queues.values()]
      .flatMap(({ batches }) => batches.map(({ ranges }) => ranges[lane] ?? null))
      .filter((range) => range !== null);
    for (const file of logs[kind].files) {
      const first = Math.min(...wanted.filter(([, last]) => last >= file.first).map(([start]) => start));
      const last = Math.max(...wanted.filter(([start]) => start <= file.last).map(([, end]) => end));
      for (
        let [position, isEnd] = [Math.max(first, file.first), first > last];
        !isEnd && position <= last;
      ) {
        const piece = await reader.read(file, position);
        for (const { position: place, event, waiters } of piece.events) {
          if (place < position) continue;
          for (const name of waiters) {
            const { batches = [] } = state.queues.get(name) ?? {};
            if (!batches.some((batch) => isInBatch(batch, lane, place))) continue;
            const list = taken.get(name) ?? [];
            taken.set(name, list);
            list.push(event);
          }
        }
        position = piece.next;
        isEnd = piece.isEnd;
      }
    }
  }
  return taken;
}
