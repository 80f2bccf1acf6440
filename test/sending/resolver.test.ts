/** Look-ups: slow ones take nothing from quick ones. */

import type { LookupAddress } from 'node:dns';
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Resolver } from '../../src/sending/resolver.js';
import { startReceiver } from '../helpers/receiver.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const good: LookupAddress[] = [{ address: '192.0.2.1', family: 4 }];
const better: LookupAddress[] = [{ address: '192.0.2.2', family: 4 }];

/** A system that answers when it is told to. */
function createSystem(threads: number) {
  const asked: string[] = [];
  const answers = new Map<
    string,
    { resolve: (addresses: LookupAddress[]) => void; reject: (error: Error) => void }
  >();
  const ask = (host: string) => {
    asked.push(host);
    return new Promise<LookupAddress[]>((resolve, reject) => answers.set(host, { resolve, reject }));
  };
  const resolver = new Resolver(ask, threads);
  return {
    resolver,
    asked,
    /** What is under way is answered, and everybody has heard of it. */
    answer: async (host: string, outcome: LookupAddress[] | string) => {
      const { resolve, reject } = answers.get(host)!;
      if (typeof outcome === 'string') reject(Object.assign(new Error(outcome), { code: outcome }));
      else resolve(outcome);
      await vi.advanceTimersByTimeAsync(0);
    },
    /** Looks it up, taking so long. */
    lookUp: async (host: string, ms: number) => {
      const addresses = resolver.addressesOf(host);
      await vi.advanceTimersByTimeAsync(ms);
      answers.get(host)!.resolve(good);
      return addresses;
    },
  };
}

it('a name takes one thread, however many ask', async () => {
  const { resolver, asked, answer } = createSystem(2);
  const all = [
    resolver.addressesOf('a.test'),
    resolver.addressesOf('a.test'),
    resolver.addressesOf('a.test'),
  ];
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(['a.test']);
  await answer('a.test', good);
  expect(await Promise.all(all)).toEqual([good, good, good]);
  void resolver.addressesOf('a.test');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(['a.test', 'a.test']);
});

it('names that were slow leave a thread to the others', async () => {
  const { resolver, asked, lookUp, answer } = createSystem(2);
  for (const host of ['slow1.test', 'slow2.test']) await lookUp(host, 5000);
  asked.length = 0;
  for (const host of ['slow1.test', 'slow2.test', 'quick.test']) void resolver.addressesOf(host);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(['slow1.test', 'quick.test']);
  await answer('quick.test', good);
  expect(asked).toEqual(['slow1.test', 'quick.test']);
  await answer('slow1.test', good);
  expect(asked).toEqual(['slow1.test', 'quick.test', 'slow2.test']);
});

it('a name that is slow for the first time counts as slow while it is', async () => {
  const { resolver, asked, lookUp } = createSystem(3);
  await lookUp('slow.test', 5000);
  asked.length = 0;
  void resolver.addressesOf('new1.test');
  void resolver.addressesOf('new2.test');
  await vi.advanceTimersByTimeAsync(2000);
  void resolver.addressesOf('slow.test');
  void resolver.addressesOf('quick.test');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(['new1.test', 'new2.test', 'quick.test']);
});

it('slow names are looked up all the same where there is only one thread', async () => {
  const { resolver, asked, lookUp } = createSystem(1);
  await lookUp('slow.test', 5000);
  void resolver.addressesOf('slow.test');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(['slow.test', 'slow.test']);
});

describe('a name that was found before', () => {
  it('is reached at its old address when DNS takes long, and at its new one when that comes', async () => {
    const { resolver, lookUp, answer } = createSystem(2);
    await lookUp('a.test', 10);
    const found = resolver.addressesOf('a.test');
    await vi.advanceTimersByTimeAsync(500);
    expect(await found).toEqual(good);
    await answer('a.test', better);
    const again = resolver.addressesOf('a.test');
    await vi.advanceTimersByTimeAsync(500);
    expect(await again).toEqual(better);
  });

  it('is reached at its old address when DNS is out of order', async () => {
    const { resolver, lookUp, answer } = createSystem(2);
    await lookUp('a.test', 10);
    const found = resolver.addressesOf('a.test');
    await vi.advanceTimersByTimeAsync(0);
    await answer('a.test', 'EAI_AGAIN');
    expect(await found).toEqual(good);
  });

  it('is gone when DNS says so', async () => {
    const { resolver, lookUp, answer } = createSystem(2);
    await lookUp('a.test', 10);
    const found = resolver.addressesOf('a.test');
    void found.catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
    await answer('a.test', 'ENOTFOUND');
    await expect(found).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('is not reached at an address of more than five minutes ago', async () => {
    const { resolver, lookUp, answer } = createSystem(2);
    await lookUp('a.test', 10);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    const found = resolver.addressesOf('a.test');
    void found.catch(() => {});
    await vi.advanceTimersByTimeAsync(10_000);
    await answer('a.test', 'EAI_AGAIN');
    await expect(found).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  });
});

it('every new connection asks, one that is kept does not', async () => {
  vi.useRealTimers();
  const receiver = await startReceiver();
  let asked = 0;
  const resolver = new Resolver(async () => {
    asked++;
    return [{ address: '127.0.0.1', family: 4 }];
  }, 2);
  const agent = new http.Agent({ lookup: resolver.lookup((_host, addresses) => addresses), keepAlive: true });
  onTestFinished(() => agent.destroy());
  const request = () =>
    new Promise<void>((resolve, reject) => {
      const sent = http.request({ host: 'a.test', port: receiver.port, method: 'POST', agent }, (answer) => {
        answer.resume();
        sent.once('close', resolve);
      });
      sent.on('error', reject).end();
    });
  await request();
  await request();
  expect(asked).toBe(1);
  agent.destroy();
  await request();
  expect(asked).toBe(2);
  expect(receiver.requests).toHaveLength(3);
});
