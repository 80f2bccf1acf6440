/** A busy service that is killed in the middle of its work. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { within } from './spool.js';
import { fixturePath } from './spool-service.js';

const script = fixturePath('spool-crash.mjs');

/** Runs one life and kills it: every fourth while it starts, the others while they work. Returns when the signal was sent. */
export async function live(life: number, random: () => number, options: object): Promise<number> {
  const child = fork(script, [JSON.stringify({ ...options, life, awaitsReady: life % 2 === 0 })], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  if (life % 4 === 3) {
    await once(child, 'spawn');
    await sleep(100 + random() * 300);
  } else {
    const isReady = once(child, 'message').then(() => true);
    const wasReady = await within(
      Promise.race([isReady, exited.then(() => false)]),
      15_000,
      '`ready` of the service',
    );
    if (!wasReady) throw new Error(`Life ${life} ended by itself`);
    await sleep(20 + random() * 500);
  }
  const killedAtMs = Date.now();
  child.kill('SIGKILL');
  expect(await exited, `life ${life} lives until it is killed`).toEqual([null, 'SIGKILL']);
  return killedAtMs;
}
