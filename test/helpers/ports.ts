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

/** Test files run side by side, in processes with ids that are near to each other: each has ports of its own. */
const STRIDE = 61;
const OWN = FIRST + (process.pid % STRIDE);
const COUNT = Math.floor((END - FIRST) / STRIDE);
let turn = Math.floor(Math.random() * COUNT);

/** Ports are taken in turn: one on which nothing is to listen, or to listen again, is not soon given to another server. */
function nextPort(): number {
  turn = (turn + 1) % COUNT;
  return OWN + turn * STRIDE;
}

/** Has a server listen on such a port of 127.0.0.1; returns the port. */
export async function listenOnStablePort(server: net.Server): Promise<number> {
  for (;;) {
    const port = nextPort();
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
