/** When a target that does not answer is tried again. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Health } from '../../src/delivery/health.js';
import type { Failure } from '../../src/sending/outcome.js';
import { validateTargets } from '../../src/settings/validate.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refused: Failure = { kind: 'retryable', error: { code: 'ECONNREFUSED', message: 'refused' } };
const unauthorized: Failure = { kind: 'misconfigured', error: { code: 'HTTP_401', message: 'no' } };

/** Fails at once, as often as it is asked to try, until `outageMs` are over: when was the attempt that is answered? */
async function firstSuccessMs(outageMs: number, settings: object): Promise<number> {
  const [target] = validateTargets([
    { name: 'a', address: 'http://a.example', retry_timeout: '1s', ...settings },
  ]);
  if (target === undefined) throw new Error('no target');
  const startMs = performance.now();
  let answeredMs: number | undefined;
  const isUp = () => performance.now() - startMs >= outageMs;
  const answer = () => {
    answeredMs = performance.now() - startMs;
    health.end();
  };
  const health: Health = new Health(
    target,
    () => {},
    () => {
      health.attempting();
      if (isUp()) answer();
      else health.goDown(refused, 1, true);
    },
  );
  void (async () => {
    for (let attempt = 1; attempt < target.retry_count; attempt++) {
      await health.pauseRound(refused, 1);
      if (isUp()) return answer();
    }
    health.goDown(refused, 1, false);
  })();
  while (answeredMs === undefined) await vi.advanceTimersByTimeAsync(10);
  return answeredMs;
}

describe('after an outage', () => {
  it('of 5 s delivery begins within 2 s, when `retry_timeout` is 1 s', async () => {
    for (let trial = 0; trial < 300; trial++) expect(await firstSuccessMs(5000, {})).toBeLessThan(7000);
  });

  it('of ten minutes it begins within 30 s', async () => {
    for (let trial = 0; trial < 5; trial++) {
      expect(await firstSuccessMs(600_000, { retry_count: 1 })).toBeLessThan(630_100);
    }
  });
});

describe('somebody who is about to leave', () => {
  const start = () => {
    const [target] = validateTargets([{ name: 'a', address: 'http://a.example' }]);
    return new Health(
      target as NonNullable<typeof target>,
      () => {},
      () => {},
    );
  };

  it('waits for one that refuses connections, and is told of one that is configured wrongly', () => {
    const health = start();
    health.retryQuickly();
    health.goDown(refused, 1, false);
    expect(health.isGivenUp).toBe(false);
    health.goDown(unauthorized, 1, true);
    expect(health.isGivenUp).toBe(true);
    expect(health.mayAttempt(0)).toBe(false);
    health.end();
  });

  it('has one more attempt made of one that was configured wrongly before', () => {
    const health = start();
    health.goDown(unauthorized, 1, false);
    expect(health.isGivenUp).toBe(false);
    health.retryQuickly();
    expect(health.mayAttempt(0)).toBe(true);
    health.end();
  });
});
