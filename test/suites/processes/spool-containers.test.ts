/** Containers of one host share a volume: the spool in it has one owner at a time, across all of their namespaces. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../helpers/command.js';
import {
  type ContainedService,
  type Container,
  canContain,
  createContainer,
} from '../../helpers/container.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { startReceiver } from '../../helpers/receiver.js';
import { eventually, numbers } from '../../helpers/spool.js';
import { quickTarget } from '../../helpers/transport.js';

/** Of containers with a network of their own, in which nothing can be reached. */
const unreachable = 'http://127.0.0.1:1/';
const paths = ['var/lib/svc', 'data', join('long'.repeat(20), 'long'.repeat(20))];

/** Three of them; each finds the volume at a path of its own, the last at one too long for the name of a socket. */
function createContainers(volume: string, network: 'own' | 'host', { hasInit = false } = {}) {
  const hosts = ['box-a', 'box-b', 'box-c'];
  const [a, b, c] = hosts.map((host, index) =>
    createContainer({ host, volume, network, mountedAt: paths[index]!, hasInit: hasInit && index === 0 }),
  );
  return { a: a!, b: b!, c: c! };
}

const spoolOf = ({ volume }: Container) => join(volume, 'spool');

const startIn = (container: Container, address: string) =>
  container.start({ targets: [quickTarget(address)], spool: { directory: spoolOf(container) } });

/** Starts one that gets the spool with its first attempt. */
async function startOwner(container: Container, address: string): Promise<ContainedService> {
  const owner = startIn(container, address);
  expect((await owner.call('ready')).error).toBeUndefined();
  return owner;
}

/** Starts one that finds the spool taken. A busy machine may keep the owner from saying in time who it is. */
async function startRefused(container: Container, address: string, host: string): Promise<ContainedService> {
  for (;;) {
    const service = startIn(container, address);
    const { error } = await service.call('ready');
    expect(error).toMatchObject({ code: 'SPOOL_UNAVAILABLE' });
    expect(error?.message).toMatch(inUse(host));
    const [report, ...others] = await spoolReports(service);
    expect(report).toMatchObject({ type: 'spoolUnavailable', directory: spoolOf(container), error });
    expect(others).toEqual([]);
    if (error?.message.includes(host)) return service;
    await service.kill();
  }
}

const inUse = (host: string) => new RegExp(`in use by (process \\d+ on ${host}|another process)`);

async function spoolReports(service: ContainedService) {
  return (await service.call('reports')).filter(({ type }) => type.startsWith('spool'));
}

/** What became of the events of a service: each of them is accounted for. */
async function accountOf(service: ContainedService) {
  const { accepted, recovered, delivered, pending, dropped, dead } = (await service.call('status'))
    .targets[0]!;
  const account = { accepted, recovered, delivered, pending: pending.events, dropped, dead };
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect(delivered + pending.events + lost + dead, JSON.stringify(account)).toBe(accepted);
  expect({ lost, dead }).toEqual({ lost: 0, dead: 0 });
  return { accepted, recovered, delivered, pending: pending.events };
}

async function lifecycle(service: ContainedService, action: string): Promise<void> {
  expect(await service.call('lifecycle', { action })).toMatchObject({ durable: true });
}

/** The command in a container of its own. */
const inspect = (container: Container) =>
  runCommand(['spool', 'inspect', '--json', spoolOf(container)], { launcher: container.launcher });

async function expectInspectionRefused(container: Container, host: string): Promise<void> {
  const { exitCode, output, errors } = await inspect(container);
  expect({ exitCode, output }).toEqual({ exitCode: 1, output: '' });
  expect(errors).toMatch(inUse(host));
}

/** Names of the files that hold events and what became of them, each with its owner behind the last dash. */
const fileNames = (volume: string) =>
  readdirSync(join(volume, 'spool')).filter((name) => /^[a-z]+-\d+-[0-9a-f]{16}$/.test(name));

const ownersIn = (volume: string) => [
  ...new Set(fileNames(volume).map((name) => name.slice(name.lastIndexOf('-') + 1))),
];

