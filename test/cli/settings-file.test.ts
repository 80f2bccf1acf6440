/** `validate`, `schema`, `ping` and `send`: a settings file is checked, tried out and used. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemLine, readSettings } from '../../src/cli/settings-file/problems.js';
import { SettingsError, SettingsStore } from '../../src/index.js';
import { settingsJsonSchema } from '../../src/settings/json-schema.js';
import { runCommand } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';

function fileWith(text: string, name = 'settings.yaml'): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text);
  return file;
}

const targets = (...list: object[]) => fileWith(JSON.stringify({ log_targets: list }), 'settings.json');

/** The problems of a text, each as `line:column path`. */
async function placesIn(text: string, name?: string): Promise<string[]> {
  const { output, exitCode } = await runHere(['validate', '--json', fileWith(text, name)]);
  const { problems, valid } = JSON.parse(output);
  expect({ valid, exitCode }).toEqual({
    valid: problems.length === 0,
    exitCode: problems.length === 0 ? 0 : 1,
  });
  return problems.map((each: Record<string, unknown>) => `${each.line}:${each.column} ${each.path}`);
}

/** The lines that `validate` would print. */
function problemsIn(text: string, name: string): string[] {
  const file = fileWith(text, name);
  const reading = readSettings(file);
  return 'problems' in reading ? reading.problems.map((problem) => problemLine(file, problem)) : [];
}

const wrongYaml = `# comment
log_level: LOUD
log_targets:
  - name: siem
    adress: https://siem.example.com
    retry_count: -3
    password: [hunter2]
  - &second
    name: "a/b"
    address: https://u:hunter2@x.example.com
    scopes:
      - lifecycle
      - nope
    headers:
      Authorization: hunter2
`;

