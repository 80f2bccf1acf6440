/**
 * Ports that stay free. Those that the system hands out for port 0 it also gives to outgoing connections: once such
 * a port is closed, a connection of anybody may sit on it when it is to be opened again. Ports below are nobody's.
 */

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type net from 'node:net';

const FIRST = 15_000;
/** Where the ports of outgoing connections begin: 32768 on Linux as a rule, higher elsewhere. */
const END = firstOutgoingPort();

function firstOutgoingPort(): number {
  const file = '/proc/sys/net/ipv4/ip_local_port_range';
  const first = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 32_768;
  return first > FIRST + 1000 ? first : 65_536;
}

/** Has a server listen on such a port of 127.0.0.1; returns the port. */
export async function listenOnStablePort(server: net.Server): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST));
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
