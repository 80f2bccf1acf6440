/**
 * The samples of a documentation page, run as a reader would run them: a page says only what is so.
 *
 *     const page = readPage('docs/delivery.md');
 *
 *     it('has a sample of the spool that runs', async () => {
 *       const receiver = await startReceiver();
 *       const code = replaced(page.sample('spool: {'), {
 *         'https://siem.example.com/1.0/log': receiver.address,
 *         '/var/lib/svc/spool': join(temporaryDirectory(), 'spool'),
 *       });
 *       const { output, errors, exitCode } = await runSample(`${code}\n console.log(await events.flush());`);
 *       expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
 *     });
 *
 * A sample is found by a text that only it holds, and only what the page really says can be replaced in it:
 * a test of a sample that has gone, or no longer names its address, fails. A sample that serves until it is
 * told to end is begun with `startSample`, which gives the process. Code runs in a process of its own, in a
 * folder inside the project, so that it finds the built package by its name, and the packages it is shown with.
 * `page.table('key')` gives the rows of a table, `page.fences` every fenced block with its language.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Fence {
  /** The word behind the fence: `js`, `json`, `sh`... */
  readonly language: string;
  readonly code: string;
}

interface Page {
  readonly text: string;
  readonly fences: readonly Fence[];
  /** The one block that holds `text`, of this language ('js' where nothing is said). */
  sample(text: string, language?: string): string;
  /** The rows, each a list of cells, of the table whose header begins with these words. */
  table(header: string): string[][];
}

/** @param path from the root of the project, as `docs/delivery.md` */
export function readPage(path: string): Page {
  const text = readFileSync(resolve(root, path), 'utf8');
  // Blocks inside a list are indented: their code loses what their fence has.
  const fences = [...text.matchAll(/^([ \t]*)```(\S*).*\n([\s\S]*?)^\1```[ \t]*$/gm)].map(
    ([, indent = '', language = '', code = '']) => ({
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
  return {
    text,
    fences,
    sample(wanted, language = 'js') {
      const found = fences.filter((fence) => fence.language === language && fence.code.includes(wanted));
      if (found.length !== 1)
        throw new Error(`${path}: ${found.length} blocks of ${language} hold ${wanted}`);
      return found[0]!.code;
    },
    table(header) {
      const [, body] = new RegExp(`^\\| ${header}.*\\n\\|[-:| ]+\\n((?:\\|.*\\n?)+)`, 'm').exec(text) ?? [];
      if (body === undefined) throw new Error(`${path}: no table begins with ${header}`);
      return body.trimEnd().split('\n').map(cellsOf);
    },
  };
}

function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The code with every text replaced wherever it stands; each must stand there. */
export function replaced(code: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The sample does not say ${from}:\n${result}`);
    return result.replaceAll(from, () => to);
  }, code);
}

interface SampleOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Files beside the sample, in its working directory: their names and contents. */
  readonly files?: Readonly<Record<string, string>>;
  /** Name of the file that the code is run from: `sample.cjs` for CommonJS. Default: `sample.mjs`. */
  readonly file?: string;
}

interface SampleResult {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface RunningSample {
  readonly child: ChildProcess;
  /** Resolves when the output so far matches; rejects when the process ends without it. */
  printed(pattern: string | RegExp): Promise<string>;
  readonly result: Promise<SampleResult>;
}

/** Starts the code; when the test ends, the process does too. */
export function startSample(code: string, options: SampleOptions = {}): RunningSample {
  const { env = {}, args = [], files = {}, file = 'sample.mjs' } = options;
  const directory = mkdtempSync(join(root, 'test/.sample-'));
  for (const [name, content] of Object.entries({ ...files, [file]: code })) {
    writeFileSync(join(directory, name), content);
  }
  const child = spawn(process.execPath, [file, ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    written.errors += text;
  });
  const result = once(child, 'close').then(([exitCode, signal]) => ({ ...written, exitCode, signal }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await result;
    rmSync(directory, { recursive: true });
  });

  async function printed(pattern: string | RegExp): Promise<string> {
    const matches = () =>
      typeof pattern === 'string' ? written.output.includes(pattern) : pattern.test(written.output);
    while (!matches()) {
      const ended = await Promise.race([once(child.stdout!, 'data').then(() => undefined), result]);
      if (ended !== undefined && !matches()) {
        throw new Error(`The sample ended before it printed ${pattern}: ${JSON.stringify(ended)}`);
      }
    }
    return written.output;
  }

  return { child, printed, result };
}

/** Runs the code to its end. */
export async function runSample(code: string, options?: SampleOptions): Promise<SampleResult> {
  return startSample(code, options).result;
}
