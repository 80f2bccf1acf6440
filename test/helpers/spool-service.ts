/** Processes of their own with a spool, on the package as it is published, that do what they are told. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { EventTransportOptions, LogTarget, Receipt, TargetStatus } from '../../src/index.js';
import { type SpoolOptions, within } from './spool.js';

export interface ServiceOptions extends Omit<EventTransportOptions, 'targets'> {
  readonly targets: readonly LogTarget[];
  readonly spool?: SpoolOptions;
}

/** What the service does when told; the answer says what came of it. */
interface Commands {
  /** Waits for the queues; `ms` from the start of the constructor. */
  ready: { args: object; answer: { ms: number; cpuMs?: number; error?: { code: string; message: string } } };
  /** Logs the numbers from `first` to `last`, each with `pad` bytes more. */
  log: { args: { first: number; last: number; pad?: number }; answer: null };
  lifecycle: { args: { action: string }; answer: Receipt };
  status: { args: object; answer: { accepted: number; targets: TargetStatus[] } };
  flush: { args: { timeoutMs: number }; answer: { delivered: boolean; pending: number } };
  /** As `log`, each thousand awaited on disk; `memoryBytes` is what RSS grew by at its peak. */
  flood: { args: { first: number; last: number; pad: number }; answer: { memoryBytes: number } };
  /** What RSS grew by at its peak since the service was ready. */
  peak: { args: object; answer: { memoryBytes: number } };
  /** Moves the service's clock. */
  clock: { args: { offsetMs: number }; answer: null };
  reports: { args: object; answer: { type: string; [key: string]: unknown }[] };
  /** Ends the transport and answers when it has finished. */
  end: { args: object; answer: null };
}

export interface Service {
  readonly child: ChildProcess;
  call<Name extends keyof Commands>(
    name: Name,
    args?: Commands[Name]['args'],
    timeoutMs?: number,
  ): Promise<Commands[Name]['answer']>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Lets the process end by itself. */
  leave(): Promise<void>;
}

const script = fixturePath('spool-service.mjs');

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../e2e/fixtures/${name}`, import.meta.url));
}

/**
 * Starts a service; it is killed after the test.
 *
 * @param clockOffsetMs by how much its clock is wrong from the start
 * @param start what starts it: Node, or a program, with its arguments, that does
 */
export function startService(
  options: ServiceOptions,
  clockOffsetMs = 0,
  start: readonly string[] = [process.execPath],
): Service {
  const child = fork(script, [JSON.stringify(options), String(clockOffsetMs)], {
    execPath: start[0],
    execArgv: [...start.slice(1), '--import', new URL('../e2e/fixtures/clock.mjs', import.meta.url).href],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>();
  let calls = 0;
  child.on('message', ({ call, answer, error }: { call: number; answer: never; error?: string }) => {
    const caller = waiting.get(call);
    waiting.delete(call);
    if (error === undefined) caller?.resolve(answer);
    else caller?.reject(new Error(`The service failed: ${error}`));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`The service ended: ${code ?? signal}`));
  });
  const kill = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exited;
  };
  onTestFinished(kill);
  return {
    child,
    kill,
    call: (name, args = {}, timeoutMs = 30_000) => {
      const call = ++calls;
      const answered = new Promise<never>((resolve, reject) => waiting.set(call, { resolve, reject }));
      child.send({ call, name, args });
      return within(answered, timeoutMs, `The service's answer to \`${name}\``);
    },
    leave: async () => {
      child.disconnect();
      await within(exited, 30_000, "The service's end");
    },
  };
}
