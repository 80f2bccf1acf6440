/** The smallest transport that batches: no retry, no bound, no order. What honesty costs shows beside it. */

import http from 'node:http';
import winston from 'winston';
import { logWith } from './logger.mjs';

class FortyLines extends winston.Transport {
  #agent = new http.Agent({ keepAlive: true });
  #batch = [];
  #batches = [];
  #inFlight = 0;

  constructor(options) {
    super(options);
    this.port = options.port;
    setInterval(() => this.#close(), 200).unref();
  }

  log(info, next) {
    if (this.#batch.push(info) === 500) this.#close();
    next();
  }

  #close() {
    if (this.#batch.length > 0) this.#batches.push(this.#batch);
    this.#batch = [];
    this.#send();
  }

  #send() {
    if (this.#inFlight === 2 || this.#batches.length === 0) return;
    this.#inFlight++;
    const headers = { 'content-type': 'application/json' };
    const request = http.request({
      host: '127.0.0.1',
      port: this.port,
      method: 'POST',
      agent: this.#agent,
      headers,
    });
    request.on('response', (response) => response.resume());
    request.on('error', () => {});
    request.on('close', () => {
      this.#inFlight--;
      this.#send();
    });
    request.end(JSON.stringify(this.#batches.shift()));
  }
}

export function create(options) {
  return { log: logWith(new FortyLines({ port: options.port }), options) };
}
