/** Events that a receiver will never take are told of, and nobody is told that they were delivered. */

import { describe, expect, it } from 'vitest';
import { parseEvents, startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, spoolDirectory } from '../helpers/spool.js';
import { createTestTransport, expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

/** Refuses every request with an event whose message begins with `bad`. */
const picky = () =>
  startReceiver((request, response) => {
    const isBad = parseEvents(request).some(({ metadata }) => metadata.message?.startsWith('bad'));
    response.writeHead(isBad ? 422 : 200).end(isBad ? 'the field\n"colour" is  missing' : '');
  });

describe('an event that is refused', () => {
  it('is reported and warned of with status and answer; with a spool it is a dead letter', async () => {
    const receiver = await picky();
    const { transport, logger, reports, warnings } = createSpooledTransport([quickTarget(receiver.address)], {
      directory: spoolDirectory(),
    });
    for (const text of ['good 1', 'bad', 'good 2']) logger.error(text);
    await eventually(() => expect(statusOf(transport)).toMatchObject({ delivered: 2, dead: 1 }));
    const refused = {
      type: 'eventsRefused',
      target: 'siem',
      events: 1,
      dead: 1,
      status: 422,
      response: 'the field\n"colour" is  missing',
    };
    await eventually(() => expect(reports.filter(({ type }) => type === 'eventsRefused')).toEqual([refused]));
    expect(
      warnings.filter((warning) => 'code' in warning && warning.code === 'EVENTS_REFUSED'),
    ).toMatchObject([
      {
        message:
          'Log target `siem` refused 1 event (422 the field "colour" is missing); kept as dead letters: see `deadLetters(\'siem\')`',
      },
    ]);
  });

  it('is dropped without one, and said to be', async () => {
    const receiver = await picky();
    const { transport, logger, report, warnings } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('bad');
    expect(await report('eventsRefused')).toMatchObject({ events: 1, dead: 0, status: 422 });
    await eventually(() =>
      expect(warnings).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('dropped, since there is no spool') }),
      ),
    );
    expect(statusOf(transport)).toMatchObject({ dropped: { rejected: 1 } });
  });
});

describe('flush says that not all was delivered', () => {
  it.each([
    ['refused, dead letters', true],
    ['refused, dropped', false],
  ])('when an event was %s before the call, once', async (_name, hasSpool) => {
    const receiver = await picky();
    const targets = [quickTarget(receiver.address)];
    const { transport, logger, report } = hasSpool
      ? createSpooledTransport(targets, { directory: spoolDirectory() })
      : createTestTransport(targets);
    logger.error('bad');
    await report('eventsRefused');
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: false, pending: 0 });
    logger.error('good');
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
    expectConservation(transport);
  });

  it('when one is refused meanwhile, and only to those who waited for it', async () => {
    const receiver = await picky();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('good');
    const before = transport.flush({ timeoutMs: 30_000 });
    logger.error('bad');
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: false, pending: 0 });
    expect(await before).toEqual({ delivered: true, pending: 0 });
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
  });

  it('when the queue was full', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      memory: { maxEvents: 2 },
    });
    for (const text of ['1', '2', '3']) logger.error(text);
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: false, pending: 0 });
    expect(statusOf(transport)).toMatchObject({ delivered: 2, dropped: { 'queue-full': 1 } });
  });
});
