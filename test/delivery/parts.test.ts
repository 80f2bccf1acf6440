import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hurriedPauseMs, probePauseMs, roundPauseMs } from '../../src/delivery/backoff.js';
import { Pause } from '../../src/delivery/pause.js';
import { Suspects } from '../../src/delivery/suspects.js';
import { type Batch, createBatch } from '../../src/queue/batch.js';
import { Fifo } from '../../src/queue/fifo.js';
import { type Outcome, outcomeOf, parseRetryAfter } from '../../src/sending/outcome.js';
import { RetryingSender } from '../../src/sending/retrying-sender.js';
import { sign } from '../../src/sending/signature.js';
import { encodedEvent } from '../queue/queue-contract.js';

describe('pauses', () => {
  const within = (make: () => number, min: number, max: number) => {
    const pauses = Array.from({ length: 1000 }, make);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(min);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(max);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan((max - min) / 2);
  };

  it('in a round are retry_timeout, give or take a fifth', () => within(() => roundPauseMs(1000), 800, 1200));

  it('between probes double up to 30 seconds, or to a longer retry_timeout, each between half and all of it', () => {
    within(() => probePauseMs(1000, 0), 500, 1000);
    within(() => probePauseMs(1000, 3), 4000, 8000);
    within(() => probePauseMs(1000, 2000), 15_000, 30_000);
    within(() => probePauseMs(3_600_000, 5), 1_800_000, 3_600_000);
  });

  it('between probes are short while an outage is young', () => {
    expect(probePauseMs(1000, 2, 4000)).toBe(2000);
    within(() => probePauseMs(1000, 2, 8000), 2000, 3200);
  });

  it('of somebody in a hurry are a second at most', () => {
    expect([hurriedPauseMs(200), hurriedPauseMs(10_000)]).toEqual([200, 1000]);
  });

  it("are never so short that somebody else's server is flooded", () => {
    expect([roundPauseMs(0.000_001), probePauseMs(0.000_001, 0), hurriedPauseMs(0)]).toEqual([100, 100, 100]);
  });
});

describe('a pause', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends by itself, or when it is ended, and leaves no timer', async () => {
    const pause = new Pause();
    const first = pause.wait(100);
    vi.advanceTimersByTime(100);
    await first;
    const others = [pause.wait(1e9), pause.wait(1e9)];
    pause.end();
    await Promise.all(others);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);

  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5000],
    ['9999999', 86_400_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thu, 01 Jan 2020 00:01:00 GMT', 0],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 86_400_000],
    ['soon', undefined],
  ])('%j means %j ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });

  it('counts on 429 and 503 only', () => {
    const waits = [429, 503, 500, 408].map((status) => outcomeOf(status, 1, '7'));
    expect(waits.map((outcome) => 'retryAfterMs' in outcome && outcome.retryAfterMs)).toEqual([
      7000,
      7000,
      false,
      false,
    ]);
  });
});

it('every status has an outcome', () => {
  const kinds = new Map<string, number[]>();
  for (let status = 200; status < 600; status++) {
    const { kind } = outcomeOf(status, 1, undefined);
    kinds.set(kind, [...(kinds.get(kind) ?? []), status]);
  }
  expect(kinds.get('delivered')).toHaveLength(100);
  expect(kinds.get('misconfigured')).toHaveLength(104);
  expect(kinds.get('tooLarge')).toEqual([413]);
  expect(kinds.get('gone')).toEqual([410]);
  expect(kinds.get('retryable')).toHaveLength(103);
});

it('signatures are those of Standard Webhooks', () => {
  const key = fc
    .uint8Array({ minLength: 24, maxLength: 64 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);
  fc.assert(
    fc.property(key, fc.string(), fc.integer({ min: 0, max: 4e9 }), (secret, body, timestamp) => {
      const signature = sign([secret], 'msg_1', timestamp, Buffer.from(body));
      expect(signature).toBe(
        new Webhook(secret).sign('msg_1', new Date(timestamp * 1000), Buffer.from(body).toString()),
      );
    }),
  );
});

it('a Fifo gives back what a list would, whatever its length', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant('shift' as const), fc.integer({ min: 1, max: 1500 })), { maxLength: 20 }),
      (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        let next = 0;
        for (const step of steps) {
          if (step === 'shift')
            for (let count = 0; count < 700; count++) expect(fifo.shift()).toBe(model.shift());
          else
            for (let count = 0; count < step; count++, next++) {
              model.push(next);
              fifo.push(next);
            }
          expect([fifo.length, fifo.peek(), ...fifo]).toEqual([model.length, model[0], ...model]);
        }
        fifo.clear();
        expect([fifo.length, fifo.peek(), fifo.shift()]).toEqual([0, undefined, undefined]);
      },
    ),
    { numRuns: 30 },
  );
});

