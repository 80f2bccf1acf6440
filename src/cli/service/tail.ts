/** `log-targets tail`: follows the events of a running service, through its restarts too. */

import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Level, parseLevel, severity } from '../../model/level.js';
import { eventLine } from '../events/event-line.js';
import { recogniseEvent } from '../events/recognise.js';
import type { ShownEvent } from '../events/shown-event.js';
import { membersOf } from '../events/shown-event.js';
import { codeOf, type Failure } from '../failure.js';
import { inOneLine, interruption, note, paintFor, print } from '../terminal.js';
import { Service, type ServiceOptions } from './service.js';
import { answerProblem, connectionProblem } from './troubles.js';

/** The options of the command. */
export interface TailOptions extends ServiceOptions {
  readonly type?: readonly string[];
  /** The least severe level of logging events to show. */
  readonly level?: Level;
}

/** Between two tries to connect: doubled up to the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** The server pings every 10 s or so; without a sign of life for as long as this the connection is dead. */
const SILENCE_MS = 45_000;

/** Runs until it is interrupted. Who cannot connect the first time hears why; later on it is tried again. */
export async function tail(options: TailOptions): Promise<void> {
  const service = new Service(options);
  const interrupted = interruption();
  let pauseMs = FIRST_PAUSE_MS;
  let isFirst = true;
  while (!interrupted.aborted) {
    const ended = await follow(service, options, interrupted, () => {
      if (!isFirst) note('Connected again.');
      [isFirst, pauseMs] = [false, FIRST_PAUSE_MS];
    });
    if (interrupted.aborted) return;
    if (ended.problem !== undefined && (isFirst || !ended.mayRecover)) throw ended.problem;
    if (pauseMs === FIRST_PAUSE_MS) note(`The connection to ${service.place} is lost; trying again.`);
    await wait(pauseMs, undefined, { signal: interrupted }).catch(() => {});
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** How a connection ended. */
interface Ended {
  readonly problem?: Failure;
  readonly mayRecover: boolean;
}

/** Shows events until the connection ends. */
function follow(
  service: Service,
  options: TailOptions,
  interrupted: AbortSignal,
  connected: () => void,
): Promise<Ended> {
  const socket = new WebSocket(streamUrl(service, options.type), {
    headers: service.headers,
    ...service.certificates,
    handshakeTimeout: 10_000,
  });
  const stop = () => socket.terminate();
  interrupted.addEventListener('abort', stop, { once: true });
  const silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  const paint = paintFor(process.stdout);
  return new Promise<Ended>((resolve) => {
    socket.on('open', connected);
    for (const sign of ['open', 'ping', 'message'] as const) socket.on(sign, () => silence.refresh());
    socket.on('message', (data) => {
      const text = String(data).trim();
      const shown = recogniseEvent(JSON.parse(text));
      if (!isSevereEnough(shown, options.level)) return;
      print(options.json ? text : eventLine(shown, paint));
    });
    socket.on('unexpected-response', (_request, response) => {
      response.setEncoding('utf8');
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('close', () => {
        const status = response.statusCode ?? 0;
        resolve({ problem: answerProblem(service.place, status, errorIn(body)), mayRecover: status >= 500 });
        socket.terminate();
      });
    });
    socket.on('error', (error) => {
      resolve({
        problem: connectionProblem(service.place, codeOf(error) ?? 'broken off', error.message),
        mayRecover: true,
      });
    });
    socket.on('close', () => resolve({ mayRecover: true }));
  }).finally(() => {
    clearTimeout(silence);
    interrupted.removeEventListener('abort', stop);
    socket.terminate();
  });
}

function streamUrl(service: Service, types: readonly string[] | undefined): string {
  const query = new URLSearchParams({ 'all-projects': 'true', ...(types && { type: types.join(',') }) });
  const url = service.urlOf(`/1.0/events?${query}`);
  return url.startsWith('unix:') ? `ws+${url}` : url.replace(/^http/, 'ws');
}

/** The text of a refusal; nothing where it is not the console's. */
function errorIn(body: string): string | undefined {
  try {
    const { error } = membersOf(JSON.parse(body));
    return typeof error === 'string' ? inOneLine(error) : undefined;
  } catch {
    return undefined;
  }
}

function isSevereEnough({ type, level }: ShownEvent, least: Level | undefined): boolean {
  if (type !== 'logging' || least === undefined) return true;
  const known = parseLevel(level ?? '');
  return known === undefined || severity[known] >= severity[least];
}
