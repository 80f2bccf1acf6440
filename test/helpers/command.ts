/** The command `log-targets` as a process of its own, as it was built. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** What the package's `bin` leads to. */
const commandFile = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Run on a terminal of its own, where stdout and stderr are one. */
  readonly terminal?: boolean;
  /** What Node is started by: a program with its arguments. */
  readonly launcher?: readonly string[];
  /** Options of Node. */
  readonly nodeOptions?: readonly string[];
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

interface RunningCommand {
  readonly child: ChildProcess;
  readonly written: { readonly output: string; readonly errors: string };
  /** Resolves when what was written to stdout so far matches; rejects when the process ends without it. */
  printed(pattern: string | RegExp): Promise<string>;
  /** The same for stderr. */
  told(pattern: string | RegExp): Promise<string>;
  readonly result: Promise<CommandResult>;
  /** Ctrl-C. */
  interrupt(): Promise<CommandResult>;
}

/** Whether util-linux's `script` is here, which makes terminals. */
export const hasTerminals = spawnSync('script', ['--version']).status === 0;

/** Starts the command; it is gone when the test ends. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const { env = {}, cwd, terminal = false, launcher = [], nodeOptions = [] } = options;
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(LOG_TARGETS_|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  const line = [...launcher, process.execPath, ...nodeOptions, commandFile, ...args];
  const quoted = line.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const [program = '', ...rest] = terminal ? ['script', '-qefc', `exec ${quoted}`, '/dev/null'] : line;
  const child = spawn(program, rest, {
    cwd,
    env: { ...Object.fromEntries(own), TERM: 'xterm', ...env },
    stdio: [terminal ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const written = { output: '', errors: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    written.output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    written.errors += text;
  });
  const result = once(child, 'close').then(([exitCode]) => ({ exitCode, ...written }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await result;
  });

  async function awaitText(name: 'output' | 'errors', pattern: string | RegExp): Promise<string> {
    const stream = name === 'output' ? child.stdout : child.stderr;
    const matches = () =>
      typeof pattern === 'string' ? written[name].includes(pattern) : pattern.test(written[name]);
    while (!matches()) {
      const ended = await Promise.race([once(stream!, 'data').then(() => undefined), result]);
      if (ended !== undefined && !matches()) {
        throw new Error(`The command ended before it wrote ${pattern}: ${JSON.stringify(ended)}`);
      }
    }
    return written[name];
  }

  return {
    child,
    written,
    printed: (pattern) => awaitText('output', pattern),
    told: (pattern) => awaitText('errors', pattern),
    result,
    interrupt: () => {
      if (terminal) child.stdin?.write('\x03');
      else child.kill('SIGINT');
      return result;
    },
  };
}

/** Runs the command to its end. */
export async function runCommand(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  return startCommand(args, options).result;
}

/** A running `listen` and its address, read from what it prints for people. */
export async function startListen(
  args: readonly string[] = [],
  options?: CommandOptions,
): Promise<RunningCommand & { readonly address: string }> {
  const command = startCommand(['listen', '--port', '0', ...args], options);
  const wait = args.includes('--json') ? command.told : command.printed;
  const text = await wait('new EventTransport');
  return { ...command, address: /Listening at (\S+)/.exec(text)?.[1] ?? '' };
}