describe('validate', () => {
  it('finds every problem of a YAML file, with its line and column and what to write instead', async () => {
    const file = fileWith(wrongYaml);
    const { exitCode, output, errors } = await runCommand(['validate', file]);
    expect(exitCode).toBe(1);
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(file, ''));
    expect(lines.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      ':2:12  log_level',
      ':4:5  log_targets[0].address',
      ':5:5  log_targets[0].adress',
      ':6:18  log_targets[0].retry_count',
      ':7:15  log_targets[0].password',
      ':9:11  log_targets[1].name',
      ':10:14  log_targets[1].address',
      ':13:9  log_targets[1].scopes[1]',
      ':15:7  log_targets[1].headers.Authorization',
    ]);
    expect(lines[0]).toMatch('`DEBUG`, `INFO`, `WARN`, `ERROR`');
    expect(lines[2]).toMatch(/did you mean `address`\?/i);
    expect(lines[3]).toMatch('for instance `retry_count: 3`');
    expect(errors).toBe(`9 problems in ${file}\n`);
    expect(output + errors).not.toMatch('hunter2');
  });

  it('finds the problems of a JSON file', async () => {
    const text =
      '{\n\t"$schema": "x",\n\t"log_targets": [\n\t\t{ "name": "a",\n\t\t  "address": "ftp://x", "enabled": "no" }\n\t]\n}';
    expect(await placesIn(text, 'settings.json')).toEqual([
      '5:16 log_targets[0].address',
      '5:38 log_targets[0].enabled',
    ]);
  });

  it.each([
    ['tabs', 'log_targets:\n\t- name: a\n', '2:1', 'spaces, not tabs'],
    ['an open quote', 'log_level: "WARN\n', '2:1', 'closing quote'],
    ['a key twice', 'log_level: WARN\nlog_level: INFO\n', '2:1', 'twice'],
    ['an alias of nothing', 'log_level: *none\n', '1:1', 'alias'],
    ['a colon', 'log_level: a: b\n', '1:12', 'quotes'],
  ])('says where YAML is broken by %s, without quoting it', (_what, text, place, words) => {
    const [first] = problemsIn(text, 'settings.yaml');
    expect(first).toMatch(new RegExp(`:${place} .*${words}`));
  });

  it.each([
    ['{\n  "log_level": "WARN",\n}', '3:1'],
    ['{\n  "log_level": hunter2 }', '2:16'],
    ['{\n  // comment\n}', '2:3'],
    ['{ "log_level": "WARN"', '1:22'],
    ["{ 'log_level': 1 }", '1:3'],
    ['{}{', '1:3'],
    ['{ "log_level": "WA\nRN" }', '1:19'],
    ['', '1:1'],
  ])('says where the JSON %j is broken', (text, place) => {
    const problems = problemsIn(text, 'settings.json');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`:${place} `));
    expect(problems[0]).not.toMatch('hunter2');
  });

  it('is content with what is right', async () => {
    expect(await placesIn('log_targets:\n- {name: a, address: https://x.example.com}\n')).toEqual([]);
    expect(await placesIn('log_targets: []\n')).toEqual([]);
    expect(await placesIn('{}')).toEqual([]);
    const file = targets({ name: 'a', address: 'https://x.example.com' });
    expect(await runCommand(['validate', file])).toEqual({
      exitCode: 0,
      output: `${file}: 1 log target, nothing is wrong\n`,
      errors: '',
    });
  });

  it.each(['', '# nothing yet\n', 'null\n', 'log_level: INFO\n---\nlog_level: WARN\n'])(
    'finds in %j what keeps a service from starting with it',
    async (text) => {
      const file = fileWith(text);
      await expect(SettingsStore.open({ file })).rejects.toThrow(SettingsError);
      expect(await runHere(['validate', file])).toMatchObject({
        exitCode: 1,
        output: expect.stringMatching(/:\d+:1 {2}/),
        errors: `1 problem in ${file}\n`,
      });
    },
  );

  it('ends with 1 when the file is missing, a directory or no text', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0]));
    const ends = ['none.yaml', '.', 'binary.yaml'].map((name) =>
      runHere(['validate', join(directory, name)]),
    );
    const [missing, folder, binary] = await Promise.all(ends);
    expect(missing).toMatchObject({
      exitCode: 1,
      output: '',
      errors: `error: There is no file ${directory}/none.yaml\n`,
    });
    const told = await runHere(['validate', '--json', join(directory, 'none.yaml')]);
    expect(told).toMatchObject({ exitCode: 1, errors: missing?.errors });
    expect(JSON.parse(told.output)).toEqual({
      file: join(directory, 'none.yaml'),
      valid: false,
      problems: [{ path: 'settings', message: `There is no file ${directory}/none.yaml` }],
    });
    expect(folder).toMatchObject({ exitCode: 1, errors: expect.stringContaining('is a directory') });
    expect(binary).toMatchObject({ exitCode: 1, errors: expect.stringContaining('not UTF-8') });
  });
});

