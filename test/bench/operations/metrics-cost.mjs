/**
 * What metrics and the remembered attempts cost each event. `npm run build`, then
 * `node test/bench/operations/metrics-cost.mjs [--rounds 31] [--events 20000]`.
 *
 * Three ways in turn, in one process: no metrics and no attempts (the package always remembers them: here they are taken
 * out), attempts, and both with a scrape every time.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Registry } from 'prom-client';
import { AttemptLog } from '../../../dist/delivery/attempt-log.js';
import { registerMetrics } from '../../../dist/metrics/prometheus.js';
import { createMember, logAndFlush } from './member.mjs';
import { compare, cpuNsPerEvent } from './ratios.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '31' }, events: { type: 'string', default: '20000' } },
});
const events = Number(values.events);
const receiver = fork(fileURLToPath(new URL('./receiver.mjs', import.meta.url)));
const [port] = await once(receiver, 'message');
const [bare, remembering, measured] = [1, 2, 3].map(() => createMember(port));
const registry = new Registry();
registerMetrics({ transport: measured.transport, registry });
const { add } = AttemptLog.prototype;

await compare(
  {
    'neither metrics nor attempts': async () => {
      AttemptLog.prototype.add = () => {};
      const cost = await cpuNsPerEvent(events, () => logAndFlush(bare, events));
      AttemptLog.prototype.add = add;
      return cost;
    },
    attempts: () => cpuNsPerEvent(events, () => logAndFlush(remembering, events)),
    'attempts, metrics and a scrape': () =>
      cpuNsPerEvent(events, async () => {
        await logAndFlush(measured, events);
        await registry.metrics();
      }),
  },
  { rounds: Number(values.rounds) },
);
receiver.disconnect();
process.exit();
