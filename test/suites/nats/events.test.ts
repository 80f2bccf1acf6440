import type { NatsConnection } from '@nats-io/transport-node';
import { expect, it, onTestFinished } from 'vitest';
import type { EventTransport } from '../../../src/index.js';
import { shareEvents } from '../../../src/nats/index.js';
import { startStream } from '../../helpers/event-stream.js';
import { type NatsServer, startNats } from '../../helpers/nats.js';
import { describeWith } from '../../helpers/programs.js';
import { startReceiver } from '../../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../../helpers/transport.js';

/** A member with an event stream, its events shared. */
async function join(nats: NatsServer, location: string) {
  const connection = await nats.connect();
  const member = await startStream({ transportOptions: { location } });
  const shared = shareEvents({ transport: member.transport, connection });
  onTestFinished(() => shared.close());
  return { ...member, shared, connection };
}

/** Everything that is published on the subject of the events. */
async function overhear(
  nats: NatsServer,
): Promise<{ readonly texts: string[]; readonly connection: NatsConnection }> {
  const connection = await nats.connect();
  const texts: string[] = [];
  connection.subscribe('log-targets.events', {
    callback: (_error, message) => void texts.push(message.string()),
  });
  await connection.flush();
  return { texts, connection };
}

/** Whether members know that somebody listens: they ask their tap for these events then. */
async function untilShared(...transports: EventTransport[]): Promise<void> {
  await expect.poll(() => transports.map(({ level }) => level)).toEqual(transports.map(() => 'silly'));
}

