/** Reloads while events flow and while requests hang. */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SettingsError } from '../../src/index.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

const none = { added: [], removed: [], changed: [], unchanged: [] };

describe('reload', () => {
  it('says which targets were added, removed, changed and left alone, by meaning', async () => {
    const receiver = await startReceiver();
    const { transport, reports } = createTestTransport([
      quickTarget(receiver.address, { name: 'a', retry_timeout: '10s' }),
      quickTarget(receiver.address, { name: 'b' }),
      quickTarget(receiver.address, { name: 'c' }),
    ]);
    const result = transport.reload([
      quickTarget(receiver.address, {
        name: 'a',
        level: 'debug',
        retry_timeout: '10000ms',
        scopes: ['logging', 'lifecycle'],
        retry_count: 0,
        enabled: true,
      }),
      quickTarget(receiver.address, { name: 'b', level: 'ERROR' }),
      quickTarget(receiver.address, { name: 'd' }),
    ]);
    expect(result).toEqual({ added: ['d'], removed: ['c'], changed: ['b'], unchanged: ['a'] });
    await immediate();
    expect(reports).toContainEqual({ type: 'reloaded', ...result });
  });

  it('changes nothing when any target is wrong, and reports that', async () => {
    const receiver = await startReceiver();
    const target = quickTarget(receiver.address);
    const { transport, report, warnings } = createTestTransport([target]);
    const wrong = [
      { ...target, level: 'ERROR' as const },
      { ...target, name: 'b', retry_count: -1 },
    ];
    expect(() => transport.reload(wrong)).toThrow(SettingsError);
    expect((await report('reloadRejected')).problems).toHaveLength(1);
    expect(warnings).toHaveLength(1);
    expect(transport.level).toBe('silly');
    expect(transport.reload([target])).toEqual({ ...none, unchanged: ['siem'] });
  });

  it('keeps the connection, queue and retry state of an unchanged target', async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const target = quickTarget(receiver.address);
    const { transport, logger } = createTestTransport([target]);
    for (let round = 0; round < 5; round++) {
      logger.error(`m${round}`);
      await transport.flush();
      transport.reload([target, quickTarget(other.address, { name: `other${round}` })]);
    }
    expect(receiver.requests).toHaveLength(5);
    expect(receiver.connections).toBe(1);
  });

  it('lets a changed target keep its queue and use the new settings from the next attempt on', async () => {
    const [before, after] = [await startReceiver(503), await startReceiver()];
    const target = quickTarget(before.address, { retry_timeout: '1h' });
    const { transport, logger, report } = createTestTransport([target]);
    logger.error('one');
    await report('batchRetried');
    logger.error('two');
    transport.reload([{ ...target, address: after.address }]);
    await transport.flush({ timeoutMs: 30_000 });
    expect(after.names()).toEqual(['one', 'two']);
    expect(after.requests[0]?.body).toBe(before.requests[0]?.body);
    expect(after.requests[0]?.headers['webhook-id']).toBe(before.requests[0]?.headers['webhook-id']);
  });

  it('tries a changed target that is down at once', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, { retry_timeout: '1h', retry_count: 1 });
    const { transport, logger, report } = createTestTransport([target]);
    logger.error('one');
    await report('targetDown');
    receiver.answer = 200;
    transport.reload([{ ...target, level: 'INFO' }]);
    await report('targetUp');
    expect(statusOf(transport)).toMatchObject({ delivered: 1, state: 'idle' });
  });

  it('gives refused events another chance under the new settings', async () => {
    const receiver = await startReceiver((request, response) => {
      response.writeHead(request.url === '/wrong' ? 400 : 200).end();
    });
    const target = quickTarget(receiver.address, { batch_size: 1 });
    const { transport, logger } = createTestTransport([
      { ...target, address: new URL('/wrong', receiver.address).href },
    ]);
    for (const name of ['a', 'b', 'c']) logger.error(name);
    await receiver.untilRequests(3);
    transport.reload([target]);
    logger.error('d');
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each(['1h', '0s'])(
    'applies a new batch_wait to events that wait already (before: %s)',
    async (batch_wait) => {
      let release = () => {};
      const receiver = await startReceiver((_request, response, index) => {
        if (index > 0) response.writeHead(200).end();
        else release = () => response.writeHead(200).end();
      });
      const target = quickTarget(receiver.address);
      const { transport, logger } = createTestTransport([{ ...target, batch_wait }]);
      logger.error('one');
      if (batch_wait === '0s') await receiver.untilRequests(1);
      logger.error('two');
      transport.reload([{ ...target, batch_wait: '20ms' }]);
      await receiver.untilRequests(1);
      release();
      await receiver.until(() => receiver.names().length === 2);
      expect(receiver.names()).toEqual(['one', 'two']);
    },
  );

  it('during the end does not make the end give up', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, { retry_timeout: '1h', retry_count: 1 });
    const { transport, logger, report } = createTestTransport([target], { shutdownTimeoutMs: 10_000 });
    logger.error('one');
    await report('targetDown');
    const finished = once(transport, 'finish');
    transport.end();
    await receiver.untilRequests(2);
    transport.reload([{ ...target, level: 'INFO' }]);
    await receiver.untilRequests(3);
    receiver.answer = 200;
    await finished;
    expect(receiver.names()).toEqual(['one']);
  });

  it('returns at once while every old target hangs, and loses nothing', async () => {
    const held: ServerResponse[] = [];
    const hanging = await startReceiver((_request, response) => void held.push(response));
    const receiver = await startReceiver();
    const targets = ['a', 'b', 'c'].map((name) => quickTarget(hanging.address, { name }));
    const { transport, logger } = createTestTransport(targets, { shutdownTimeoutMs: 10_000 });
    logger.error('one');
    await hanging.untilRequests(3);
    logger.error('two');
    // Whatever it did, it was done before anything was answered.
    transport.reload([
      ...targets.map((target) => ({ ...target, address: receiver.address })),
      quickTarget(receiver.address, { name: 'new' }),
    ]);
    logger.error('three');
    for (const response of held) response.writeHead(503).end();
    await transport.flush({ timeoutMs: 30_000 });
    for (const name of ['a', 'b', 'c'])
      expect(statusOf(transport, name)).toMatchObject({ delivered: 3, dropped: {} });
    expect(statusOf(transport, 'new')).toMatchObject({ delivered: 1 });
    expect(receiver.names().sort()).toEqual([
      ...Array(3).fill('one'),
      ...Array(4).fill('three'),
      ...Array(3).fill('two'),
    ]);
  });

  it('starts an added target and lets transport.level follow', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([], {}, { level: 'error' });
    expect(transport.level).toBe('error');
    transport.reload([quickTarget(receiver.address, { level: 'INFO' })]);
    expect(transport.level).toBe('http');
    logger.info('one');
    logger.debug('no');
    transport.reload([quickTarget(receiver.address, { level: 'DEBUG' })]);
    logger.debug('two');
    await transport.flush();
    expect(receiver.names()).toEqual(['one', 'two']);
  });
});

