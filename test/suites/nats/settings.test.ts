import { statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSettingsHandler, SettingsError } from '../../../src/index.js';
import { NatsSettings, type NatsSettingsOptions } from '../../../src/nats/index.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { type NatsServer, startNats } from '../../helpers/nats.js';
import { describeWith } from '../../helpers/programs.js';
import { startReceiver } from '../../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../../helpers/transport.js';

async function open(nats: NatsServer, options: Partial<NatsSettingsOptions> = {}): Promise<NatsSettings> {
  const settings = await NatsSettings.open({ connection: await nats.connect(), ...options });
  onTestFinished(() => settings.close());
  return settings;
}

/**
 * Members of a fleet that is not new: the first has made the bucket. Of two that make it in the same moment servers of
 * NATS 2.9 may answer neither, and nothing about that bucket afterwards.
 */
async function openAll(nats: NatsServer, count: number): Promise<NatsSettings[]> {
  const first = await open(nats);
  return [first, ...(await Promise.all(Array.from({ length: count - 1 }, () => open(nats))))];
}

/** Settings that are told apart by a number. */
const numbered = (number: number) => ({
  log_targets: [{ name: `t${number}`, address: 'https://siem.example.com', password: `secret-${number}` }],
});
const numberOf = ({ current }: NatsSettings) => Number(current.log_targets[0]?.name.slice(1) ?? -1);

async function bucketOf(connection: NatsConnection) {
  return new Kvm(connection).open('log-targets');
}

