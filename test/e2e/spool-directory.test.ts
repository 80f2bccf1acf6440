/** What becomes of a spool whose whole directory is removed, rolled back, swapped, or not ours. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/files.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { runSample } from '../helpers/samples.js';
import {
  bytesIn,
  createSpooledTransport,
  eventually,
  filesIn,
  numbers,
  spoolDirectory,
} from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

const nowhere = async () => quickTarget(`http://127.0.0.1:${await freePort()}/`);

/** Leaves events behind in a spool. */
async function leave(directory: string, names: readonly string[]): Promise<void> {
  const { transport, logger, close } = createSpooledTransport([await nowhere()], { directory });
  await transport.ready();
  for (const name of names) logger.error(name);
  await close();
}

describe('a directory', () => {
  it('that was rolled back to an older copy is told of', async () => {
    const directory = spoolDirectory();
    await leave(directory, numbers(1, 50));
    cpSync(directory, `${directory}.backup`, { recursive: true, verbatimSymlinks: true });
    await leave(directory, numbers(51, 80));
    rmSync(directory, { recursive: true });
    cpSync(`${directory}.backup`, directory, { recursive: true, verbatimSymlinks: true });
    const receiver = await startReceiver();
    const { transport, spoolReport } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    expect((await spoolReport('spoolDamaged')).events).toBe(30);
    await eventually(() =>
      expect(statusOf(transport)).toMatchObject({ delivered: 50, dropped: { damaged: 30 } }),
    );
    expectConservation(transport);
  });

  it('that was swapped for another is told of, with all that was lost', async () => {
    const [directory, other] = [spoolDirectory(), spoolDirectory()];
    await leave(directory, numbers(1, 40));
    await leave(other, numbers(101, 110));
    rmSync(directory, { recursive: true });
    cpSync(other, directory, { recursive: true, verbatimSymlinks: true });
    const receiver = await startReceiver();
    const { transport, spoolReport } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    expect((await spoolReport('spoolDamaged')).events).toBe(40);
    await eventually(() => expect(receiver.names()).toEqual(numbers(101, 110)));
  });

  it('that was removed when nothing was in it is no damage', async () => {
    const directory = spoolDirectory();
    const receiver = await startReceiver();
    const first = createSpooledTransport([quickTarget(receiver.address)], { directory });
    first.logger.error('1');
    await eventually(() => expect(statusOf(first.transport).delivered).toBe(1));
    await first.close();
    rmSync(directory, { recursive: true });
    const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await second.transport.ready();
    expect(second.spoolReports).toEqual([]);
  });

  it('that is removed under a running process is noticed; what is in memory is not lost', async () => {
    const directory = spoolDirectory();
    const receiver = await startReceiver(503);
    const { transport, logger, spoolReport } = createSpooledTransport([quickTarget(receiver.address)], {
      directory,
    });
    await transport.ready();
    for (const name of numbers(1, 20)) logger.error(name);
    expect(await transport.lifecycle('21')).toMatchObject({ durable: true });
    rmSync(directory, { recursive: true });
    expect(await transport.lifecycle('22')).toMatchObject({ queued: ['siem'], durable: false });
    expect((await spoolReport('spoolUnavailable')).error.message).toContain('removed');
    receiver.answer = 200;
    await eventually(() => expect(receiver.names()).toEqual(numbers(1, 22)));
    expectConservation(transport);
  });

  it('that is removed while events are written to it makes none of them durable', async () => {
    const directory = spoolDirectory();
    const receiver = await startReceiver(503);
    const { transport } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    expect(await transport.lifecycle('1')).toMatchObject({ durable: true });
    const receipt = transport.lifecycle('2');
    // The commit has begun by then, and cannot be over.
    await immediate();
    rmSync(directory, { recursive: true });
    expect(await receipt).toMatchObject({ queued: ['siem'], durable: false });
    receiver.answer = 200;
    await eventually(() => expect(receiver.names()).toEqual(['1', '2']));
    expectConservation(transport);
  });

  it.each(['state', 'audit', 'logging'])(
    'of which the files of kind `%s` are removed under a running process gets others for what comes then',
    async (kind) => {
      const directory = spoolDirectory();
      const address = 'http://127.0.0.1:1/';
      const { transport, logger } = createSpooledTransport([quickTarget(address)], { directory });
      await transport.ready();
      logger.error('1');
      expect(await transport.lifecycle('2')).toMatchObject({ durable: true });
      for (const name of readdirSync(directory))
        if (name.startsWith(`${kind}-`)) rmSync(join(directory, name));
      logger.error('3');
      expect(await transport.lifecycle('4')).toMatchObject({ durable: true });

      // What a kill would leave at this moment.
      const parent = temporaryDirectory();
      const left = join(parent, 'spool');
      for (const file of filesIn(dirname(directory))) {
        mkdirSync(dirname(join(parent, file)), { recursive: true });
        copyFileSync(join(dirname(directory), file), join(parent, file));
      }
      const receiver = await startReceiver();
      const next = createSpooledTransport([quickTarget(receiver.address)], { directory: left });
      await next.transport.ready();
      const lost = { state: [], audit: ['2'], logging: ['1'] }[kind] ?? [];
      const kept = ['1', '2', '3', '4'].filter((name) => !lost.includes(name));
      await eventually(() => expect(statusOf(next.transport).pending.events).toBe(0));
      expect(receiver.names()).toEqual(kept);
      await next.close();
      const told = next.spoolReports.map((report) => report.type === 'spoolDamaged' && report.events);
      expect(told).toEqual(lost.length > 0 ? [lost.length] : []);
    },
  );

  it('that is a symbolic link leads nowhere else', async () => {
    const elsewhere = temporaryDirectory();
    mkdirSync(join(elsewhere, 'theirs'), { mode: 0o755 });
    symlinkSync(join(elsewhere, 'theirs'), join(elsewhere, 'link'));
    expect(() => createSpooledTransport([], { directory: join(elsewhere, 'link') })).toThrow('symbolic link');
    expect((statSync(join(elsewhere, 'theirs')).mode & 0o777).toString(8)).toBe('755');
  });

  it.skipIf(process.getuid?.() !== 0)(
    "that is another user's is refused, and stays as it is (skipped where we are not root)",
    () => {
      const theirs = temporaryDirectory();
      chownSync(theirs, 12_345, 12_345);
      const { mode } = statSync(theirs);
      expect(() => createSpooledTransport([], { directory: theirs })).toThrow('another user (12345)');
      expect(statSync(theirs)).toMatchObject({ mode, uid: 12_345 });
    },
  );

  it.skipIf(process.getuid?.() !== 0)(
    'is that of one user: a service that runs as another is told whose it is, and changes nothing (skipped where we are not root)',
    async () => {
      const directory = spoolDirectory();
      // As the folder of a volume, which everybody may look into.
      chmodSync(dirname(directory), 0o755);
      const { transport } = createSpooledTransport([await nowhere()], { directory });
      await transport.ready();
      const { output, errors, exitCode } = await runSample(`
        import { EventTransport } from 'winston-log-targets';
        process.setgroups([]);
        process.setgid(12345);
        process.setuid(12345);
        try {
          new EventTransport({ targets: [], spool: { directory: '${directory}' } });
        } catch ({ code, message }) {
          console.log(code, message);
        }`);
      expect({ output, errors, exitCode }).toEqual({
        output: `SPOOL_UNAVAILABLE The spool in ${directory} cannot be used: it belongs to another user (0)\n`,
        errors: '',
        exitCode: 0,
      });
      expect(await transport.lifecycle('1')).toMatchObject({ durable: true });
    },
  );

  it('with links that somebody planted in it and beside it leads nowhere else', async () => {
    const directory = spoolDirectory();
    mkdirSync(directory);
    const victim = join(temporaryDirectory(), 'victim');
    writeFileSync(victim, 'mine');
    for (const path of [`${directory}.synced`, join(directory, 'synced'), join(directory, 'owner')])
      symlinkSync(victim, path);
    const receiver = await startReceiver();
    const { transport, close } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    expect(await transport.lifecycle('1')).toMatchObject({ durable: true });
    await eventually(() => expect(receiver.names()).toEqual(['1']));
    await close();
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });

  it('beside which somebody planted a pipe does not keep the service waiting', async () => {
    const directory = spoolDirectory();
    execFileSync('mkfifo', [`${directory}.synced`]);
    const receiver = await startReceiver();
    const { transport } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    expect(await transport.lifecycle('1')).toMatchObject({ durable: true });
  });

  it('with a path that is longer than that of a socket can be used', async () => {
    const directory = join(spoolDirectory(), 'd'.repeat(120));
    const first = createSpooledTransport([], { directory });
    await first.transport.ready();
    const second = createSpooledTransport([], { directory });
    await expect(second.transport.ready()).rejects.toThrow('in use');
  });

  it('takes next to nothing once all is delivered', async () => {
    const directory = spoolDirectory();
    const receiver = await startReceiver(503);
    const { transport, logger } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    const pad = 'p'.repeat(1000);
    for (const name of numbers(1, 3000)) logger.error(name, { pad });
    await transport.lifecycle('last');
    expect(bytesIn(directory)).toBeGreaterThan(3_000_000);
    receiver.answer = 200;
    await eventually(() => expect(statusOf(transport).pending.events).toBe(0));
    await eventually(() => expect(bytesIn(directory)).toBeLessThan(500_000));
  });
});
