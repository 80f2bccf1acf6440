/** Every command explains itself, wrong usage ends with 2, and help loads nothing that it does not need. */

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { hasTerminals, runCommand, startCommand, startListen } from '../helpers/command.js';
import { temporaryDirectory } from '../helpers/files.js';

type Command = ReturnType<typeof createProgram>;

/** All commands, `settings get` as two words. */
function commandsOf(command: Command, path: readonly string[] = []): string[][] {
  return command.commands.flatMap((each) => {
    const here = [...path, each.name()];
    return each.commands.length > 0 ? [here, ...commandsOf(each, here)] : [here];
  });
}

/** What a command line writes and how it ends, in this process. */
async function runHere(
  words: readonly string[],
): Promise<{ output: string; errors: string; error: unknown }> {
  const written = { output: '', errors: '' };
  const program = createProgram();
  const configure = (command: Command): void => {
    command.configureOutput({
      writeOut: (text) => {
        written.output += text;
      },
      writeErr: (text) => {
        written.errors += text;
      },
    });
    command.commands.forEach(configure);
  };
  configure(program);
  const error = await program.parseAsync([...words], { from: 'user' }).then(
    () => undefined,
    (reason) => reason,
  );
  return { ...written, error };
}

describe('help', () => {
  it.each([[[]], ...commandsOf(createProgram()).map((words) => [words])])(
    'of %j has an example',
    async (words) => {
      const { error, output, errors } = await runHere([...words, '--help']);
      expect({ error, errors }).toMatchObject({
        error: { code: 'commander.helpDisplayed', exitCode: 0 },
        errors: '',
      });
      expect(output).toMatch(`Usage: ${['log-targets', ...words].join(' ')}`);
      expect(output).toMatch(/Examples?:\n {2}\$ log-targets /);
    },
  );

  it('that was asked for ends with 0', async () => {
    const { exitCode, output, errors } = await runCommand(['target', 'set', '--help']);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toMatch('Usage: log-targets target set [options] <name> <key=value...>');
  });

  it('loads the command line, and none of the commands', async () => {
    const trace = `data:text/javascript,import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(
        'import { writeSync } from "node:fs"; export const load = (url, context, next) => { writeSync(2, url + "\\\\n"); return next(url, context); }'));`;
    const { errors, exitCode } = await runCommand(['listen', '--help'], { nodeOptions: ['--import', trace] });
    expect(exitCode).toBe(0);
    const files = errors
      .split('\n')
      .filter((url) => url.startsWith('file:'))
      .map((url) => url.replace(/.*\/(dist|node_modules)\//, '$1/'));
    expect(files).toContain('dist/cli/main.js');
    const others = files.filter(
      (file) =>
        !/^(dist\/cli\/[\w-]+\.js|dist\/(model|sending)\/\w+\.js|node_modules\/commander\/)/.test(file),
    );
    expect(others.filter((file) => !/dist\/cli\/listen\/(answers|checks)\.js/.test(file))).toEqual([]);
    expect(files.length).toBeLessThan(20);
  });
});

describe('wrong usage', () => {
  it.each([
    [[], 'Usage: log-targets'],
    [['nope'], "unknown command 'nope'"],
    [['listne'], 'Did you mean listen?'],
    [['listen', '--nope'], "unknown option '--nope'"],
    [['listen', '--port', '65536'], 'Expected a number from 0 to 65535'],
    [['listen', '--answer', '200,x'], 'Expected answers such as'],
    [['listen', '--answer', '200:soon'], 'Expected answers such as'],
    [['listen', '--forward-to', 'ftp://x'], 'Expected an `http:` or `https:` URL'],
    [['listen', '--forward-to', 'http://x', '--answer', '200'], 'cannot be used with'],
    [['validate'], "missing required argument 'file'"],
    [['send', 'x.yaml', '--level', 'LOUD'], 'Expected DEBUG, INFO, WARN or ERROR'],
    [['target', 'set', 'siem', 'level', '--url', 'http://x'], 'Expected KEY=VALUE'],
    [['send', 'x.yaml', '--timeout', 'long'], 'Expected a duration'],
  ])('%j is told of', async (args, words) => {
    const { error, output, errors } = await runHere(args);
    expect(error).toBeInstanceOf(CommanderError);
    expect(error).toMatchObject({ exitCode: 1 });
    expect(output).toBe('');
    expect(errors).toMatch(words);
  });

  it.each([[[]], [['nope']], [['validate']]])(
    '%j ends the process with 2, without a stack trace',
    async (args) => {
      const { exitCode, output, errors } = await runCommand(args);
      expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
      expect(errors).not.toMatch(/\n\s+at /);
    },
  );
});

it('prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await runCommand(['--version'])).toEqual({ exitCode: 0, output: `${version}\n`, errors: '' });
});

describe('a pipe that is closed', () => {
  it('ends a command without a word', async () => {
    const { child, result } = startCommand(['schema']);
    child.stdout?.destroy();
    expect(await result).toMatchObject({ exitCode: 0, errors: '' });
  });
});

it.skipIf(!existsSync('/dev/full'))('output that cannot be written is told of (needs /dev/full)', () => {
  const full = openSync('/dev/full', 'w');
  const file = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [file, 'schema'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'error: The output cannot be written (ENOSPC)\n' });
});

describe('colours', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what they begin with
  const colour = /\x1b\[\d+m/;

  it.skipIf(!hasTerminals)('are for terminals (needs the program script)', async () => {
    const missing = `${temporaryDirectory()}/none.yaml`;
    const shown = await runCommand(['validate', missing], { terminal: true });
    expect(shown.exitCode).toBe(1);
    expect(shown.output).toMatch(colour);
    const plain = await runCommand(['validate', missing], { terminal: true, env: { NO_COLOR: '1' } });
    expect(plain.output).toMatch('There is no file');
    expect(plain.output).not.toMatch(colour);
    expect((await runCommand(['validate', missing])).errors).not.toMatch(colour);
  });

  it.skipIf(!hasTerminals)('tell levels apart (needs the program script)', async () => {
    const { address, printed } = await startListen([], { terminal: true });
    await fetch(address, { method: 'POST', body: '{"level":"error","message":"red"}' });
    expect(await printed('red')).toContain('\x1b[31mERROR');
  });
});
