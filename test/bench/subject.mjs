/** The process of one contender in one round: warms it up, logs, and tells its parent what that cost. */

import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { contenders } from './contenders/index.mjs';
import { audited, burst, paced } from './loads.mjs';
import { PeakMemory } from './peak-memory.mjs';

const { name, warmUp, load, receiver, directory } = JSON.parse(process.argv[2]);
const { create } = await contenders[name]();
const {
  log,
  audit,
  flush,
  targets = 1,
  hides = [],
} = create({ ...receiver, name, directory, total: load.to });

process.on('disconnect', () => process.exit());

const memory = new PeakMemory();
await burst(warmUp, log, () => {});
await flush?.();
process.send({ targets });
await once(process, 'message');

/** Delays are told without it: the monitor measures from one of its own timers to the next. */
const RESOLUTION_MS = 1;
const delays = load.perSecond ? monitorEventLoopDelay({ resolution: RESOLUTION_MS }) : undefined;

const half = (load.from + load.to) / 2;
let isSecondHalf = false;
function afterChunk(seq) {
  memory.sample();
  if (isSecondHalf || seq < half) return;
  isSecondHalf = true;
  memory.startSecondHalf();
}

const cpuBefore = process.cpuUsage();
const startedAt = performance.timeOrigin + performance.now();
delays?.enable();
const audits = load.audits ? await audited(load, audit) : undefined;
const callNs = audits ? 0 : await (load.perSecond ? paced : burst)(load, log, afterChunk);
delays?.disable();
process.send({ startedAt });
// Nobody waits for company at the end of a burst, where a contender can be told so.
if (!delays) void flush?.();
await once(process, 'message');

const records = load.to - load.from;
const { user, system } = process.cpuUsage(cpuBefore);
const figures = {
  nsPerCall: callNs / records,
  cpuNsPerEvent: ((user + system) * 1000) / records,
  ...memory.stop(),
  ...(audits && {
    auditUs: audits[audits.length >> 1],
    auditP99Us: audits[Math.floor(audits.length * 0.99)],
  }),
  ...(delays && { delayMs: Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS) }),
};
for (const each of hides) delete figures[each];
process.send(figures, () => process.exit(0));
