/** Measures one contender in one case, once: in a fresh process, beside a receiver that goes on for all. */

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.mjs';

const WARM_UP = { from: 0, to: 5000, chunk: 1000, bytes: 0 };
/** Whoever has delivered nothing new for so long has given up. */
const QUIET_MS = 3000;
/** What arrives later after an outage counts as lost. */
const RECOVERY_MS = 10_000;
/** For what comes twice to come. */
const GRACE_MS = 100;

/**
 * @param {Child} receiver
 * @param {object} addresses of the receiver, for the contender
 * @returns {Promise<Record<string, number>>} figures by name; `tables.mjs` says what they are
 */
export async function measure(receiver, addresses, name, { load, outage }) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
  const from = WARM_UP.to;
  const measured = { ...load, from, to: from + load.records };
  if (outage) measured.backlogTo = from + (outage.toMs / 1000) * load.perSecond;
  await receiver.ask({ name: 'begin', ...WARM_UP });
  const subject = new Child('subject.mjs', {
    name,
    warmUp: WARM_UP,
    load: measured,
    receiver: addresses,
    directory,
  });
  try {
    const { targets } = await subject.next();
    await delivered(receiver, targets * (WARM_UP.to - WARM_UP.from));
    await receiver.ask({ name: 'begin', ...measured });

    const [logged, upAt] = await both(subject.ask('go'), outage && holdOutage(receiver, outage));
    const { startedAt } = logged;
    const expected = targets * load.records;
    await delivered(receiver, expected, upAt && upAt + RECOVERY_MS);
    const costs = await subject.ask('stop');
    if (targets === 0) return costs;

    await sleep(GRACE_MS);
    const { distinct, doubled, outOfOrder, requests, lastNewAt, lastOfBacklogAt } = await receiver.ask({
      name: 'count',
    });
    const lost = expected - distinct;
    return {
      ...costs,
      perSecond: distinct / ((lastNewAt - startedAt) / 1000),
      lost,
      doubled,
      outOfOrder,
      requests,
      ...(upAt && lost === 0 && { recoveryMs: lastOfBacklogAt - upAt }),
    };
  } finally {
    await subject.end();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Waits for both, also when one of them fails: the receiver has to be up again afterwards. */
async function both(...promises) {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** @returns {Promise<number>} when the receiver was back */
async function holdOutage(receiver, { fromMs, toMs }) {
  await sleep(fromMs);
  await receiver.ask({ name: 'down' });
  await sleep(toMs - fromMs);
  const { at } = await receiver.ask({ name: 'up' });
  return at;
}

/** Waits until all has arrived, or until it is clear that it never will. */
async function delivered(receiver, expected, giveUpAt) {
  const startedAt = now();
  for (;;) {
    const { distinct, lastNewAt } = await receiver.ask({ name: 'count' });
    if (distinct >= expected) return;
    if (now() > (giveUpAt ?? Math.max(lastNewAt, startedAt) + QUIET_MS)) return;
    await sleep(20);
  }
}

/** Comparable between processes. */
function now() {
  return performance.timeOrigin + performance.now();
}
