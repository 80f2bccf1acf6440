/** The suite that Winston has for its transports. It is written for mocha, whose callbacks are adapted here. */

import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import { EventTransport } from '../../src/index.js';

type Done = (error?: unknown) => void;
type MochaCallback = (done: Done) => void;

function promised(callback: MochaCallback): () => Promise<void> {
  return () =>
    new Promise((resolve, reject) => {
      callback((error) => (error ? reject(error) : resolve()));
      if (callback.length === 0) resolve();
    });
}

Object.assign(globalThis, {
  describe,
  it: (title: string, callback: MochaCallback) => it(title, promised(callback)),
  before: (callback: MochaCallback) => beforeAll(promised(callback)),
  beforeEach: (callback: MochaCallback) => beforeEach(promised(callback)),
  after: (callback: MochaCallback) => afterAll(promised(callback)),
  afterEach: (callback: MochaCallback) => afterEach(promised(callback)),
});

const runSuite = createRequire(import.meta.url)('abstract-winston-transport');
runSuite({ name: 'EventTransport', Transport: EventTransport });
runSuite({
  name: 'EventTransport with a target',
  Transport: EventTransport,
  construct: { targets: [{ name: 'siem', address: 'http://127.0.0.1:9/' }], shutdownTimeoutMs: 0 },
});
