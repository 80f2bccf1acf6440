/**
 * The receiver of all contenders, in a process of its own: counts what arrives over HTTP and HTTPS, and can be down.
 * Has two dead addresses besides, one that refuses connections and one that never answers.
 */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { gunzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { Tally } from './tally.mjs';

/** What the strictest client wants to read: winston's Http transport takes 200 only, axiom's parses JSON. */
const ANSWER = Buffer.from('{}');
const answerHeaders = { 'content-type': 'application/json', 'content-length': ANSWER.length };

/** Of the sequence numbers that count, see `Tally`. */
let range = { from: 0, to: 0 };
/** By path: a transport with several targets gives each a path of its own. */
let tallies = new Map();
let requests = 0;

function count(path, body) {
  requests++;
  let tally = tallies.get(path);
  if (tally === undefined) {
    tally = new Tally(range);
    tallies.set(path, tally);
  }
  tally.count(body);
}

/** Only bodies that arrive to their end count; those that a client or an outage breaks off never do. */
function receive(request, response) {
  const chunks = [];
  request.on('error', () => {});
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(200, answerHeaders).end(ANSWER);
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    count(request.url, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
  });
}

/** Longer than any case: that servers close idle connections is not what is measured. */
const options = { keepAliveTimeout: 120_000 };

const certificate = await generate([{ name: 'commonName', value: 'bench' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [
    { name: 'basicConstraints', cA: false },
    { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
  ],
});
const tls = { cert: certificate.cert, key: certificate.private };

async function listen(server, port = 0) {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

async function stop(server) {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections?.();
  await closed;
}

const server = http.createServer(options, receive);
const port = await listen(server);
const tlsPort = await listen(https.createServer({ ...options, ...tls }, receive));
const silentPort = await listen(net.createServer((socket) => socket.on('error', () => {}).resume()));
const nobody = net.createServer();
const refusingPort = await listen(nobody);
await stop(nobody);

function sum(key) {
  return [...tallies.values()].reduce((total, tally) => total + tally[key], 0);
}

function latest(key) {
  return Math.max(0, ...[...tallies.values()].map((tally) => tally[key]));
}

/** What the parent may ask for, one thing at a time. */
const requestsOfParent = {
  begin(next) {
    range = next;
    tallies = new Map();
    requests = 0;
  },
  count: () => ({
    distinct: sum('distinct'),
    doubled: sum('doubled'),
    outOfOrder: sum('outOfOrder'),
    requests,
    lastNewAt: latest('lastNewAt'),
    lastOfBacklogAt: latest('lastOfBacklogAt'),
  }),
  down: () => stop(server),
  async up() {
    await listen(server, port);
    return { at: performance.timeOrigin + performance.now() };
  },
};

process.on('message', async ({ name, ...details }) => {
  process.send((await requestsOfParent[name](details)) ?? {});
});
process.on('disconnect', () => process.exit());
process.send({ port, tlsPort, cert: certificate.cert, silentPort, refusingPort });
