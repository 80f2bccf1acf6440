/** A NATS server of its own for each test: started, frozen, killed and started again at the same port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './files.js';
import { programPath } from './programs.js';
import { freePort } from './receiver.js';

export interface NatsServer {
  readonly port: number;
  /** A connection that never gives up, closed when the test is finished. */
  connect(options?: NodeConnectionOptions): Promise<NatsConnection>;
  /** What a `connect()` returns that waits for the server. */
  connecting(): Promise<NatsConnection>;
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export async function startNats(): Promise<NatsServer> {
  const directory = temporaryDirectory();
  // It is to come back at this port, which must not be that of an outgoing connection meanwhile.
  const port = await freePort();
  let child: ChildProcess | undefined;
  const options: NodeConnectionOptions = {
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 10,
  };
  const open: NatsConnection[] = [];
  const kept = (connection: NatsConnection) => {
    open.push(connection);
    return connection;
  };
  const server: NatsServer = {
    port,
    connect: async (more) => kept(await connect({ ...options, ...more })),
    connecting: () => {
      const connecting = connect({ ...options, waitOnFirstConnect: true });
      connecting.then(kept, () => {});
      return connecting;
    },
    async start() {
      child = spawn(
        programPath('nats-server') ?? 'nats-server',
        ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', directory],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const started = child;
      await new Promise<void>((resolve, reject) => {
        let log = '';
        started.stderr?.on('data', (chunk) => {
          log += chunk;
          if (log.includes('Server is ready')) resolve();
        });
        started.once('exit', () => reject(new Error(`nats-server ended: ${log}`)));
      });
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
  await server.start();
  onTestFinished(async () => {
    await Promise.all(open.map((connection) => connection.close().catch(() => {})));
    await server.kill();
  });
  return server;
}