describe('a removed target', () => {
  it('drains without holding anything up, and is part of flush', async () => {
    let release = () => {};
    const receiver = await startReceiver((_request, response) => {
      release = () => response.writeHead(200).end();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 10_000,
    });
    logger.error('one');
    await receiver.untilRequests(1);
    expect(transport.reload([])).toEqual({ ...none, removed: ['siem'] });
    logger.error('not for it');
    expect(statusOf(transport)).toMatchObject({ state: 'draining', accepted: 1, pending: { events: 1 } });
    const flushed = transport.flush();
    release();
    expect(await flushed).toEqual({ delivered: true, pending: 0 });
    expect(transport.status().targets).toEqual([]);
  });

  it('is dropped as target-removed when its time is up', async () => {
    const receiver = await startReceiver(503);
    const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 100,
    });
    logger.error('one');
    transport.reload([]);
    expect(await report('eventsDropped')).toMatchObject({
      target: 'siem',
      events: 1,
      reason: 'target-removed',
    });
    expect(transport.status().targets).toEqual([]);
  });

  it('that comes back meanwhile takes its queue over, in order', async () => {
    const [before, after] = [await startReceiver(503), await startReceiver()];
    const { transport, logger, report } = createTestTransport([quickTarget(before.address)], {
      shutdownTimeoutMs: 10_000,
    });
    logger.error('one');
    await report('batchRetried');
    logger.error('two');
    transport.reload([]);
    logger.error('not for it');
    expect(transport.reload([quickTarget(after.address)])).toEqual({ ...none, added: ['siem'] });
    logger.error('three');
    await transport.flush({ timeoutMs: 30_000 });
    expect(after.names()).toEqual(['one', 'two', 'three']);
    expect(statusOf(transport)).toMatchObject({ accepted: 3, delivered: 3, state: 'idle' });
  });
});

describe('enabled: false', () => {
  it('keeps the queue, sends and accepts nothing', async () => {
    let release = () => {};
    const receiver = await startReceiver((_request, response, index) => {
      release = () => response.writeHead(index === 0 ? 503 : 200).end();
    });
    const target = quickTarget(receiver.address);
    const { transport, logger } = createTestTransport([target]);
    logger.error('one');
    await receiver.untilRequests(1);
    transport.reload([{ ...target, enabled: false }]);
    release();
    logger.error('not for it');
    await transport.flush({ timeoutMs: 50 });
    expect(statusOf(transport)).toMatchObject({
      state: 'disabled',
      accepted: 1,
      pending: { events: 1 },
      attempts: 1,
    });
    receiver.answer = 200;
    transport.reload([target]);
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['one']);
  });
});

it('100 reloads under 2,000 events/s to four targets: exact, in order, nothing twice, and the unchanged target keeps its connection', async () => {
  const receivers = await Promise.all(Array.from({ length: 4 }, () => startReceiver()));
  const spare = await startReceiver();
  const targets = receivers.map((receiver, index) => quickTarget(receiver.address, { name: `t${index}` }));
  const { transport, logger } = createTestTransport(targets, { shutdownTimeoutMs: 10_000 });
  let sent = 0;
  await new Promise<void>((resolve) => {
    let reloads = 0;
    const timer = setInterval(() => {
      for (let index = 0; index < 20; index++) logger.error(String(sent++));
      const batch_size = 1 + (reloads % 50);
      transport.reload([
        targets[0]!,
        { ...targets[1]!, batch_size },
        {
          ...targets[2]!,
          level: reloads % 2 ? 'DEBUG' : 'INFO',
          body_format: reloads % 3 ? 'array' : 'ndjson',
        },
        ...(reloads % 2 ? [] : [quickTarget(spare.address, { name: 'spare' })]),
        { ...targets[3]!, compression: reloads % 2 ? 'gzip' : 'none' },
      ]);
      if (++reloads < 100) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
  await transport.flush({ timeoutMs: 30_000 });
  const expected = Array.from({ length: 2000 }, (_, index) => String(index));
  for (const receiver of receivers) expect(receiver.names()).toEqual(expected);
  expect(receivers[0]?.connections).toBe(1);
  expectConservation(transport);
});
