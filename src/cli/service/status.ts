/** `log-targets status`: all targets at a glance, once or again and again. */

import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../failure.js';
import { interruption, paintFor, print, printJson } from '../terminal.js';
import { Service, type ServiceOptions } from './service.js';
import { statusLines } from './status-lines.js';
import { targetsOf } from './target-status.js';

/** The options of the command. */
export interface StatusOptions extends ServiceOptions {
  readonly watch?: boolean;
  /** Between two looks, in milliseconds. */
  readonly interval: number;
}

/** Shows all targets; with `watch` until it is interrupted. */
export async function status(options: StatusOptions): Promise<void> {
  const service = new Service(options);
  if (options.watch) await watch(service, options);
  else if (options.json) printJson(await targetsOf(service));
  else for (const line of await linesOf(service)) print(line);
}

async function linesOf(service: Service): Promise<string[]> {
  return statusLines(await targetsOf(service), Date.now(), paintFor(process.stdout));
}

/** A service that is away may come back: that is what one watches for. */
async function watch(service: Service, { json, interval }: StatusOptions): Promise<void> {
  const interrupted = interruption();
  const screen = process.stdout.isTTY && !json ? new Screen() : undefined;
  try {
    while (!interrupted.aborted) {
      if (json) print(JSON.stringify(await targetsOf(service)));
      else show(await linesOf(service).catch(linesOfFailure), screen);
      await wait(interval, undefined, { signal: interrupted }).catch(() => {});
    }
  } finally {
    screen?.leave();
  }
}

function show(lines: readonly string[], screen: Screen | undefined): void {
  if (screen) screen.draw([...lines, '', new Date().toLocaleTimeString()]);
  else for (const line of [...lines, '']) print(line);
}

function linesOfFailure(error: unknown): string[] {
  if (!(error instanceof Failure)) throw error;
  const paint = paintFor(process.stdout);
  return [`${paint('red', 'error:')} ${error.message}`, ...(error.hint ? [error.hint] : [])];
}

/** Draws over what it drew before, without a wrapped line or a cursor that would get in the way. */
class Screen {
  #height = 0;

  constructor() {
    process.stdout.write('\x1b[?25l\x1b[?7l');
  }

  draw(lines: readonly string[]): void {
    const rows = process.stdout.rows || 24; // a terminal may not know its size
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const up = this.#height === 0 ? '' : `\x1b[${this.#height}A`;
    process.stdout.write(`${up}\r\x1b[J${shown.map((line) => `${line}\n`).join('')}`);
    this.#height = shown.length;
  }

  leave(): void {
    process.stdout.write('\x1b[?25h\x1b[?7h');
  }
}
