/** A settings API on a port of its own, and calls of it. */

import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  createSettingsHandler,
  type SettingsHandlerOptions,
  SettingsStore,
  type SystemSettingsInput,
} from '../../src/index.js';
import { temporaryDirectory } from './files.js';

const SETTINGS_PATH = '/1.0/system/settings';
const operator = { protocol: 'tls', username: 'a57be4e2', address: '127.0.0.1' };

/** Origin of a server that answers with `listener` until the test is over. */
export async function listen(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A store in a file of its own. */
export async function openSettings(settings: SystemSettingsInput = {}, name = 'settings.yaml') {
  const file = join(temporaryDirectory(), name);
  const store = await SettingsStore.open({ file });
  onTestFinished(() => store.close());
  await store.replace(settings);
  return { store, file };
}

/** URL of the settings in a server that lets everybody in. */
export async function serveSettings(
  options: Partial<SettingsHandlerOptions> & Pick<SettingsHandlerOptions, 'store'>,
) {
  const handler = createSettingsHandler({ authorize: () => operator, ...options });
  return `${await listen((request, response) => handler(request, response))}${SETTINGS_PATH}`;
}

export interface Answer {
  readonly status: number;
  readonly etag: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly body: any;
}

export async function call(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method, headers, ...(text !== undefined && { body: text }) });
  return { status: response.status, etag: response.headers.get('etag'), body: await response.json() };
}
