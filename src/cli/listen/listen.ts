/** `log-targets listen`: a receiver for people, one line an event. */

import { once } from 'node:events';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { eventLine } from '../events/event-line.js';
import { codeOf, Failure } from '../failure.js';
import { interruption, note, paintFor, print } from '../terminal.js';
import { type Answer, Answers } from './answers.js';
import { createSelfSignedCertificate } from './certificate.js';
import type { Credentials } from './checks.js';
import { createReceiver, type Reception } from './receiver.js';
import { targetToPaste } from './target-to-paste.js';

/** The options of the command. */
export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly https?: boolean;
  readonly user?: Credentials;
  readonly secret?: readonly string[];
  readonly answer?: readonly Answer[];
  readonly forwardTo?: URL;
  readonly save?: string;
  readonly json?: boolean;
}

/** Where targets of Migration Manager are wont to send; any other path will do. */
const PATH = '/1.0/log';

/** Runs until it is interrupted. */
export async function listen(options: ListenOptions): Promise<void> {
  const interrupted = interruption();
  const certificate = options.https ? createSelfSignedCertificate(hostsOf(options.host)) : undefined;
  const file = options.save === undefined ? undefined : openFile(options.save);
  const server = createReceiver({
    certificate,
    credentials: options.user,
    secrets: options.secret ?? [],
    answers: options.answer && new Answers(options.answer),
    forwardTo: options.forwardTo,
    received: (reception) => show(reception, options, file),
  });
  await start(server, options);
  const { port } = server.address() as AddressInfo;
  const address = `${certificate ? 'https' : 'http'}://${hostIn(options.host)}:${port}${PATH}`;
  const target = {
    name: 'listen',
    address,
    level: 'DEBUG' as const,
    ...options.user,
    ...(options.secret && { signing_secrets: [...options.secret] }),
    ...(certificate && { ca_cert: certificate.cert }),
  };
  const tell = options.json ? note : print;
  tell(`Listening at ${address} until Ctrl-C. A target that reaches it:\n`);
  tell(`${targetToPaste(target)}\n`);
  await once(interrupted, 'abort');
  server.close();
  server.closeAllConnections();
  if (file !== undefined) closeSync(file);
}

async function start(server: Server, { port, host }: ListenOptions): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') {
      throw new Failure(`Port ${port} of ${host} is in use`, {
        hint: 'Take another one with --port, or --port 0 for any that is free.',
      });
    }
    if (code === 'EACCES') {
      throw new Failure(`Port ${port} is not for everybody`, { hint: 'Take one from 1024 on with --port.' });
    }
    throw new Failure(`${host} is no address of this machine (${code})`, { hint: 'Check --host.' });
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw new Failure(`${path} cannot be written (${codeOf(error)})`, { hint: 'Check --save.' });
  }
}

/** Events that were answered with a success are results; what was refused will come again, and is only told of. */
function show(reception: Reception, { json, answer }: ListenOptions, file: number | undefined): void {
  const { method, path, status, retryAfter, problem, content } = reception;
  const isTaken = status >= 200 && status < 300;
  if (isTaken) {
    const events = content?.events ?? [];
    const lines = events.map(({ event }) => `${JSON.stringify(event)}\n`);
    if (file !== undefined) appendFileSync(file, lines.join(''));
    const paint = paintFor(process.stdout);
    for (const shown of events) print(json ? JSON.stringify(shown) : eventLine(shown, paint));
  }
  if (isTaken && problem === undefined) return;
  const count = content?.events.length ?? 0;
  const events = `${count} ${count === 1 ? 'event' : 'events'} not taken`;
  const told = answer === undefined ? events : `${events}, as told by --answer`;
  const pause = retryAfter === undefined ? '' : ` (Retry-After: ${retryAfter})`;
  const paint = paintFor(process.stderr);
  note(`${paint(isTaken ? 'yellow' : 'red', String(status))} ${method} ${path}: ${problem ?? told}${pause}`);
}

/** How the receiver is called by a target on this machine. */
function hostIn(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}

function hostsOf(host: string): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', host])];
}
