/** Commands against a running service say what to check when it does not do what it was asked for. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Failure } from '../../src/cli/failure.js';
import { createProgram } from '../../src/cli/program.js';
import { runCommand } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startContractServer } from './contract-server.js';

/** How a command fails, in this process: most of the time of a process of its own is spent on starting it. */
async function failureOf(words: readonly string[]): Promise<Failure> {
  const error = await createProgram()
    .parseAsync(words, { from: 'user' })
    .catch((reason: unknown) => reason);
  if (error instanceof Failure) return error;
  throw new Error(`Expected a failure, got ${error}`);
}

const commands = [
  ['status'],
  ['attempts', 'siem'],
  ['retry', 'siem'],
  ['dead-letters', 'siem'],
  ['replay', 'siem'],
  ['discard', 'siem'],
  ['settings', 'get'],
  ['target', 'set', 'siem', 'level=INFO'],
  ['target', 'remove', 'siem'],
  ['tail'],
];

it.each(commands)('%s %s %s %s says what to check when it is not done', async (...given) => {
  const words = given.filter((word) => word !== undefined);
  const unknown = await startContractServer({ '*': { status: 401, error: 'not authenticated' } });
  const strict = await startContractServer({
    '*': { status: 403, error: 'Not allowed: this needs `replay`' },
  });
  const web = await startContractServer({ '*': { status: 200, raw: '<html>' } });
  const urls = [unknown.url, strict.url, `${web.url}/wrong`, 'http://127.0.0.1:1'];
  const ends = await Promise.all(urls.map((url) => failureOf([...words, '--url', url])));
  expect(ends.map(({ exitCode }) => exitCode)).toEqual(urls.map(() => 1));
  const [who, forbidden, wrong, away] = ends.map(({ message, hint }) => `error: ${message}\n${hint}\n`);
  expect(who).toBe(
    `error: ${unknown.url} does not know who asks (401: not authenticated)\n` +
      'Give --token or LOG_TARGETS_TOKEN, --user or LOG_TARGETS_USER, or --cert and --key.\n',
  );
  expect(forbidden).toMatch(/does not allow this \(403: Not allowed: this needs `replay`\)\n.*`allow`/);
  expect(wrong).toMatch(/There is no console at http:\S+\/wrong .*\n.*Check --url/);
  expect(away).toBe(
    'error: http://127.0.0.1:1 does not answer (ECONNREFUSED)\nNothing listens there: is the service up, and is --url right?\n',
  );
});

it('a failure is written to stderr, and nothing else is', async () => {
  const unknown = await startContractServer({ '*': { status: 401, error: 'not authenticated' } });
  expect(await runCommand(['status', '--url', unknown.url])).toEqual({
    exitCode: 1,
    output: '',
    errors: `error: ${unknown.url} does not know who asks (401: not authenticated)\nGive --token or LOG_TARGETS_TOKEN, --user or LOG_TARGETS_USER, or --cert and --key.\n`,
  });
});

it('a command wants to know where the service is', async () => {
  const { exitCode, output, errors } = await runCommand(['settings', 'get']);
  expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
  expect(errors).toMatch("required option '--url <url>' not specified");
});

