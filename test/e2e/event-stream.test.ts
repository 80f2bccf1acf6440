/** An event stream and the end of its process, with the package as it is published. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { stall } from '../helpers/event-stream.js';
import { temporaryDirectory } from '../helpers/files.js';

const service = fileURLToPath(new URL('fixtures/event-stream.mjs', import.meta.url));

function start(args: string[]) {
  const child = spawn(process.execPath, [service, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, exited: once(child, 'exit') };
}

it('a stream that nobody listens to keeps no process alive', async () => {
  const { exited } = start([]);
  expect(await exited).toEqual([0, null]);
});

it('listeners hear the last event of a service that ends; one that says no goodbye cannot hold it up', async () => {
  const socket = join(temporaryDirectory(), 'socket');
  const { child, exited } = start([socket]);
  await once(child.stdout, 'data');
  await stall(socket);
  const listener = new WebSocket(`ws+unix:${socket}:/1.0/events`);
  const messages: string[] = [];
  listener.on('message', (data) => messages.push(JSON.parse(String(data)).metadata.message));
  await once(listener, 'open');
  const closed = once(listener, 'close');
  child.kill('SIGTERM');
  expect((await closed)[0]).toBe(1001);
  expect(messages).toEqual(['Stopping']);
  expect(await exited).toEqual([0, null]);
});
