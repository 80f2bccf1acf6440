/** The store on disk is an optional dependency: loaded by those who ask for a spool, missed by nobody else. */

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { spoolDirectory } from '../helpers/spool.js';
import { fixturePath } from '../helpers/spool-service.js';
import { quickTarget } from '../helpers/transport.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fixturePath('spool-script.mjs');

function run(path: string, scenario: string, options: object) {
  return new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [path, scenario, JSON.stringify(options)],
      { timeout: 15_000 },
      (_error, output, errors) => resolve({ code: child.exitCode, output, errors }),
    );
  });
}

/** The package as published in an application of its own, where everything but the store is installed. */
function installWithoutStore(): string {
  const application = temporaryDirectory();
  const modules = join(application, 'node_modules');
  mkdirSync(modules);
  const missing = new Set(['classic-level', 'abstract-level', 'winston-log-targets']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (missing.has(name) || name.startsWith('.')) continue;
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  const ours = join(modules, 'winston-log-targets');
  mkdirSync(ours);
  cpSync(join(root, 'dist'), join(ours, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(ours, 'package.json'));
  const copy = join(application, 'script.mjs');
  cpSync(script, copy);
  return copy;
}

describe('classic-level', () => {
  it('is not loaded without a spool', async () => {
    const receiver = await startReceiver();
    const ended = await run(script, 'tells what is loaded', { targets: [quickTarget(receiver.address)] });
    expect(ended).toEqual({ code: 0, output: '[]', errors: '' });
  });

  it('is loaded with one', async () => {
    const receiver = await startReceiver();
    const ended = await run(script, 'tells what is loaded', {
      targets: [quickTarget(receiver.address)],
      spool: { directory: spoolDirectory() },
    });
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(ended.output).toContain('classic-level');
  });
});

describe('an application without classic-level', () => {
  it('that asks for a spool is told what to install', async () => {
    const ended = await run(installWithoutStore(), 'asks for a spool', {
      spool: { directory: spoolDirectory() },
    });
    expect(ended.code).toBe(1);
    expect(ended.errors).toContain('npm install classic-level');
    expect(ended.errors).toContain('SpoolError');
  });

  it('that asks for none misses nothing', async () => {
    const receiver = await startReceiver();
    const ended = await run(installWithoutStore(), 'just returns', {
      targets: [quickTarget(receiver.address)],
    });
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(receiver.names()).toHaveLength(100);
  });
});
