/** A file system that does not answer keeps no attempt waiting for ever. */

import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

const opened = vi.hoisted(() => ({ hanging: 0 }));

/** Pipes are opened as if nobody knew that they may have no writer: the system's call does not return, as on a dead NFS. */
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...original,
    open: async (path: string, flags: number) => {
      if (!path.endsWith('pipe')) return original.open(path, flags);
      opened.hanging++;
      return original.open(path, flags & ~constants.O_NONBLOCK);
    },
  };
});

it('an attempt ends within its time, names key and path, and none waits behind it in another call', async () => {
  const directory = temporaryDirectory();
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const receiver = await startReceiver();
  const settings = { password_file: 'pipe', timeout: '200ms', retry_count: 1, retry_timeout: '1h' };
  const { transport, logger, report } = createTestTransport([quickTarget(receiver.address, settings)], {
    secretsDirectory: directory,
  });
  logger.info('one');
  expect(await report('targetDown')).toMatchObject({ error: { code: 'SECRET_UNREADABLE' } });
  const { error } = await transport.ping('siem');
  const message = '`password_file`, "pipe", cannot be read: it does not answer within 200 ms';
  expect(error).toMatchObject({ code: 'SECRET_UNREADABLE', message });
  const hangingBefore = opened.hanging;
  expect(transport.status().targets).toMatchObject([{ state: 'down', pending: { events: 1 } }]);
  // Another reload of the same, or attempt, takes no other thread of the system's few.
  await vi.waitFor(() => expect(transport.status().targets[0]?.lastError?.message).toBe(message));
  expect(opened.hanging).toBe(hangingBefore);
  // The pipe gets a writer, and lets go of who waits.
  await (await open(pipe, constants.O_RDWR)).close();
  await rm(pipe);
  await writeFile(pipe, 'pässword');
  await vi.waitFor(async () => expect(await transport.ping('siem')).toMatchObject({ ok: true }), 10_000);
  transport.reload([quickTarget(receiver.address, { ...settings, retry_timeout: '2h' })]);
  await receiver.until(() => receiver.names().includes('one'));
}, 30_000);
