/**
 * Runs the main suite again and again on two cores, every second time beside two busy loops, and fails when any
 * run does: a test that is red once in twenty is a defect.
 *
 *     npm run test:repeat             twenty runs
 *     npm run test:repeat -- 4        four
 *     npm run test:repeat -- 4 spool  four of the files with "spool" in their names
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMainSuite } from './main-suite.mjs';

const [times = '20', ...args] = process.argv.slice(2);
const count = Number(times);
if (!Number.isInteger(count) || count < 1) throw new Error(`Expected a number of runs, got ${times}`);

const directory = mkdtempSync(join(tmpdir(), 'repeat-'));
const twoCores = ['taskset', '-c', '0,1'];
const before = spawnSync(twoCores[0], [...twoCores.slice(1), 'true']).status === 0 ? twoCores : [];

function startBusyLoops() {
  const [command, ...rest] = [...before, process.execPath, '-e', 'for (;;);'];
  return [1, 2].map(() => spawn(command, rest, { stdio: 'ignore' }));
}

let busyLoops = [];
const endBusyLoops = () => {
  for (const loop of busyLoops) loop.kill('SIGKILL');
  busyLoops = [];
};
process.on('exit', endBusyLoops);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

console.log(`${count} runs${before.length > 0 ? ' on two cores' : ''}, logs in ${directory}`);
let red = 0;
for (let run = 1; run <= count; run++) {
  const isBusy = run % 2 === 0;
  if (isBusy) busyLoops = startBusyLoops();
  const { isGreen, closing, failures } = await runMainSuite({ directory, name: `run-${run}`, before, args });
  endBusyLoops();
  if (!isGreen) red++;
  console.log(`${run}. ${isGreen ? 'green' : 'RED'}${isBusy ? ', beside two busy loops' : ''}: ${closing}`);
  for (const failure of failures) console.log(`   ${failure}`);
}
console.log(`${count - red} of ${count} runs are green`);
process.exitCode = red === 0 ? 0 : 1;
