/** A busy service that is killed in the middle of its work. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { within } from './spool.js';
import { fixturePath } from './spool-service.js';

const script = fixturePath('spool-crash.mjs');

/** Resolves once a service has said a word: `ready`, `durable`, `volatile`, or the type of a report. */
type Said = (word: string) => Promise<void>;

/**
 * Runs one life and kills it: every fourth while it starts, the others while they work.
 * @param arrange what the others are not killed before
 * @returns when the signal was sent
 */
export async function live(
  life: number,
  random: () => number,
  options: object,
  arrange: (said: Said) => Promise<unknown> = () => Promise.resolve(),
): Promise<number> {
  const child = fork(script, [JSON.stringify({ ...options, life, awaitsReady: life % 2 === 0 })], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const heard = new Set<unknown>();
  child.on('message', (word) => heard.add(word));
  const said: Said = (word) => {
    const saidOrOver = new Promise<void>((resolve, reject) => {
      const check = () => heard.has(word) && resolve();
      child.on('message', check);
      child.once('exit', () => reject(new Error(`Life ${life} ended by itself`)));
      check();
    });
    return within(saidOrOver, 60_000, `\`${word}\` of the service`);
  };
  if (life % 4 === 3) {
    await once(child, 'spawn');
    await sleep(100 + random() * 300); // any moment of a start
  } else {
    await said('ready');
    await arrange(said);
    await sleep(random() * 500); // any moment of its work
  }
  const killedAtMs = Date.now();
  child.kill('SIGKILL');
  expect(await exited, `life ${life} lives until it is killed`).toEqual([null, 'SIGKILL']);
  return killedAtMs;
}
