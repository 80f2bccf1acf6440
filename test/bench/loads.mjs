/** The two ways records are logged: in a burst, and at a steady pace. Both return the time spent in log calls. */

import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { makeRecord } from './record.mjs';

/** Logs `from` to `to - 1` without a pause, but for one turn of the event loop after every `chunk` records. */
export async function burst({ from, to, chunk, bytes }, log, afterChunk) {
  let ns = 0n;
  for (let seq = from; seq < to; seq += chunk) {
    ns += logChunk(log, seq, Math.min(seq + chunk, to), bytes);
    await immediate();
    afterChunk(seq);
  }
  return Number(ns);
}

/** Logs `from` to `to - 1` at `perSecond`, a few at a time; makes up for turns that came late. */
export async function paced({ from, to, perSecond, bytes }, log, afterChunk) {
  let ns = 0n;
  const startedAt = performance.now();
  for (let seq = from; seq < to; ) {
    await sleep(10);
    const due = from + Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    const end = Math.min(due, to);
    ns += logChunk(log, seq, end, bytes);
    seq = end;
    afterChunk(seq);
  }
  return Number(ns);
}

/** Audits `from` to `to - 1`, one after the other. Returns how long each took, in microseconds. */
export async function audited({ from, to }, audit) {
  const times = [];
  for (let seq = from; seq < to; seq++) {
    const startedAt = performance.now();
    await audit(seq);
    times.push((performance.now() - startedAt) * 1000);
  }
  return times.sort((a, b) => a - b);
}

/** The records are made before the clock runs: what is measured is the log call. */
function logChunk(log, from, to, bytes) {
  const records = [];
  for (let seq = from; seq < to; seq++) records.push(makeRecord(seq, bytes));
  const startedAt = process.hrtime.bigint();
  for (const record of records) log(record);
  return process.hrtime.bigint() - startedAt;
}