describe('a connection', () => {
  it('goes through a unix socket, under a base path too', async () => {
    const socket = join(temporaryDirectory(), 'svc.sock');
    const { requests } = await startContractServer({ '*': { metadata: [] } }, socket);
    for (const url of [`unix:${socket}`, `unix:${socket}:/logs/`, `unix://${socket}`]) {
      expect(await runHere(['status', '--url', url])).toMatchObject({
        exitCode: 0,
        output: 'There are no log targets.\n',
      });
    }
    expect(requests.map(({ line }) => line)).toEqual([
      'GET /1.0/log-targets',
      'GET /logs/1.0/log-targets',
      'GET /1.0/log-targets',
    ]);
    const missing = await runHere(['status', '--url', `unix:${socket}.not`]);
    expect(missing.errors).toMatch(/svc\.sock\.not does not answer \(ENOENT\)\nThere is no such socket/);
  });

  it('takes who asks from options and from the environment', async () => {
    const { url, requests } = await startContractServer({ '*': { metadata: [] } });
    const env = { LOG_TARGETS_URL: `${url}/ui/`, LOG_TARGETS_TOKEN: 'from-environment' };
    await runCommand(['status'], { env });
    await runHere(['status', '--token', 'from-option'], { env });
    await runHere(['status', '--user', 'ops:pass:word'], { env: { LOG_TARGETS_URL: url } });
    expect(requests.map(({ line, headers }) => [line, headers.authorization])).toEqual([
      ['GET /1.0/log-targets', 'Bearer from-environment'],
      ['GET /1.0/log-targets', 'Bearer from-option'],
      ['GET /1.0/log-targets', `Basic ${Buffer.from('ops:pass:word').toString('base64')}`],
    ]);
  });

  it.each([
    [['--url', 'ftp://svc'], 2, 'Expected `--url` to be'],
    [['--url', 'https://ops:hunter2@svc'], 2, 'without user name and password'],
    [['--url', 'http://svc.invalid'], 1, 'The host name is not known: check --url.'],
    [
      ['--url', 'https://svc', '--ca', '/nowhere/ca.pem'],
      1,
      'The file of --ca, /nowhere/ca.pem, cannot be read (ENOENT)',
    ],
    [['--url', 'https://svc', '--key', '/dev/null'], 1, 'The file of --key, /dev/null, is no PEM'],
  ])('%j ends with %i', async (args, exitCode, words) => {
    const failure = await failureOf(['status', ...args]);
    expect(failure.exitCode).toBe(exitCode);
    const shown = `${failure.message}\n${failure.hint}`;
    expect(shown).toContain(words);
    expect(shown).not.toMatch('hunter2');
  });

  it('that speaks something else is told of without a stack trace', async () => {
    const server = createTcpServer((socket) => socket.end('220 smtp.example.com ESMTP\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const scheme of ['http', 'https']) {
      const { exitCode, errors } = await runHere(['status', '--url', `${scheme}://127.0.0.1:${port}`]);
      expect(exitCode).toBe(1);
      expect(errors).toMatch(
        /^error: https?:\S+ does not answer \(\w+\)\n(It speaks something else|The connection was broken off)/,
      );
      expect(errors).not.toMatch(/\n\s+at /);
    }
  });
});

describe('dead letters', () => {
  it('are listed by pages, and replayed and discarded by choice', async () => {
    const letter = {
      id: 'id-3',
      at: '2026-01-01T00:00:00Z',
      status: 422,
      response: 'no\nthanks',
      event: { message: 'm' },
    };
    const { url, requests } = await startContractServer({
      'GET /1.0/log-targets/siem/dead-letters?limit=1&after=id-2': { metadata: [letter] },
      'POST /1.0/log-targets/siem/dead-letters/replay': { metadata: { replayed: 1 } },
      'DELETE /1.0/log-targets/siem/dead-letters': { metadata: { discarded: 2 } },
    });
    const run = (...words: string[]) => runHere([...words, '--url', url]);
    expect(await run('dead-letters', 'siem', '--limit', '1', '--after', 'id-2')).toEqual({
      exitCode: 0,
      output: 'id-3  2026-01-01T00:00:00Z  answered 422: no\\nthanks\n  --:--:--.---  logging    m\n',
      errors: 'There may be more: --after id-3\n',
    });
    const replayed = await run('replay', 'siem', '--id', 'a', '--id', 'b', '--since', '2026-01-01T00:00:00Z');
    expect(replayed).toEqual({ exitCode: 0, output: '1 dead letter of siem queued again.\n', errors: '' });
    const discarded = await run('discard', 'siem', '--before', '1h');
    expect(discarded).toEqual({ exitCode: 0, output: '2 dead letters of siem discarded.\n', errors: '' });
    expect(requests[1]?.body).toEqual({ ids: ['a', 'b'], since: '2026-01-01T00:00:00.000Z' });
    const { before } = requests[2]!.body as { before: string };
    expect(Date.now() - Date.parse(before)).toBeGreaterThanOrEqual(3_600_000);
  });
});

describe('settings', () => {
  it('are not replaced when somebody else has changed them meanwhile', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    writeFileSync(file, 'log_level: INFO\n');
    const { url, requests } = await startContractServer({
      'GET /1.0/system/settings': { metadata: { log_level: 'WARN' } },
      'PUT /1.0/system/settings': { status: 412, error: 'ETag does not match' },
    });
    const { exitCode, errors } = await runCommand(['settings', 'set', file, '--url', url]);
    expect(exitCode).toBe(1);
    expect(errors).toMatch('Somebody else has changed the settings meanwhile\nNothing was changed now');
    expect(requests[1]).toMatchObject({
      line: 'PUT /1.0/system/settings',
      headers: { 'if-match': '"tag"' },
      body: { log_level: 'INFO' },
    });
  });

  it('that are wrong are told of one by one', async () => {
    const { url } = await startContractServer({
      '*': {
        status: 400,
        error: 'log_targets[0].level: Expected one of A, B; log_targets[1].address: Expected a URL',
      },
    });
    const { exitCode, errors } = await runHere(['target', 'set', 'siem', 'level=LOUD', '--url', url]);
    expect({ exitCode, errors }).toEqual({
      exitCode: 1,
      errors:
        'error: The service refused (400): log_targets[0].level: Expected one of A, B\n  log_targets[1].address: Expected a URL\n',
    });
  });

  it('in a file that is missing, broken or something else are not sent', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'broken.yaml'), 'log_level: [');
    writeFileSync(join(directory, 'list.yaml'), '- a\n');
    writeFileSync(join(directory, 'settings.yaml'), 'log_level: WARN\n');
    const { url, requests } = await startContractServer({});
    const failure = (words: string[], file: string) =>
      failureOf([...words, join(directory, file), '--url', url]);
    expect(await failure(['settings', 'set'], 'none.yaml')).toMatchObject({
      exitCode: 1,
      message: `There is no file ${directory}/none.yaml`,
    });
    expect(await failure(['settings', 'set'], 'broken.yaml')).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('broken.yaml:1:'),
    });
    expect(await failure(['target', 'add'], 'list.yaml')).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('something else than an object'),
    });
    expect(await failure(['target', 'add'], 'settings.yaml')).toMatchObject({
      exitCode: 1,
      hint: expect.stringContaining('Expected one target'),
    });
    expect(requests).toEqual([]);
  });
});