describe('a round', () => {
  const batch = createBatch([encodedEvent(0)], 'array');
  const failure: Outcome = { kind: 'retryable', error: { code: 'HTTP_503', message: '' } };
  const success: Outcome = { kind: 'delivered', status: 200, ms: 1 };

  /** Sends through a round over a sender that answers with these outcomes in turn. */
  async function sendThrough(outcomes: readonly Outcome[], attempts: number, goOn = true) {
    const sent: Batch[] = [];
    const pauses: string[] = [];
    const sender = { send: async (each: Batch) => outcomes[sent.push(each) - 1] ?? success };
    const pause = async () => pauses.push('pause') > 0 && goOn;
    const outcome = await new RetryingSender(sender, { attempts, pause }).send(batch);
    return { outcome, sent, pauses };
  }

  it('ends with the first success', async () => {
    const { outcome, sent, pauses } = await sendThrough([failure, success], 5);
    expect([outcome, sent.length, pauses.length]).toEqual([success, 2, 1]);
    expect(sent.every((each) => each === batch)).toBe(true);
  });

  it('ends after so many attempts, with a pause between them only', async () => {
    const { outcome, sent, pauses } = await sendThrough(Array(9).fill(failure), 3);
    expect([outcome, sent.length, pauses.length]).toEqual([failure, 3, 2]);
  });

  it('of one attempt has no pause', async () => {
    const { outcome, sent, pauses } = await sendThrough([failure], 1);
    expect([outcome, sent.length, pauses.length]).toEqual([failure, 1, 0]);
  });

  it('ends when a pause says so', async () => {
    const { outcome, sent } = await sendThrough([failure, success], 5, false);
    expect([outcome, sent.length]).toEqual([failure, 1]);
  });

  it('does not repeat what another attempt cannot change', async () => {
    const rejected: Outcome = { kind: 'rejected', error: { code: 'HTTP_400', message: '' } };
    const { outcome, sent } = await sendThrough([rejected], 5);
    expect([outcome, sent.length]).toEqual([rejected, 1]);
  });

  it('passes an unexpected error on, without trying again', async () => {
    let calls = 0;
    const sender = {
      send: () => {
        calls++;
        return Promise.reject(new Error('a bug'));
      },
    };
    const round = new RetryingSender(sender, { attempts: 5, pause: async () => true });
    await expect(round.send(batch)).rejects.toThrow('a bug');
    expect(calls).toBe(1);
  });
});

describe('suspects', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const batches = Array.from({ length: 8 }, (_, seq) => createBatch([encodedEvent(seq)], 'array'));

  it('are acquitted, all of them, when there are eight in a row', () => {
    const verdict = vi.fn();
    const suspects = new Suspects(verdict);
    expect(batches.map((batch) => suspects.add(batch))).toEqual([...Array(7).fill(undefined), batches]);
    expect(suspects.batches).toEqual([]);
    expect(verdict).not.toHaveBeenCalled();
  });

  it('are convicted when others are accepted, or when nothing else comes for a while', () => {
    const verdict = vi.fn();
    const suspects = new Suspects(verdict);
    suspects.add(batches[0]!);
    suspects.convict();
    expect(verdict).toHaveBeenLastCalledWith([batches[0]]);
    suspects.convict();
    expect(verdict).toHaveBeenCalledTimes(1);
    suspects.add(batches[1]!);
    suspects.await();
    suspects.postpone();
    vi.advanceTimersByTime(10_000);
    expect(verdict).toHaveBeenCalledTimes(1);
    suspects.await();
    vi.advanceTimersByTime(1000);
    expect(verdict).toHaveBeenLastCalledWith([batches[1]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
