/** A real server with a console, and a client of its API. */

import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Console, type ConsoleOptions, createConsole } from '../../src/console/index.js';
import type { EventTransport, EventTransportOptions, LogTarget } from '../../src/index.js';
import { SettingsStore } from '../../src/index.js';
import { Conditions } from './conditions.js';
import { temporaryDirectory } from './files.js';
import { listenOnStablePort } from './ports.js';
import { createTestTransport, type TestTransport } from './transport.js';

/** Somebody who may do everything. */
export const operator = {
  protocol: 'tls',
  username: 'a57be4e2',
  address: '10.0.0.101',
  types: ['lifecycle', 'logging', 'operation'],
  allow: ['read', 'ping', 'replay', 'settings'],
} as const;

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever is answered
  readonly body: any;
  // biome-ignore lint/suspicious/noExplicitAny: whatever is answered
  readonly metadata: any;
}

export interface ConsoleServer extends TestTransport {
  readonly console: Console;
  readonly store: SettingsStore;
  readonly server: http.Server;
  /** `http://127.0.0.1:1234` */
  readonly origin: string;
  /** Makes a request; a body is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: http.OutgoingHttpHeaders): Promise<Answered>;
}

export interface ConsoleSetup extends Partial<Omit<ConsoleOptions, 'transport'>> {
  readonly targets?: readonly LogTarget[];
  readonly transportOptions?: Omit<EventTransportOptions, 'targets' | 'settings'>;
  /** Puts the console behind something else than a bare server. */
  readonly listener?: (console: Console) => RequestListener;
  /** Targets are fixed. */
  readonly isStoreless?: boolean;
}

/** Starts a server, on a port that stays its own when it is closed and opened again; all is closed when the test is finished. */
export async function startConsole(setup: ConsoleSetup = {}): Promise<ConsoleServer> {
  const { targets = [], transportOptions, listener, isStoreless = false, ...options } = setup;
  const store = await SettingsStore.open({ file: join(temporaryDirectory(), 'settings.yaml') });
  onTestFinished(() => store.close());
  await store.replace({ log_level: 'DEBUG', log_targets: targets });
  const test = createTestTransport(isStoreless ? targets : [], {
    ...transportOptions,
    ...(!isStoreless && { settings: store }),
  });
  const own = createConsole({
    transport: test.transport as EventTransport,
    ...(!isStoreless && { store }),
    authorize: () => operator,
    ...options,
  });
  onTestFinished(() => own.close());
  const server = http.createServer(listener?.(own) ?? ((request, response) => own.handle(request, response)));
  server.on('upgrade', own.handleUpgrade);
  const port = await listenOnStablePort(server);
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const origin = `http://127.0.0.1:${port}`;
  return { ...test, console: own, store, server, origin, call: (...args) => request(origin, ...args) };
}

async function request(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Answered> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
  const sent = http.request(`${origin}${path}`, { method, headers: { ...length, ...headers }, agent: false });
  sent.end(text);
  const [answer] = (await once(sent, 'response')) as [http.IncomingMessage];
  let answered = '';
  for await (const chunk of answer) answered += chunk;
  const parsed =
    answer.headers['content-type'] === 'application/json' && answered !== ''
      ? JSON.parse(answered)
      : undefined;
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text: answered,
    body: parsed,
    metadata: parsed?.metadata,
  };
}

/** Lifecycle events that came by, as a stream would show them. */
export async function listenToEvents(origin: string, query = '', headers: http.OutgoingHttpHeaders = {}) {
  const sent = http.request(`${origin}/1.0/events${query}`, {
    headers: { accept: 'text/event-stream', ...headers },
    agent: false,
  });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [http.IncomingMessage];
  onTestFinished(() => void sent.destroy());
  answer.on('error', () => {});
  let text = '';
  const conditions = new Conditions();
  answer.on('data', (chunk: Buffer) => {
    text += chunk;
    conditions.look();
  });
  // biome-ignore lint/suspicious/noExplicitAny: whatever arrives
  const events = (): any[] =>
    text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => block.startsWith('data: '))
      .map((block) => JSON.parse(block.slice(6)));
  return {
    response: answer,
    events,
    text: () => text,
    until: (predicate: () => boolean) => conditions.until(predicate),
    ended: new Promise<void>((resolve) => answer.once('end', resolve)),
  };
}
