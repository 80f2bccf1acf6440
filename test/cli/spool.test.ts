/** `log-targets spool` reads the spool of a stopped service, and changes nothing in it. */

import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import winston from 'winston';
import { EventTransport } from '../../src/index.js';
import { runCommand } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { quickTarget } from '../helpers/transport.js';

/** A service that has two events for a target that is away, one dead letter of another, and runs. */
async function startService() {
  const directory = join(temporaryDirectory(), 'spool');
  const [away, refusing] = [await startReceiver(), await startReceiver(422)];
  await away.close();
  const transport = new EventTransport({
    spool: { directory },
    shutdownTimeoutMs: 100,
    targets: [
      quickTarget(away.address, { name: 'away', level: 'INFO' }),
      quickTarget(refusing.address, {
        name: 'refusing',
        event_format: 'lxd',
        level: 'ERROR',
        scopes: ['logging'],
      }),
    ],
  });
  transport.on('warn', () => {});
  await transport.ready();
  const logger = winston.createLogger({ transports: [transport] });
  logger.error('refused', { a: 'b' });
  await logger.lifecycle('batch-started', { entities: ['/1.0/batches/b1'] });
  await eventually(() => expect(transport.status().targets.map(({ dead }) => dead)).toEqual([0, 1]));
  const stop = () => new Promise<void>((resolve) => logger.once('finish', resolve).end());
  return { directory, stop };
}

/** Names, times, modes and contents of all that is in a directory. */
function imprint(directory: string): object {
  return Object.fromEntries(
    readdirSync(directory).map((name) => {
      const path = join(directory, name);
      const facts = lstatSync(path);
      const content = facts.isFile() ? readFileSync(path) : facts.isSymbolicLink() ? readlinkSync(path) : '';
      return [name, [facts.mode, facts.mtimeMs, createHash('sha256').update(content).digest('hex')]];
    }),
  );
}

describe('the spool of a stopped service', () => {
  it('is inspected, exported and read for dead letters, and not changed', async () => {
    const { directory, stop } = await startService();
    await stop();
    const before = imprint(directory);

    const inspected = await runCommand(['spool', 'inspect', directory]);
    expect(inspected).toMatchObject({ exitCode: 0, errors: '' });
    expect(inspected.output).toMatch(/^away +2 +\d+ +\S+Z \(\d+ \w+ ago\) +0$/m);
    expect(inspected.output).toMatch(/^refusing +0 +0 +- +1$/m);
    const { targets } = JSON.parse((await runHere(['spool', 'inspect', directory, '--json'])).output);
    expect(targets).toMatchObject([
      { name: 'away', events: 2, dead: 0 },
      { name: 'refusing', events: 0, dead: 1 },
    ]);

    const exported = await runCommand(['spool', 'export', directory, 'away']);
    const events = exported.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toMatchObject([
      { type: 'logging', metadata: { message: 'refused', context: { a: 'b' } } },
      { type: 'lifecycle', metadata: { action: 'batch-started' } },
    ]);
    expect((await runHere(['spool', 'export', directory])).output).toBe(exported.output);
    expect(await runHere(['spool', 'export', directory, 'refusing'])).toEqual({
      exitCode: 0,
      output: '',
      errors: '',
    });

    const letters = await runCommand(['spool', 'dead-letters', directory]);
    expect(letters.output).toMatch(
      /^\S+ {2}\S+Z {2}refusing {2}answered 422\n {2}\S+ {2}ERROR {6}refused {2}a=b\n$/,
    );
    const json = await runHere(['spool', 'dead-letters', directory, 'refusing', '--json']);
    expect(JSON.parse(json.output)).toMatchObject({
      target: 'refusing',
      status: 422,
      type: 'logging',
      event: { type: 'logging' },
    });
    expect((await runHere(['spool', 'dead-letters', directory, 'away'])).output).toBe(
      'There are no dead letters.\n',
    );

    expect(imprint(directory)).toEqual(before);
  });

  it('tells what of it cannot be read, and ends with 1', async () => {
    const { directory, stop } = await startService();
    await stop();
    for (const name of readdirSync(directory)) {
      if (!/^(logging|dead)-/.test(name)) continue;
      const path = join(directory, name);
      writeFileSync(path, Buffer.alloc(lstatSync(path).size));
    }
    const exported = await runHere(['spool', 'export', directory]);
    expect(exported).toMatchObject({
      exitCode: 1,
      errors: 'The spool is damaged: 1 event could not be read\n',
    });
    expect(JSON.parse(exported.output)).toMatchObject({ metadata: { action: 'batch-started' } });
    const letters = await runHere(['spool', 'dead-letters', directory]);
    expect(letters).toEqual({ ...exported, output: '' });
  });

  it('tells of files that are missing', async () => {
    const { directory, stop } = await startService();
    await stop();
    for (const name of readdirSync(directory)) if (/^audit-/.test(name)) rmSync(join(directory, name));
    for (const words of [['inspect'], ['export'], ['dead-letters']]) {
      const { exitCode, output, errors } = await runHere(['spool', ...words, directory]);
      expect(exitCode).toBe(1);
      expect(output + errors).toMatch(/damaged: files are missing: audit-/i);
    }
  });

  it('is refused while a process owns it', async () => {
    const { directory, stop } = await startService();
    for (const words of [['inspect'], ['export'], ['dead-letters']]) {
      const { exitCode, output, errors } = await runHere(['spool', ...words, directory]);
      expect({ exitCode, output }).toEqual({ exitCode: 1, output: '' });
      expect(errors).toContain(directory);
      expect(errors).toMatch(/in use/);
      expect(errors).toMatch(`log-targets status`);
    }
    await stop();
  });

  it('has to be one, and to have the target', async () => {
    const { directory, stop } = await startService();
    await stop();
    const empty = join(temporaryDirectory(), 'empty');
    mkdirSync(empty);
    expect(await runCommand(['spool', 'export', directory, 'nobody'])).toMatchObject({
      exitCode: 1,
      output: '',
      errors: expect.stringMatching(/no target nobody\nThere are: away, refusing\./),
    });
    expect(await runHere(['spool', 'inspect', `${directory}/none`])).toMatchObject({
      exitCode: 1,
      output: '',
      errors: expect.stringContaining('There is no directory'),
    });
    expect(await runHere(['spool', 'inspect', empty])).toMatchObject({
      exitCode: 1,
      output: '',
      errors: expect.stringContaining('there is no spool'),
    });
  });
});
