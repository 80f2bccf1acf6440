/** How long the turns of this process's event loop are: on the clock, and in time that its main thread was at work. */

import { closeSync, openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';

const buffer = Buffer.alloc(64);

/**
 * Nanoseconds of processor time of the main thread alone, without garbage collectors and without the time that others
 * had the processor; where the system does not tell, those of the whole process.
 */
export function openThreadClock() {
  try {
    if (threadId !== 0) throw new Error('not the main thread');
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`);
    const read = () => {
      const length = readSync(file, buffer, 0, buffer.length, 0);
      return Number(buffer.toString('latin1', 0, length).split(' ')[0]);
    };
    read();
    return { read, close: () => closeSync(file) };
  } catch {
    return {
      read: () => Number(process.cpuUsage().user + process.cpuUsage().system) * 1000,
      close: () => {},
    };
  }
}

/** Looks at every turn until `stop()` tells: the loop does not sleep meanwhile. */
export function watchTurns() {
  const clock = openThreadClock();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const turnsMs = [];
  let before = clock.read();
  let next = setImmediate(look);
  function look() {
    const now = clock.read();
    turnsMs.push((now - before) / 1e6);
    before = now;
    next = setImmediate(look);
  }
  return {
    stop() {
      clearImmediate(next);
      delay.disable();
      clock.close();
      turnsMs.sort((a, b) => a - b);
      const at = (share) => turnsMs[Math.min(Math.floor(turnsMs.length * share), turnsMs.length - 1)] ?? 0;
      return {
        turns: turnsMs.length,
        // In turns that are busy: between them the loop only looks.
        workMs: { over10: turnsMs.filter((ms) => ms > 10).length, p999: at(0.999), max: at(1) },
        delayMs: {
          p50: delay.percentile(50) / 1e6,
          p99: delay.percentile(99) / 1e6,
          max: delay.max / 1e6,
        },
      };
    },
  };
}