describe('schema', () => {
  it('prints the JSON Schema', async () => {
    const { exitCode, output } = await runCommand(['schema']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toEqual(JSON.parse(JSON.stringify(settingsJsonSchema())));
  });
});

describe('ping', () => {
  it('tries every target, says what to do about the others, and ends with 1', async () => {
    const [good, bad, away] = [await startReceiver(), await startReceiver(401), await startReceiver()];
    await away.close();
    const file = targets(
      { name: 'good', address: good.address, enabled: false },
      { name: 'bad', address: bad.address },
      { name: 'away', address: away.address },
    );
    const { exitCode, output } = await runCommand(['ping', file]);
    expect(exitCode).toBe(1);
    const [first, second, third] = output.split('\n');
    expect(first).toMatch(/^good {2}ok {6}200 {2}\d+ ms$/);
    expect(second).toMatch(/^bad {3}failed {2}401 .*HTTP_401: .*; check `username` and `password`/);
    expect(third).toMatch(/^away {2}failed {7}.*ECONNREFUSED: .*; nothing listens there/);
    expect(good.requests[0]?.headers['webhook-id']).toMatch(/^ping_/);
  });

  it('tries those that are named, for programs too', async () => {
    const receiver = await startReceiver();
    const file = targets(
      { name: 'a', address: receiver.address },
      { name: 'b', address: 'http://127.0.0.1:1' },
    );
    const { exitCode, output } = await runHere(['ping', file, 'a', '--json']);
    expect({ exitCode, pinged: JSON.parse(output) }).toMatchObject({
      exitCode: 0,
      pinged: [{ name: 'a', ok: true, status: 200 }],
    });
  });

  it('reads secrets from files, where it is told their directory', async () => {
    const receiver = await startReceiver();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'token'), 'hunter2\n', { mode: 0o600 });
    const file = targets({ name: 'a', address: receiver.address, bearer_token_file: 'token' });
    expect(await runHere(['ping', file, '--secrets-directory', directory])).toMatchObject({ exitCode: 0 });
    expect(receiver.requests[0]?.headers.authorization).toBe('Bearer hunter2');
    const without = await runHere(['ping', file]);
    expect(without).toMatchObject({ exitCode: 1, output: '' });
    expect(without.errors).toMatch(/bearer_token_file.*\nSay with --secrets-directory/);
  });

  it('ends with 1 for a name that is not there, a file without targets and a broken one', async () => {
    const [unknown, empty, broken] = await Promise.all([
      runHere(['ping', targets({ name: 'a', address: 'http://127.0.0.1:1' }), 'b']),
      runHere(['ping', targets()]),
      runHere(['ping', fileWith(wrongYaml)]),
    ]);
    expect(unknown).toMatchObject({ exitCode: 1, errors: 'error: There is no target b\nThere are: a.\n' });
    expect(empty).toMatchObject({ exitCode: 1, errors: expect.stringContaining('has no log targets') });
    expect(broken).toMatchObject({
      exitCode: 1,
      errors: expect.stringMatching(/:6:18 {2}log_targets\[0\]\.retry_count/),
    });
    expect(broken?.errors).not.toMatch('hunter2');
  });
});

describe('send', () => {
  it('delivers a record and a lifecycle event, and says to whom', async () => {
    const [all, errorsOnly] = [await startReceiver(), await startReceiver()];
    const file = targets(
      { name: 'all', address: all.address },
      { name: 'errors', address: errorsOnly.address, level: 'ERROR', scopes: ['logging'] },
    );
    const { exitCode, output } = await runCommand([
      'send',
      file,
      '--message',
      'hello',
      '--lifecycle',
      'batch-started',
      '--entity',
      '/a',
      '--entity',
      '/b',
    ]);
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'all     delivered\nerrors  not for it\n' });
    expect(all.events()).toMatchObject([
      { type: 'lifecycle', metadata: { action: 'batch-started', entities: ['/a', '/b'] } },
      { type: 'logging', metadata: { message: 'hello', level: 'WARN' } },
    ]);
    expect(errorsOnly.events()).toEqual([]);
  });

  it('waits through failures until it is delivered', async () => {
    const receiver = await startReceiver((_request, response, index) => {
      response.writeHead(index === 0 ? 503 : 200).end();
    });
    const file = targets({ name: 'a', address: receiver.address, retry_timeout: '10ms' });
    const { exitCode, output } = await runHere(['send', file, '--level', 'error', '--json']);
    expect({ exitCode, ...JSON.parse(output) }).toMatchObject({
      exitCode: 0,
      delivered: true,
      targets: [{ delivered: 1 }],
    });
    expect(receiver.events()[0]?.metadata.level).toBe('ERROR');
  });

  it('ends with 1 when it does not arrive in time, or when nobody takes it', async () => {
    const receiver = await startReceiver(401);
    const file = targets({ name: 'a', address: receiver.address });
    const [late, unwanted] = await Promise.all([
      runCommand(['send', file, '--timeout', '3s']),
      runHere(['send', file, '--level', 'DEBUG']),
    ]);
    expect(late).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/^a {2}failed {2}1 event not delivered in time; HTTP_401/),
    });
    expect(unwanted).toMatchObject({ exitCode: 1, errors: expect.stringContaining('a from WARN on') });
  });
});
