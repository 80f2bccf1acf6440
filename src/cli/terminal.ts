/** What a command writes: results on stdout, what is beside the point on stderr, colours only for eyes. */

import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes a line of the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line of the result, and waits while the other side of a pipe is slower. */
export async function printWaiting(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** Writes a result for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined));
}

/** Tells the person in front of it something that is no result. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** When whoever reads a pipe has had enough, a command ends without a word, as `cat` does. */
export function endQuietlyWithThePipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      if (stream === process.stdout) note(`error: The output cannot be written (${error.code})`);
      process.exit(1);
    });
  }
}

/** Aborted by Ctrl-C and by SIGTERM; the second time the process ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(0);
      controller.abort();
    });
  }
  return controller.signal;
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

/** One of the colours and styles that terminals have. */
export type Style = keyof typeof codes;

/** Puts text into a style, where its stream is a terminal and nobody asked for none. */
export type Paint = (style: Style, text: string) => string;

/** @see https://no-color.org */
export function paintFor(stream: Writable & { isTTY?: boolean }): Paint {
  const { NO_COLOR, TERM } = process.env;
  const isColoured = stream.isTTY === true && !NO_COLOR && TERM !== 'dumb';
  return (style, text) => (isColoured && text !== '' ? `\x1b[${codes[style]}m${text}\x1b[0m` : text);
}

/** Text from elsewhere, in one line, and without the control characters that move a cursor or recolour a screen. */
export function inOneLine(text: string): string {
  return text
    .replaceAll('\r\n', '\\n')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
