/** Ready-made bodies of 500 events over four connections of Node's HTTP client: the limit for delivery. */

import http from 'node:http';
import { MESSAGE, makeRecord } from '../record.mjs';

const EVENTS = 500;

export function create({ port, total }) {
  const bodies = [];
  for (let from = 0; from < total; from += EVENTS) {
    const events = Array.from({ length: EVENTS }, (_, index) => ({
      level: 'info',
      message: MESSAGE,
      ...makeRecord(from + index),
    }));
    bodies.push(Buffer.from(JSON.stringify(events)));
  }
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  let logged = 0;
  function log() {
    if (++logged % EVENTS > 0) return;
    const body = bodies[logged / EVENTS - 1];
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent, headers });
    request.on('response', (response) => response.resume());
    request.end(body);
  }
  // There are no log calls to speak of, and the bodies were made before.
  return { log, hides: ['nsPerCall'] };
}