describeWith('nats-server')('events shared over NATS', () => {
  it('reach a listener at one member once from every member, with its location', async () => {
    const nats = await startNats();
    const members = await Promise.all(['m1', 'm2', 'm3'].map((location) => join(nats, location)));
    const [first] = members;
    const listener = await first!.listen();
    await untilShared(...members.map(({ transport }) => transport));
    for (const { logger, transport } of members) {
      logger.info('here');
      await transport.lifecycle('batch-started', { entities: ['/1.0/batches/b1'] });
    }
    await listener.until(6);
    const heard = listener.events().map(({ location, type }) => `${location} ${type}`);
    expect(heard.sort()).toEqual(
      ['m1', 'm2', 'm3'].flatMap((location) => [`${location} lifecycle`, `${location} logging`]),
    );
    await Promise.all(members.map(({ connection }) => connection.flush()));
    expect(listener.texts).toHaveLength(6);
  });

  it('are in the order in which their member recorded them', async () => {
    const nats = await startNats();
    const [here, there] = [await join(nats, 'here'), await join(nats, 'there')];
    const listener = await here.listen();
    await untilShared(there.transport);
    for (let index = 0; index < 2000; index++) there.logger.info(String(index));
    await listener.until(2000);
    expect(listener.names()).toEqual(Array.from({ length: 2000 }, (_, index) => String(index)));
  });

  it('are not published while nobody listens, nor of a type that nobody listens to', async () => {
    const nats = await startNats();
    const [here, there] = [await join(nats, 'here'), await join(nats, 'there')];
    const { texts, connection } = await overhear(nats);
    there.logger.info('unheard');
    await there.connection.flush();
    await connection.flush();
    expect(texts).toEqual([]);

    const listener = await here.listen('/1.0/events?type=lifecycle');
    await expect
      .poll(async () => {
        await there.transport.lifecycle('batch-started');
        return texts.length;
      })
      .toBeGreaterThan(0);
    there.logger.info('still unheard');
    await there.transport.lifecycle('batch-stopped');
    await expect.poll(() => texts.join().includes('batch-stopped')).toBe(true);
    expect(texts.join()).not.toContain('unheard');

    listener.webSocket.close();
    await expect
      .poll(async () => {
        const before = texts.length;
        await there.transport.lifecycle('batch-started');
        await there.connection.flush();
        await connection.flush();
        return texts.length - before;
      })
      .toBe(0);
  });

  it('are heard from members that join later, and from all again after NATS was away', async () => {
    const nats = await startNats();
    const here = await join(nats, 'here');
    const listener = await here.listen();
    const late = await join(nats, 'late');
    await untilShared(late.transport);
    late.logger.info('from a latecomer');
    await listener.until(1);
    await nats.kill();
    late.logger.info('lost: nobody promised it');
    await nats.start();
    await expect
      .poll(() => {
        late.logger.info('heard again');
        return listener.names().includes('heard again');
      })
      .toBe(true);
  });

  it('cannot be forged into something that harms a listener', async () => {
    const nats = await startNats();
    const [here, there] = [await join(nats, 'here'), await join(nats, 'there')];
    const listener = await here.listen();
    await untilShared(there.transport);
    const { connection } = await overhear(nats);
    for (const text of [
      'garbage',
      'null',
      '{"member":"x","events":{}}',
      '{"member":"x","events":[null,1,{"type":"logging"},{"type":"lifecycle","time":"t","action":1,"entities":[]}]}',
      '{"member":"x","events":[{"type":"operation","time":"t"},{"type":"__proto__","time":"t"}]}',
    ]) {
      connection.publish('log-targets.events', text);
      connection.publish('log-targets.events.wanted', text);
    }
    await connection.flush();
    there.logger.info('still here');
    await listener.until(1);
    expect(listener.names()).toEqual(['still here']);
  });

  it('hold up neither log calls nor deliveries while NATS is frozen', async () => {
    const nats = await startNats();
    const receiver = await startReceiver();
    const [here, there] = [await join(nats, 'here'), await join(nats, 'there')];
    await here.listen();
    await untilShared(there.transport);
    there.transport.reload([quickTarget(receiver.address)]);
    nats.freeze();
    try {
      for (let index = 0; index < 50_000; index++) {
        there.logger.info(`record ${index} ${'x'.repeat(200)}`);
        if (index % 1000 === 0) await new Promise(setImmediate);
      }
      expect(await there.transport.flush()).toEqual({ delivered: true, pending: 0 });
    } finally {
      nats.thaw();
    }
    expect(receiver.names()).toHaveLength(50_000);
  });

  it('end with close(), for this member only', async () => {
    const nats = await startNats();
    const [here, there, third] = [
      await join(nats, 'here'),
      await join(nats, 'there'),
      await join(nats, 'third'),
    ];
    const listener = await here.listen();
    await untilShared(there.transport, third.transport);
    await there.shared.close();
    there.logger.info('not shared');
    third.logger.info('shared');
    await listener.until(1);
    expect(listener.names()).toEqual(['shared']);
  });

  it('harm nobody while their connection is drained in the middle of things', async () => {
    const nats = await startNats();
    const [here, there] = [await join(nats, 'here'), await join(nats, 'there')];
    await here.listen();
    await untilShared(there.transport);
    const drained = [here, there].map(({ connection }) => connection.drain());
    let isOver = false;
    void Promise.all(drained).then(() => {
      isOver = true;
    });
    // In each turn of the event loop something is to be published, until there is no connection any more.
    while (!isOver) {
      there.logger.info('too late');
      await new Promise(setImmediate);
    }
    there.logger.info('later still');
    await Promise.all([here.transport.shutdown(), there.transport.shutdown()]);
  });

  it('end with the connection: listeners come as before, and nothing is gathered for members', async () => {
    const nats = await startNats();
    const [here, there] = [await join(nats, 'here'), await join(nats, 'there')];
    const listener = await here.listen();
    await untilShared(there.transport);
    await there.connection.close();
    await expect.poll(() => there.transport.level).not.toBe('silly');
    listener.webSocket.close();
    await listener.closed;
    await here.connection.close();
    const late = await here.listen();
    here.logger.info('heard here');
    await late.until(1);
    late.webSocket.close();
    await late.closed;
    await expect.poll(() => here.transport.level).not.toBe('silly');
  });

  it('are ended in time also while NATS is frozen', async () => {
    const nats = await startNats();
    const here = await join(nats, 'here');
    await here.listen();
    nats.freeze();
    try {
      await here.shared.close();
    } finally {
      nats.thaw();
    }
  });

  it('are of an EventTransport only, by a connection, and on a subject that can be published on', async () => {
    const connection = new Promise<never>(() => {});
    expect(() => shareEvents({ transport: {}, connection })).toThrow(
      new TypeError('Expected `transport` to be an EventTransport, got an object'),
    );
    const { transport } = createTestTransport();
    for (const wrong of [undefined, null, {}, 'nats://127.0.0.1']) {
      expect(() => shareEvents({ transport, connection: wrong as unknown as NatsConnection })).toThrow(
        new TypeError('Expected `connection` to be what `connect()` of `@nats-io/transport-node` returns'),
      );
    }
    for (const subject of ['', 'log targets', 'log-targets.*', 'log-targets.>', '.events']) {
      expect(() => shareEvents({ transport, connection, subject })).toThrow(
        new TypeError(`Expected \`subject\` to be a subject of NATS, without wildcards, got \`${subject}\``),
      );
    }
  });
});
