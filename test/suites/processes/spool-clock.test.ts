/** A wall clock that jumps an hour, while the service runs or between two runs of it. */

import { describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../helpers/receiver.js';
import { eventually, numbers, spoolDirectory } from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { quickTarget } from '../../helpers/transport.js';

const hourMs = 60 * 60 * 1000;
const halfAnHourMs = hourMs / 2;

/** Answers 503, and asks for `seconds` of patience with the first answer. */
async function startReceiverThatAsksForPatience(seconds: number): Promise<Receiver> {
  return await startReceiver((_request, response) => {
    response.writeHead(503, { 'retry-after': String(seconds) }).end();
  });
}

describe.each([
  ['forward', hourMs],
  ['back', -hourMs],
])('a clock that jumps an hour %s', (_name, offsetMs) => {
  it('while the service runs expires nothing early and stalls nothing', async () => {
    const receiver = await startReceiver(503);
    const service = startService({
      targets: [quickTarget(receiver.address)],
      spool: { directory: spoolDirectory(), maxAge: halfAnHourMs },
    });
    await service.call('ready');
    await service.call('log', { first: 1, last: 50 });
    expect(await service.call('lifecycle', { action: '51' })).toMatchObject({ durable: true });
    await service.call('clock', { offsetMs });
    await service.call('log', { first: 52, last: 100 });
    expect(await service.call('lifecycle', { action: '101' })).toMatchObject({ durable: true });
    const tried = receiver.requests.length;
    await receiver.untilRequests(tried + 1);
    receiver.answer = 200;
    await eventually(() => expect(receiver.names()).toEqual(numbers(1, 101)));
    expect((await service.call('status')).targets[0]).toMatchObject({
      accepted: 101,
      delivered: 101,
      dropped: {},
    });
  });

  it('and back again expires nothing either', async () => {
    const receiver = await startReceiver(503);
    const service = startService({
      targets: [quickTarget(receiver.address)],
      spool: { directory: spoolDirectory(), maxAge: halfAnHourMs },
    });
    await service.call('ready');
    for (const [index, offset] of [0, offsetMs, 0].entries()) {
      await service.call('clock', { offsetMs: offset });
      await service.call('log', { first: 10 * index + 1, last: 10 * index + 9 });
      const receipt = await service.call('lifecycle', { action: String(10 * index + 10) });
      expect(receipt).toMatchObject({ durable: true });
      await receiver.untilRequests(receiver.requests.length + 1);
    }
    receiver.answer = 200;
    await eventually(() => expect(receiver.names()).toEqual(numbers(1, 30)));
  });

  it('between two runs keeps the order and delays nothing', async () => {
    const receiver = await startReceiverThatAsksForPatience(2);
    const options = { targets: [quickTarget(receiver.address)], spool: { directory: spoolDirectory() } };
    const first = startService(options);
    await first.call('ready');
    await first.call('log', { first: 1, last: 50 });
    await first.call('lifecycle', { action: '51' });
    await receiver.untilRequests(1);
    await eventually(async () => {
      expect((await first.call('status')).targets[0]?.nextAttemptAt).toBeDefined();
    });
    await first.kill();

    receiver.answer = 200;
    const second = startService(options, offsetMs);
    await second.call('ready');
    await second.call('log', { first: 52, last: 100 });
    expect(await second.call('lifecycle', { action: '101' })).toMatchObject({ durable: true });
    // Two seconds of patience stay two, even when their end by the old clock is an hour ahead.
    await eventually(() => expect(receiver.names()).toEqual(numbers(1, 101)));
    expect((await second.call('status')).targets[0]).toMatchObject({ delivered: 101, dropped: {} });
  });
});
