/** A process of the benchmark's own that answers messages, one at a time. */

import { fork } from 'node:child_process';

/** Longer than any case takes for one contender. */
const TIMEOUT_MS = 90_000;

export class Child {
  #process;
  #exited;

  /** @param {string} script of this folder @param {object} [details] its only argument, as JSON */
  constructor(script, details = {}) {
    this.#process = fork(new URL(script, import.meta.url), [JSON.stringify(details)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#exited = new Promise((resolve) => this.#process.once('exit', resolve));
  }

  /** The next message that it sends. Rejects when it ends without one, or takes too long. */
  next() {
    const { promise, resolve, reject } = withResolvers();
    const onExit = (code) => reject(new Error(`the process ended with ${code}`));
    const timer = setTimeout(() => reject(new Error('the process does not answer')), TIMEOUT_MS);
    this.#process.once('message', resolve).once('exit', onExit);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#process.off('message', resolve).off('exit', onExit);
    });
  }

  ask(message) {
    const answer = this.next();
    this.#process.send(message);
    return answer;
  }

  async end() {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }
}

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
