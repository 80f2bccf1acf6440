/** A service with a spool that is killed while Elasticsearch has taken a part of a batch and nobody has heard of it. */

import { expect, it } from 'vitest';
import { type Received, startReceiver } from '../../helpers/receiver.js';
import { eventually, spoolDirectory } from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { quickTarget } from '../../helpers/transport.js';

interface Item {
  readonly id: string;
  readonly message: string;
}

function itemsIn({ body }: Received): Item[] {
  const lines = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.flatMap((action, index) =>
    index % 2 === 0 ? [{ id: action.create._id, message: lines[index + 1].message }] : [],
  );
}

it('every event is there once, under its id', { timeout: 120_000 }, async () => {
  /** What `create` has made. */
  const documents = new Map<string, string>();
  let conflicts = 0;
  let isHolding = false;
  const server = await startReceiver((request, response, index) => {
    const items = itemsIn(request).map(({ id, message }, place) => {
      // Of some batches it takes only a part, for now.
      if (index % 3 === 0 && place % 4 === 3) {
        return {
          create: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'busy' } },
        };
      }
      if (documents.has(id)) {
        conflicts++;
        return { create: { status: 409, error: { type: 'version_conflict_engine_exception', reason: id } } };
      }
      documents.set(id, message);
      return { create: { _id: id, status: 201 } };
    });
    if (isHolding) return; // Taken, but the answer never comes.
    const errors = items.some(({ create }) => create.status !== 201);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ took: 1, errors, items }));
  });
  const options = {
    targets: [
      quickTarget(server.address, {
        event_format: 'elasticsearch',
        format_options: { index: 'logs' },
        batch_size: 20,
        retry_timeout: '10ms',
      }),
    ],
    spool: { directory: spoolDirectory() },
  };

  const lives = 4;
  const count = 100;
  for (let life = 0; life < lives; life++) {
    isHolding = false;
    const service = startService(options);
    expect(await service.call('ready')).not.toHaveProperty('error');
    await service.call('log', { first: life * count, last: life * count + count / 2 - 1 });
    await service.call('flush', { timeoutMs: 20_000 });
    const before = server.requests.length;
    isHolding = true;
    await service.call('log', { first: life * count + count / 2, last: (life + 1) * count - 1 });
    // On disk, as an awaited audit event behind it is; and a request of them has been taken.
    expect(await service.call('lifecycle', { action: `life-${life}` })).toMatchObject({ durable: true });
    await server.untilRequests(before + 1);
    await service.kill();
  }

  isHolding = false;
  const last = startService(options);
  expect(await last.call('ready')).not.toHaveProperty('error');
  const target = await eventually(async () => {
    const { targets } = await last.call('status');
    expect(targets[0]?.pending.events).toBe(0);
    return targets[0];
  });
  expect(target).toMatchObject({ dropped: {}, dead: 0, accepted: target?.delivered });
  const messages = [...documents.values()];
  const logged = Array.from({ length: lives * count }, (_, number) => String(number));
  const audits = Array.from({ length: lives }, (_, life) => `life-${life}`);
  expect(messages.toSorted()).toEqual([...logged, ...audits].toSorted());
  expect(conflicts).toBeGreaterThan(0);
});
