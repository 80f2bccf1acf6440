/** A disk that takes its time, or never answers. */

import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, spoolDirectory } from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

/** What is written waits for this. */
const disk = vi.hoisted(() => ({ answers: Promise.resolve() }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const slow = (name: 'fdatasync' | 'fsync' | 'write') => {
    const original = promisify(fs[name] as never) as (...args: unknown[]) => Promise<unknown>;
    const answer = async (...args: unknown[]) => {
      await disk.answers;
      return original(...args);
    };
    return Object.assign(() => {}, { [promisify.custom]: answer });
  };
  return { ...fs, fdatasync: slow('fdatasync'), fsync: slow('fsync'), write: slow('write') };
});

it('that never answers keeps no service from ending', async () => {
  const receiver = await startReceiver(503);
  const { transport, logger } = createSpooledTransport(
    [quickTarget(receiver.address)],
    { directory: spoolDirectory() },
    { shutdownTimeoutMs: 500 },
  );
  await transport.ready();
  expect(await transport.lifecycle('1')).toMatchObject({ durable: true });
  disk.answers = new Promise((resolve) => onTestFinished(() => resolve()));
  const receipt = transport.lifecycle('2');
  logger.error('3');
  expect(statusOf(transport)).toMatchObject({ accepted: 3, pending: { events: 3 } });
  const finished = once(transport, 'finish');
  transport.end();
  await finished;
  expect(await receipt).toMatchObject({ queued: ['siem'], durable: false });
  expectConservation(transport);
});
