/** Bundles: one file, in a folder with nothing beside it, delivers from a spool. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../helpers/receiver.js';
import { sampleOf } from './page.js';
import { command, createProject, run } from './projects.js';

function serviceTo(address: string): string {
  return `
    import winston from 'winston';
    import { EventTransport } from 'winston-log-targets';
    const events = new EventTransport({
      targets: [{ name: 'siem', address: '${address}', level: 'INFO' }],
      spool: { directory: 'spool' },
    });
    const logger = winston.createLogger({ transports: [events] });
    events.ready().then(async () => {
      logger.info('from a bundle');
      const { durable } = await logger.lifecycle('bundle-started');
      console.log(durable);
    });`;
}

/** Runs the file alone: whatever it would load from the folder that it was made in is not there. */
async function runAlone(file: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  copyFileSync(file, join(directory, basename(file)));
  return run(directory, [basename(file)]);
}

/** The words of a command as a shell takes them, without `npx`. */
function wordsOf(line: string): string[] {
  return [...line.trim().matchAll(/(?:[^\s"]|"([^"]*)")+/g)]
    .map(([word]) => word.replaceAll('"', ''))
    .slice(1);
}

export function tryBundlers(): void {
  it.each(['--format=cjs', '--format=esm'])('esbuild %s', async (format) => {
    const receiver = await startReceiver();
    const project = createProject({ 'service.js': serviceTo(receiver.address) });
    const [name, ...args] = wordsOf(sampleOf(format, 'sh'));
    // Its command is a program of its own, not a script.
    execFileSync(command(`.bin/${name}`), args, { cwd: project, stdio: 'ignore' });
    const file = /--outfile=(\S+)/.exec(args.join(' '))![1]!;
    expect(await runAlone(join(project, file))).toBe('true\n');
    expect(receiver.names()).toEqual(['from a bundle', 'bundle-started']);
  });

  it('webpack', async () => {
    const receiver = await startReceiver();
    const project = createProject({
      'service.js': serviceTo(receiver.address),
      'webpack.config.cjs': sampleOf("target: 'node20'"),
      'build.cjs': `require('webpack')(require('./webpack.config.cjs'), (error, stats) => {
        if (error) throw error;
        console.log(stats.toString({ all: false, errors: true, warnings: true }));
        process.exitCode = stats.hasErrors() ? 1 : 0;
      });`,
    });
    expect((await run(project, ['build.cjs'])).trim()).toBe('');
    expect(await runAlone(join(project, 'out/service.cjs'))).toBe('true\n');
    expect(receiver.names()).toEqual(['from a bundle', 'bundle-started']);
  });
}
