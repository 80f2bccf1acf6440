/** What becomes of a target, told to the others. */

import { describe, expect, it, vi } from 'vitest';
import { EventTransport } from '../../src/index.js';
import { type Receiver, startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

/** Operator events that arrived, as `action reason`. */
function told(receiver: Receiver) {
  return receiver
    .events()
    .filter(({ metadata }) => metadata.action?.startsWith('log-target-'))
    .map(({ metadata }) => ({
      action: metadata.action,
      entities: metadata.entities,
      context: metadata.context,
    }));
}

async function startTwo(answer: number, settings: object = {}, options: object = {}) {
  const [siem, audit] = [await startReceiver(answer), await startReceiver()];
  const test = createTestTransport(
    [
      quickTarget(siem.address, { retry_timeout: '1h', ...settings }),
      quickTarget(audit.address, { name: 'audit', scopes: ['lifecycle'] }),
    ],
    { operatorEvents: true, ...options },
  );
  return { siem, audit, ...test };
}

describe('operator events', () => {
  it('tell the others that a target is down, and that it has recovered', async () => {
    const { siem, audit, logger, transport, report } = await startTwo(401);
    logger.info('one');
    await report('targetDown');
    await eventually(() =>
      expect(told(audit)).toEqual([
        {
          action: 'log-target-down',
          entities: ['/1.0/log-targets/siem'],
          context: { code: 'HTTP_401', reason: 'the receiver answered 401 Unauthorized', events: '1' },
        },
      ]),
    );
    siem.answer = 200;
    transport.reload([
      quickTarget(siem.address, { level: 'INFO' }),
      quickTarget(audit.address, { name: 'audit', scopes: ['lifecycle'] }),
    ]);
    await eventually(() =>
      expect(told(audit).map(({ action }) => action)).toEqual(['log-target-down', 'log-target-recovered']),
    );
    await transport.flush();
    expect(told(siem)).toEqual([]);
  });

  it('tell of a 410', async () => {
    const { audit, logger } = await startTwo(410);
    logger.info('one');
    await eventually(() =>
      expect(told(audit)).toMatchObject([
        { action: 'log-target-disabled', context: { code: 'HTTP_410', events: '1' } },
      ]),
    );
  });

  it('tell of drops once a minute, with all that were dropped meanwhile', async () => {
    const { audit, logger, report } = await startTwo(401, {}, { memory: { maxEvents: 2 } });
    logger.info('one');
    await report('targetDown');
    await eventually(() => expect(told(audit)).toHaveLength(1));
    for (let index = 0; index < 20; index++) logger.info(`record ${index}`);
    await eventually(() =>
      expect(told(audit)).toMatchObject([
        {},
        { action: 'log-target-dropping', context: { code: 'EVENTS_DROPPED', reason: 'queue-full' } },
      ]),
    );
    for (let index = 0; index < 20; index++) logger.info(`record ${index}`);
    await report('eventsDropped', ({ target }) => target === 'siem');
    expect(told(audit)).toHaveLength(2);
  });

  it('are part of every catalog, and of none of the transports that do not want them', async () => {
    const { audit, logger, report, transport } = await startTwo(
      401,
      {},
      { operatorEvents: false, catalog: { name: 'none', actions: {} } },
    );
    logger.info('one');
    await report('targetDown');
    await transport.lifecycle('log-target-down' as never);
    await eventually(() => expect(audit.names()).toEqual(['log-target-down']));
    expect(() => transport.lifecycle('something-else' as never)).toThrow(TypeError);
    expect(() => new EventTransport({ operatorEvents: 'yes' as never })).toThrow(/`operatorEvents`/);
  });

  it('go to nobody where there is one target only', async () => {
    const receiver = await startReceiver(401);
    const { logger, report, transport } = createTestTransport(
      [quickTarget(receiver.address, { retry_timeout: '1h' })],
      { operatorEvents: true },
    );
    logger.info('one');
    await report('targetDown');
    await vi.waitFor(() => expect(transport.status().accepted).toBe(1));
  });
});