describeWith('nats-server')('settings in NATS', () => {
  it('begin with the defaults, and are the same for all members from then on', async () => {
    const nats = await startNats();
    const members = await openAll(nats, 5);
    expect(members.map(({ current }) => current.log_targets)).toEqual([[], [], [], [], []]);
    expect(new Set(members.map(({ revision }) => revision)).size).toBe(1);
  });

  it('reach all five members when one of them is changed', async () => {
    const nats = await startNats();
    const members = await openAll(nats, 5);
    const changed = members.map((member) => new Promise((resolve) => member.subscribe(resolve)));
    const startedAt = performance.now();
    await members[0]?.change(numbered(1));
    await Promise.all(changed);
    console.log(`five members ran a change after ${Math.round(performance.now() - startedAt)} ms`);
    expect(members.map(numberOf)).toEqual([1, 1, 1, 1, 1]);
    await expect.poll(() => new Set(members.map(({ revision }) => revision)).size).toBe(1);
  });

  it('let exactly one of two operators win, in each of a hundred races', async () => {
    const nats = await startNats();
    const [one, two] = (await openAll(nats, 2)) as [NatsSettings, NatsSettings];
    for (let race = 0; race < 100; race++) {
      await expect.poll(() => one.revision === two.revision, { interval: 5 }).toBe(true);
      const expectedRevision = one.revision;
      const results = await Promise.allSettled([
        one.change(numbered(2 * race), { expectedRevision }),
        two.change(numbered(2 * race + 1), { expectedRevision }),
      ]);
      const losers = results.filter(({ status }) => status === 'rejected');
      expect(losers).toMatchObject([{ reason: { code: 'SETTINGS_CONFLICT' } }]);
      const winner = 2 * race + (results[0].status === 'fulfilled' ? 0 : 1);
      await expect.poll(() => [one, two].map(numberOf), { interval: 5 }).toEqual([winner, winner]);
    }
  });

  it('converge on the last of 200 changes while members and NATS restart, and nobody runs what nobody wrote', async () => {
    const nats = await startNats();
    await openAll(nats, 1);
    const connections = await Promise.all([1, 2, 3, 4, 5].map(() => nats.connect()));
    const members = await Promise.all(connections.map((connection) => NatsSettings.open({ connection })));
    onTestFinished(async () => void (await Promise.all(members.map((member) => member.close()))));
    const ran = new Set<number>();
    const follow = (member: NatsSettings) => member.subscribe(() => ran.add(numberOf(member)));
    members.forEach(follow);
    const written = new Set<number>([-1]);
    for (let number = 0; number < 200; number++) {
      const index = number % members.length;
      if (number % 40 === 20) {
        await nats.kill();
        await nats.start();
      }
      if (number % 15 === 7) {
        await members[index]?.close();
        const member = await NatsSettings.open({ connection: connections[index] as NatsConnection }).catch(
          () => undefined,
        );
        if (member === undefined) continue; // NATS was not back yet: it is a member no more
        members[index] = member;
        follow(member);
      }
      // Whether it was saved or not is not known when NATS goes away meanwhile.
      written.add(number);
      await members[index]?.change(numbered(number)).catch(() => {});
    }
    await expect
      .poll(
        () =>
          members[0]?.change(numbered(1000)).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    await expect
      .poll(() => members.map(numberOf), { timeout: 40_000 })
      .toEqual([1000, 1000, 1000, 1000, 1000]);
    for (const number of ran) if (number !== 1000) expect(written).toContain(number);
  }, 120_000);

  it('are shown with one tag by the settings API of all members, which refuse an old one', async () => {
    const nats = await startNats();
    const members = await openAll(nats, 2);
    const urls = await Promise.all(
      members.map(async (store) => {
        const authorize = () => ({ protocol: 'tls', username: 'admin', address: '::1' });
        const server = http.createServer(createSettingsHandler({ store, authorize }));
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        onTestFinished(() => void server.close());
        return `http://127.0.0.1:${(server.address() as { port: number }).port}/1.0/system/settings`;
      }),
    );
    const [first = '', second = ''] = urls;
    const etag = (await fetch(first)).headers.get('etag') ?? '';
    expect((await fetch(second)).headers.get('etag')).toBe(etag);
    const patch = (url: string) =>
      fetch(url, { method: 'PATCH', headers: { 'if-match': etag }, body: '{"log_level":"DEBUG"}' });
    expect((await patch(first)).status).toBe(200);
    expect((await patch(second)).status).toBe(412);
  });

  it('refuse what is wrong, and say when it is too large for NATS', async () => {
    const nats = await startNats();
    const settings = await open(nats);
    await expect(settings.change({ log_level: 'LOUD' as never })).rejects.toThrow(SettingsError);
    const log_targets = Array.from({ length: 200 }, (_, index) => ({
      name: `t${index}`,
      address: `https://siem.example.com/${'x'.repeat(7000)}`,
      ca_cert: '',
      headers: { 'x-one': 'y'.repeat(4000) },
    }));
    await expect(settings.change({ log_targets })).rejects.toMatchObject({
      code: 'SETTINGS_NOT_SAVED',
      message: expect.stringContaining('NATS takes at most 1048576'),
    });
    expect(settings.current.log_targets).toEqual([]);
  });

  it('refuse an option that cannot be right, also where a cache file would hide that', async () => {
    const connection = new Promise<never>(() => {});
    const cacheFile = join(temporaryDirectory(), 'settings.json');
    writeFileSync(cacheFile, '{}');
    const open = (options: object) => NatsSettings.open({ connection, cacheFile, ...options });
    const noConnection = new TypeError(
      'Expected `connection` to be what `connect()` of `@nats-io/transport-node` returns',
    );
    for (const wrong of [undefined, null, {}, 'nats://127.0.0.1']) {
      await expect(open({ connection: wrong })).rejects.toEqual(noConnection);
    }
    for (const bucket of ['', 'log targets', 'log.targets', 'log-targets*']) {
      const message = `Expected \`bucket\` to be letters, digits, \`-\` and \`_\`, got \`${bucket}\``;
      await expect(open({ bucket })).rejects.toEqual(new TypeError(message));
    }
    for (const key of ['', 'my settings', '.settings', 'settings.', 'a.>']) {
      const message = `Expected \`key\` to be letters, digits and \`-/_=.\`, no dot at either end, got \`${key}\``;
      await expect(open({ key })).rejects.toEqual(new TypeError(message));
    }
    await expect(open({ cacheFile: 5 })).rejects.toEqual(
      new TypeError('Expected `cacheFile` to be the path of a file, got `5`'),
    );
  });

  it('report garbage in the bucket, and what runs stays, until somebody writes something better', async () => {
    const nats = await startNats();
    const connection = await nats.connect();
    const settings = await open(nats);
    await settings.change(numbered(1));
    const { transport, report } = createTestTransport([], { settings });
    const bucket = await bucketOf(connection);
    await bucket.put('settings', '{"log_level": "LOUD", "password": "s3cret"');
    expect(JSON.stringify(await report('reloadRejected'))).not.toContain('s3cret');
    expect(transport.status().targets.map(({ name }) => name)).toEqual(['t1']);
    await bucket.put('settings', '{"log_level": "LOUD"}');
    await report('reloadRejected', ({ problems }) => problems[0]?.path === 'log_level');
    expect(numberOf(settings)).toBe(1);
    await settings.change(numbered(2), { expectedRevision: settings.revision });
    await report('reloadRecovered');
    expect(transport.status().targets.map(({ name }) => name)).toContain('t2');
  });

  it('are written again when the bucket was removed or the key deleted', async () => {
    const nats = await startNats();
    const connection = await nats.connect();
    const settings = await open(nats);
    await settings.change(numbered(7));
    const bucket = await bucketOf(connection);
    await bucket.delete('settings');
    await expect.poll(async () => (await bucket.get('settings'))?.operation).toBe('PUT');
    expect(numberOf(settings)).toBe(7);
    await bucket.destroy();
    const other = await open(nats);
    await settings.change(numbered(8));
    await expect.poll(() => numberOf(other)).toBe(8);
  });

  it('start from the cache file while NATS is away, say so, and follow as soon as it is there', async () => {
    const nats = await startNats();
    const cacheFile = join(temporaryDirectory(), 'settings.json');
    const before = await open(nats, { cacheFile });
    await before.change(numbered(3));
    await before.close();
    expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
    await nats.kill();

    const settings = await NatsSettings.open({ connection: nats.connecting(), cacheFile });
    onTestFinished(() => settings.close());
    expect(numberOf(settings)).toBe(3);
    expect(settings.unavailable).toMatchObject({ code: 'SETTINGS_UNAVAILABLE' });
    const { report } = createTestTransport([], { settings });
    await report('settingsUnavailable');
    await expect(settings.change(numbered(4))).rejects.toMatchObject({ code: 'SETTINGS_NOT_SAVED' });
    await nats.start();
    await report('settingsAvailable');
    await settings.change(numbered(4));
    expect(numberOf(settings)).toBe(4);
  });

  it('cannot start with neither NATS nor a cache file, unless they are given', async () => {
    const [nats, away] = [await startNats(), await startNats()];
    await Promise.all([nats.kill(), away.kill()]);
    const connection = away.connecting();
    const cacheFile = join(temporaryDirectory(), 'settings.json');
    await expect(NatsSettings.open({ connection, cacheFile })).rejects.toMatchObject({
      code: 'SETTINGS_UNAVAILABLE',
      message: expect.stringContaining('NATS did not answer'),
    });
    writeFileSync(cacheFile, 'garbage');
    await expect(NatsSettings.open({ connection, cacheFile })).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      file: cacheFile,
    });
    const settings = await NatsSettings.open({ connection: nats.connecting(), initial: numbered(5) });
    onTestFinished(() => settings.close());
    expect(numberOf(settings)).toBe(5);
    await nats.start();
    const late = await connect({ servers: `127.0.0.1:${nats.port}` });
    onTestFinished(() => late.close());
    await expect
      .poll(() =>
        bucketOf(late).then(
          (bucket) => bucket.get('settings'),
          () => undefined,
        ),
      )
      .toBeTruthy();
  }, 60_000);

  it('disturb neither log calls nor deliveries while NATS is frozen', async () => {
    const nats = await startNats();
    const receiver = await startReceiver();
    const settings = await open(nats);
    await settings.change({ log_targets: [quickTarget(receiver.address)] as never });
    const { transport, logger } = createTestTransport([], { settings });
    nats.freeze();
    try {
      const change = settings.change(numbered(9));
      for (let index = 0; index < 1000; index++) logger.info(`record ${index}`);
      expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
      await expect(change).rejects.toMatchObject({ code: 'SETTINGS_NOT_SAVED' });
    } finally {
      nats.thaw();
    }
    await expect.poll(() => settings.unavailable, { timeout: 35_000 }).toBe(undefined);
  });

  it('leave no consumers behind, over thirty restarts of NATS', async () => {
    const nats = await startNats();
    const members = await openAll(nats, 2);
    for (let restart = 0; restart < 30; restart++) {
      await nats.kill();
      await nats.start();
    }
    await expect
      .poll(
        () =>
          members[0]?.change(numbered(1)).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    await expect.poll(() => members.map(numberOf)).toEqual([1, 1]);
    const status = await (await bucketOf(await nats.connect())).status();
    expect(status.streamInfo.state.consumer_count).toBe(0);
  });

  it('are made by one of the members that start at once without a bucket', async () => {
    const nats = await startNats();
    const connections = await Promise.all([nats.connect(), nats.connect()]);
    // They are as far apart as chance can have them: how close is too close for a server is up to the server.
    let starts = 0;
    const { random: ofOthers } = Math;
    const random = vi.spyOn(Math, 'random').mockImplementation(() => {
      const callers = new Error().stack?.split('\n').filter((line) => /\/(src|@nats-io)\//.test(line));
      if (!callers?.[0]?.includes('/src/nats/')) return ofOthers();
      return starts++ % 2 === 0 ? 0 : 0.999;
    });
    onTestFinished(() => random.mockRestore());
    for (let round = 0; round < 4; round++) {
      const members = await Promise.all(
        connections.map((connection) => NatsSettings.open({ connection, bucket: `bucket-${round}` })),
      );
      expect(new Set(members.map(({ revision }) => revision)).size).toBe(1);
      for (const member of members) member.close();
      expect(starts).toBe(2 * (round + 1));
    }
  });

  it('hear of a change that was made while they were cut off', async () => {
    const nats = await startNats();
    const [one, two] = (await openAll(nats, 2)) as [NatsSettings, NatsSettings];
    await one.change(numbered(1));
    await nats.kill();
    await nats.start();
    const writer = await open(nats);
    await writer.change(numbered(2));
    await expect.poll(() => [numberOf(one), numberOf(two)]).toEqual([2, 2]);
  });
});
