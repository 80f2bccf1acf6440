/** A process with a spool, for one figure of `spool.mjs`: does what it is told, and tells its parent what that took. */

import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { logWith } from './contenders/logger.mjs';
import { PeakMemory } from './peak-memory.mjs';
import { makeRecord } from './record.mjs';

const { name, build, directory, receiver, events } = JSON.parse(process.argv[2]);
const { EventTransport } = await import(`${build}index.js`);

process.on('disconnect', () => process.exit());

/** Delays are told without it: the monitor measures from one of its own timers to the next. */
const RESOLUTION_MS = 1;
/** With what the format adds, an event has 1 KB. */
const BYTES = 750;

const up = `http://127.0.0.1:${receiver.port}/live`;
const down = `http://127.0.0.1:${receiver.refusingPort}/dead`;
const target = (address, targetName = 'live') => ({ name: targetName, address, level: 'INFO' });
const spool = directory && {
  spool: { directory: path.join(directory, 'spool'), maxBytes: 4 * 2 ** 30 },
};

const start = (targets) => new EventTransport({ targets, ...spool });

const measures = {
  async audit() {
    const transport = start([target(up)]);
    await transport.ready();
    const times = [];
    for (let seq = 0; seq < 2500; seq++) {
      const startedAt = performance.now();
      await transport.lifecycle('record-audited', { context: { field: `seq=${seq}` } });
      if (seq >= 500) times.push((performance.now() - startedAt) * 1000);
    }
    times.sort((a, b) => a - b);
    return { p50Us: times[times.length >> 1], p99Us: times[Math.floor(times.length * 0.99)] };
  },

  /** Each thousand is on disk before the next is logged. */
  async fill() {
    const transport = start([target(down)]);
    await transport.ready();
    const log = logWith(transport, { name });
    const memory = new PeakMemory();
    for (let seq = 0; seq < events; seq++) {
      log(makeRecord(seq, BYTES));
      if (seq % 1000 < 999) continue;
      memory.sample();
      await transport.lifecycle('record-audited');
    }
    return memory.stop();
  },

  async drain() {
    const transport = start([target(up)]);
    await transport.ready();
    const memory = new PeakMemory();
    while (transport.status().targets[0].pending.events > 0) await sleep(20);
    return memory.stop();
  },

  async open() {
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    await sleep(100);
    delays.enable();
    await sleep(20);
    const startedAt = performance.now();
    const transport = start([target(down)]);
    await transport.ready();
    const readyMs = performance.now() - startedAt;
    await sleep(500);
    delays.disable();
    return { readyMs, stillMs: delays.max / 1e6 - RESOLUTION_MS };
  },

  async targets() {
    const transport = start(Array.from({ length: 1000 }, (_, index) => target(down, `t${index}`)));
    await transport.ready();
    const log = logWith(transport, { name });
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    // All targets have found out by then that nobody is there.
    await sleep(2000);
    delays.enable();
    const startedAt = performance.now();
    for (let seq = 0; seq < 2000; await sleep(5)) {
      for (const due = (performance.now() - startedAt) / 5; seq < due; seq++) log(makeRecord(seq));
      await immediate();
    }
    delays.disable();
    return { p99Ms: delays.percentile(99) / 1e6 - RESOLUTION_MS };
  },
};

process.send(await measures[name]());