/** Contents by name; whoever has the spool may remove a file at any moment. */
function filesIn(volume: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of fileNames(volume).sort()) {
    try {
      files.set(name, readFileSync(join(volume, 'spool', name), 'latin1'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return files;
}

describe.skipIf(!canContain())(
  'containers that share a volume (skipped where unshare makes no namespaces)',
  { timeout: 120_000 },
  () => {
    it.each([
      ['together with its container', false],
      ['in a container that stays', true],
    ])(
      'have networks of their own, and one spool: it is free as soon as its process is killed, %s',
      async (_where, hasInit) => {
        const volume = temporaryDirectory();
        const { a, b, c } = createContainers(volume, 'own', { hasInit });
        const first = await startOwner(a, unreachable);
        await first.call('log', { first: 1, last: 100 });
        await lifecycle(first, '101');
        const [owner] = ownersIn(volume);

        const second = await startRefused(b, unreachable, 'box-a');
        await expectInspectionRefused(b, 'box-a');
        for (const kind of ['pid', 'mnt', 'net', 'ipc', 'uts'])
          expect(new Set([process.pid, first.pid(), second.pid()].map(namespaceOf(kind))).size, kind).toBe(3);
        await second.kill();
        await lifecycle(first, '102');
        expect(await spoolReports(first)).toEqual([]);
        expect(ownersIn(volume)).toEqual([owner]);

        await first.kill();
        const found = filesIn(volume);
        const { exitCode, output } = await inspect(b);
        expect(exitCode).toBe(0);
        expect(JSON.parse(output).targets).toMatchObject([{ name: 'siem', events: 102, dead: 0 }]);
        expect(filesIn(volume), 'looking changes nothing').toEqual(found);

        const third = await startOwner(c, unreachable);
        await lifecycle(third, '103');
        expect(await accountOf(third)).toEqual({ accepted: 103, recovered: 102, delivered: 0, pending: 103 });
        expect(await spoolReports(third)).toEqual([]);
        const kept = [...filesIn(volume)].filter(([name]) => name.endsWith(owner!));
        expect(kept.length, 'what the first one wrote is still needed').toBeGreaterThan(0);
        expect(kept).toEqual(kept.map(([name]) => [name, found.get(name)]));
        expect(ownersIn(volume)).toHaveLength(2);
        await expectInspectionRefused(b, 'box-c');
      },
    );

    it.each(['that has waited for it', 'that starts then'])(
      'deliver what is their own; what one that is killed has left another %s delivers, once',
      async (which) => {
        const volume = temporaryDirectory();
        const { a, b, c } = createContainers(volume, 'host');
        const [toFirst, toNext] = [await startReceiver(), await startReceiver()];
        const first = await startOwner(a, toFirst.address);
        await first.call('log', { first: 1, last: 50 });
        expect(await first.call('flush', { timeoutMs: 30_000 })).toMatchObject({ delivered: true });
        toFirst.answer = 503;
        await first.call('log', { first: 51, last: 100 });
        await lifecycle(first, '101');

        const second = await startRefused(b, toNext.address, 'box-a');
        expect(await second.call('lifecycle', { action: 'in memory' })).toMatchObject({ durable: false });
        expect(await second.call('flush', { timeoutMs: 30_000 })).toMatchObject({ delivered: true });
        expect(toNext.names()).toEqual(['in memory']);
        expect(await accountOf(second)).toEqual({ accepted: 1, recovered: 0, delivered: 1, pending: 0 });

        await lifecycle(first, '102');
        expect(await spoolReports(first)).toEqual([]);
        expect(await accountOf(first)).toEqual({ accepted: 102, recovered: 0, delivered: 50, pending: 52 });
        if (which === 'that starts then') await second.kill();
        await first.kill();

        const next = which === 'that starts then' ? await startOwner(c, toNext.address) : second;
        if (next === second)
          await eventually(
            async () =>
              expect((await spoolReports(next)).map(({ type }) => type)).toEqual([
                'spoolUnavailable',
                'spoolRecovered',
              ]),
            60_000,
          );
        await lifecycle(next, 'on disk');
        const own = next === second ? 2 : 1;
        await eventually(async () => expect((await accountOf(next)).pending).toBe(0), 60_000);
        expect(await accountOf(next)).toEqual({
          accepted: 52 + own,
          recovered: 52,
          delivered: 52 + own,
          pending: 0,
        });
        expect(toFirst.names()).toEqual(numbers(1, 50));
        expect(toNext.names().filter((name) => /^\d/.test(name))).toEqual(numbers(51, 102));
        expect(toNext.names().filter((name) => /^\D/.test(name))).toEqual(['in memory', 'on disk']);
      },
    );

    it('have what they had while they are paused', async () => {
      const volume = temporaryDirectory();
      const { a, b } = createContainers(volume, 'own');
      const first = await startOwner(a, unreachable);
      const pid = first.pid()!;
      process.kill(pid, 'SIGSTOP');
      await eventually(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/^\d+ \(.*\) T /));
      const { error } = await startIn(b, unreachable).call('ready');
      expect(error?.message).toMatch(/in use by another process$/);
      process.kill(pid, 'SIGCONT');
      await lifecycle(first, '1');
      expect(await spoolReports(first)).toEqual([]);
      expect(ownersIn(volume)).toHaveLength(1);
    });
  },
);

const namespaceOf = (kind: string) => (pid: number | undefined) => readlinkSync(`/proc/${pid}/ns/${kind}`);
