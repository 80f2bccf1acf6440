/** A thousand clients of a console, in a process of their own: they all ask in the same instant, again and again. */

import { once } from 'node:events';
import net from 'node:net';

/** One connection that is kept, and knows when an answer is complete. */
class Client {
  #socket;
  #answered;
  #head = Buffer.alloc(0);
  #missing = 0;
  #isStream = false;
  statuses = new Map();
  bytes = 0;

  async connect(port) {
    this.#socket = net.connect(port, '127.0.0.1').setNoDelay();
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#count('closed'));
    this.#socket.on('data', (chunk) => this.#read(chunk));
    await once(this.#socket, 'connect');
  }

  ask(path, isStream) {
    this.#isStream = isStream;
    const accept = isStream ? 'text/event-stream' : 'application/json';
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\naccept: ${accept}\r\n\r\n`);
    });
  }

  close() {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #count(what) {
    this.statuses.set(what, (this.statuses.get(what) ?? 0) + 1);
    this.#answered?.();
    this.#answered = undefined;
  }

  #read(chunk) {
    this.bytes += chunk.length;
    if (this.#missing > 0) {
      this.#missing -= chunk.length;
    } else {
      if (this.#isStream && this.#answered === undefined) return;
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = this.#head.toString('latin1', 0, end);
      this.status = head.slice(9, 12);
      const [, length = 'none'] = /content-length: (\d+)/i.exec(head) ?? [];
      const body = this.#head.length - end - 4;
      this.#missing = length === 'none' ? 0 : Number(length) - body;
      // Answers of unknown length come in chunks; the last of them is empty.
      if (length === 'none' && !this.#isStream && !this.#head.includes('0\r\n\r\n', end + 4)) return;
      this.#head = Buffer.alloc(0);
    }
    if (this.#missing <= 0) {
      this.#missing = 0;
      this.#count(this.status);
    }
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

process.on('message', async ({ port, path, number, seconds, isStream }) => {
  const clients = Array.from({ length: number }, () => new Client());
  await Promise.all(clients.map((client) => client.connect(port)));
  process.send({ connected: true });
  const until = performance.now() + seconds * 1000;
  const begin = performance.now();
  if (isStream) {
    await Promise.all(clients.map((client) => client.ask(path, true)));
    await wait(Math.max(until - performance.now(), 0));
  } else {
    while (performance.now() < until) await Promise.all(clients.map((client) => client.ask(path, false)));
  }
  const statuses = {};
  for (const client of clients) {
    for (const [status, count] of client.statuses) statuses[status] = (statuses[status] ?? 0) + count;
  }
  process.send({
    statuses,
    seconds: (performance.now() - begin) / 1000,
    megabytes: clients.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6,
  });
  for (const client of clients) client.close();
});