describe('values of target set', () => {
  it('are read as the key wants them, from files too', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'token'), 'se:cret\n');
    const { url, requests } = await startContractServer({ '*': { metadata: {} } });
    const words = [
      'password=0123',
      'retry_count=5',
      'enabled=false',
      'scopes=[logging]',
      'headers={X-A: b}',
      'bearer_token=@token',
      'username=@@ops',
      'format_options={index: a}',
      'timeout=3s',
    ];
    const { exitCode, output } = await runHere(['target', 'set', 'a b', ...words, '--url', url], {
      cwd: directory,
    });
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^Changed a b: password, retry_count,/),
    });
    expect(requests[0]).toMatchObject({
      line: 'PATCH /1.0/log-targets/a%20b',
      body: {
        password: '0123',
        retry_count: 5,
        enabled: false,
        scopes: ['logging'],
        headers: { 'X-A': 'b' },
        bearer_token: 'se:cret',
        username: '@ops',
        format_options: { index: 'a' },
        timeout: '3s',
      },
    });
    const unread = await failureOf(['target', 'set', 'siem', 'scopes=[', '--url', url]);
    expect(unread).toMatchObject({ exitCode: 2, message: 'The value of `scopes` cannot be read' });
    const wrong = await runHere(['target', 'set', 'siem', 'level', '--url', url]);
    expect(wrong).toMatchObject({ exitCode: 2, errors: expect.stringContaining('Expected KEY=VALUE') });
  });
});
