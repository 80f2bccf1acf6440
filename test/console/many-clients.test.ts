/** Many who ask at once: each is answered, and none of them holds the service up. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { SharedAnswers } from '../../src/console/shared-answers.js';
import { HttpError } from '../../src/http/envelope.js';
import { Turnstile } from '../../src/http/turnstile.js';
import { startConsole } from '../helpers/console.js';
import { quickTarget } from '../helpers/transport.js';

/** Keeps the processor busy. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Counts turns of the event loop until it is told to stop. */
function countTurns() {
  let turns = 0;
  let next = setImmediate(function count() {
    turns++;
    next = setImmediate(count);
  });
  return { now: () => turns, stop: () => clearImmediate(next) };
}

describe('a turnstile', () => {
  it('lets through in a turn of the event loop what takes five milliseconds, and one more', async () => {
    const turnstile = new Turnstile();
    const turns = countTurns();
    const passed: number[] = [];
    const inTurn = new Map<number, number>();
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        await turnstile.pass();
        inTurn.set(turns.now(), (inTurn.get(turns.now()) ?? 0) + 1);
        passed.push(index);
        work(2);
      }),
    );
    turns.stop();
    expect(passed).toEqual(Array.from({ length: 60 }, (_, index) => index));
    // Two milliseconds each: three are more than the five of a turn; those of two turns may be counted as of one.
    expect(Math.max(...inTurn.values())).toBeLessThanOrEqual(6);
  });

  it('lets those who began go on before others begin', async () => {
    const turnstile = new Turnstile();
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await turnstile.pass();
        order.push(`${name} begins`);
        await turnstile.passAgain();
        order.push(`${name} ends`);
      }),
    );
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('tells those who come when too many wait already to come back later', async () => {
    const turnstile = new Turnstile();
    const passes = Array.from({ length: 2100 }, () => turnstile.pass().catch((error: unknown) => error));
    const refused = (await Promise.all(passes)).filter((error) => error !== undefined);
    expect(refused.length).toBeGreaterThan(90);
    expect(refused[0]).toBeInstanceOf(HttpError);
    expect(refused[0]).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    await turnstile.pass();
  });
});

describe('a shared answer', () => {
  it('is made once for all who asked before it was begun, and anew for whoever asks after that', async () => {
    const answers = new SharedAnswers();
    let looks = 0;
    const look = async () => ++looks;
    const [first, second] = [answers.asked(), answers.asked()];
    expect(await answers.get('x', first, look)).toBe(1);
    expect(await answers.get('x', second, look)).toBe(1);
    expect(await answers.get('x', answers.asked(), look)).toBe(2);
    expect(await answers.get('y', first, look)).toBe(3);
  });

  it('that is being made is not made a second time beside it, nor given to those who asked later', async () => {
    const answers = new SharedAnswers();
    const releases: ((value: string) => void)[] = [];
    const make = () => new Promise<string>((resolve) => void releases.push(resolve));
    const early = answers.get('x', answers.asked(), make);
    const late = [1, 2, 3].map(() => answers.get('x', answers.asked(), make));
    await new Promise(setImmediate);
    expect(releases).toHaveLength(1);
    releases[0]?.('before');
    expect(await early).toBe('before');
    await vi.waitFor(() => expect(releases).toHaveLength(2));
    releases[1]?.('after');
    expect(await Promise.all(late)).toEqual(['after', 'after', 'after']);
    expect(releases).toHaveLength(2);
  });

  it('is not older than the question where it is made of another one', async () => {
    const answers = new SharedAnswers();
    let state = 'old';
    const look = (asked: number) => answers.get('look', asked, () => state);
    const first = answers.asked();
    await look(first);
    state = 'new';
    const second = answers.asked();
    expect(await answers.get('whole', first, look)).toBe('new');
    expect(await answers.get('whole', second, look)).toBe('new');
  });

  it('that cannot be made is told to all who wait, and tried again for the next', async () => {
    const answers = new SharedAnswers();
    const asked = [answers.asked(), answers.asked()];
    const failing = () => Promise.reject(new Error('no'));
    await expect(answers.get('x', asked[0] as number, failing)).rejects.toThrow('no');
    await expect(answers.get('x', asked[1] as number, failing)).rejects.toThrow('no');
    expect(await answers.get('x', answers.asked(), () => 'yes')).toBe('yes');
  });

  it('that is never done holds nobody up who asked later', async () => {
    const answers = new SharedAnswers(20);
    void answers.get('x', answers.asked(), () => new Promise(() => {}));
    expect(await answers.get('x', answers.asked(), () => 'done')).toBe('done');
  });
});

/** Asks all in one piece: they arrive in the same instant. Returns the statuses of the answers. */
async function askAtOnce(origin: string, path: string, times: number): Promise<string[]> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const last = 'GET /1.0 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(times) + last);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'end');
  return [...text.matchAll(/^HTTP\/1.1 (\d+)/gm)].map(([, status = '']) => status).slice(0, -1);
}

describe('five hundred questions in one instant', () => {
  const targets = Array.from({ length: 50 }, (_, index) =>
    quickTarget('http://127.0.0.1:9/', { name: `edge-${index}` }),
  );

  it.each(['/1.0/log-targets', '/1.0/log-targets?history=true', '/1.0/log-targets/edge-7'])(
    'are answered with a few looks: %s',
    async (path) => {
      const { origin, transport } = await startConsole({ targets });
      const looks = vi.spyOn(transport, 'status');
      expect(await askAtOnce(origin, path, 500)).toEqual(Array(500).fill('200'));
      expect(looks.mock.calls.length).toBeGreaterThan(0);
      expect(looks.mock.calls.length).toBeLessThan(50);
    },
  );

  it('are answered with a few readings of dead letters, of settings and of metrics', async () => {
    let scrapes = 0;
    const { origin, transport, store } = await startConsole({
      targets,
      metrics: { contentType: 'text/plain', metrics: async () => `scrapes ${++scrapes}\n` },
    });
    const letters = vi.spyOn(transport, 'deadLetters').mockResolvedValue([]);
    const settings = vi.spyOn(store, 'current', 'get');
    for (const path of ['/1.0/log-targets/edge-7/dead-letters', '/1.0/system/settings', '/1.0/metrics']) {
      expect(await askAtOnce(origin, path, 500)).toEqual(Array(500).fill('200'));
    }
    for (const calls of [letters.mock.calls.length, settings.mock.calls.length, scrapes]) {
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThan(50);
    }
  });
});

it('who is one listener too many is told when to come back', async () => {
  const accept = { accept: 'text/event-stream' };
  const first = new AbortController();
  const { origin } = await startConsole({ maxListeners: 1 });
  const listening = await fetch(`${origin}/1.0/events`, { headers: accept, signal: first.signal });
  expect(listening.status).toBe(200);
  const refused = await fetch(`${origin}/1.0/events`, { headers: accept });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  first.abort();
});
