/** The settings store on real files. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LogTargetsError, SettingsError, SettingsStore, type SystemSettings } from '../../src/index.js';
import { isGlob } from '../../src/model/glob.js';
import { defaultSettings } from '../../src/settings/schema.js';
import { SettingsFile } from '../../src/settings/settings-file.js';
import { validateSettings } from '../../src/settings/validate.js';
import { temporaryDirectory } from '../helpers/files.js';
import { collectProcessWarnings } from '../helpers/process-warnings.js';

const target = { name: 'siem', address: 'https://siem.example.com/1.0/log' };

async function openStore(file: string, content?: string): Promise<SettingsStore> {
  if (content !== undefined) writeFileSync(file, content);
  const store = await SettingsStore.open({ file });
  onTestFinished(() => store.close());
  return store;
}

/** The next change that subscribers are told. */
function nextChange(store: SettingsStore): Promise<SystemSettings> {
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe((current) => {
      unsubscribe();
      resolve(current);
    });
  });
}

describe.each(['json', 'yaml', 'yml'])('a store in a .%s file', (ending) => {
  it('is created with the defaults, readable by its owner only', async () => {
    const file = join(temporaryDirectory(), `settings.${ending}`);
    const store = await openStore(file);
    expect(store.current).toEqual(defaultSettings);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await openStore(file)).current).toEqual(defaultSettings);
  });

  it('validates, saves and tells subscribers, in this order', async () => {
    const file = join(temporaryDirectory(), `settings.${ending}`);
    const store = await openStore(file);
    const calls: unknown[] = [];
    const unsubscribe = store.subscribe((current, previous) => {
      calls.push([
        current.log_level,
        previous.log_level,
        new SettingsFile(file).parse(readFileSync(file, 'utf8')).log_level,
      ]);
    });
    await store.replace({ log_level: 'info', log_targets: [target] });
    expect(calls).toEqual([['INFO', 'WARN', 'INFO']]);
    expect(store.current.log_targets[0]).toMatchObject({ ...target, retry_count: 3 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    unsubscribe();
    await store.replace({});
    expect(calls).toHaveLength(1);
  });

  it('changes nothing when anything is wrong', async () => {
    const file = join(temporaryDirectory(), `settings.${ending}`);
    const store = await openStore(file);
    const before = readFileSync(file, 'utf8');
    const told = vi.fn();
    store.subscribe(told);
    await expect(store.replace({ log_targets: [{ ...target, retry_count: -1 }] })).rejects.toThrow(
      SettingsError,
    );
    await expect(store.replace(null as never)).rejects.toThrow(SettingsError);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(store.current).toEqual(defaultSettings);
    expect(told).not.toHaveBeenCalled();
  });

  it('keeps every settings value that is accepted', async () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', "'", '#', ':', '\n', '\t', '\\', '-', ' ', '\u0085', '\u2028', '\0', '<'),
        fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
      ),
    });
    const settings = fc.record({
      sync_interval: fc.integer({ min: 1001, max: 1e9 }).map((ms) => `${ms}ms`),
      disable_auto_sync: fc.boolean(),
      log_level: fc.constantFrom('debug', 'ERROR'),
      log_targets: fc.uniqueArray(
        fc.record({
          name: fc.constantFrom('a', 'yes', '1', 'null', 'täg', 'a.b'),
          address: fc.constant(target.address),
          username: text.map((each) => each.replaceAll(':', '')),
          password: text,
          retry_count: fc.integer({ min: 1, max: 5 }),
          lifecycle_actions: fc.array(text.filter(isGlob)),
          headers: fc.dictionary(fc.stringMatching(/^x-[a-z]+$/), fc.stringMatching(/^[ -~]*$/)),
        }),
        { selector: ({ name }) => name, maxLength: 3 },
      ),
    });
    const file = new SettingsFile(`settings.${ending}`);
    let previous = '';
    fc.assert(
      fc.property(settings, (given) => {
        const validated = validateSettings(given);
        previous = file.format(validated, previous);
        expect(file.parse(previous)).toEqual(validated);
      }),
    );
  });
});

it('text that YAML mistakes in a block is written in quotes', async () => {
  const file = new SettingsFile('settings.yaml');
  const settings = validateSettings({ log_targets: [{ ...target, password: ' \n', username: '\n\t ' }] });
  expect(file.parse(file.format(settings))).toEqual(settings);
});

describe('changes', () => {
  it('happen one after the other, each on what the one before left', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    const seen: number[] = [];
    store.subscribe(({ log_targets }) => seen.push(log_targets.length));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.change((current) => ({
          ...current,
          log_targets: [...current.log_targets, { ...target, name: `t${index}` }],
        })),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(store.current.log_targets.map(({ name }) => name)).toEqual(seen.map((count) => `t${count - 1}`));
  });

  it('that change nothing tell nobody', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.yaml'));
    const told = vi.fn();
    store.subscribe(told);
    await store.replace({ sync_interval: '600s', log_level: 'warn' });
    expect(told).not.toHaveBeenCalled();
  });

  it('that cannot be saved are refused, and the settings stay', async () => {
    const directory = join(temporaryDirectory(), 'gone');
    mkdirSync(directory);
    const store = await openStore(join(directory, 'settings.json'));
    renameSync(directory, `${directory}-away`);
    const error = await store.replace({ log_level: 'DEBUG' }).catch((reason) => reason);
    expect(error).toBeInstanceOf(LogTargetsError);
    expect(error).toMatchObject({ code: 'SETTINGS_NOT_SAVED', message: expect.stringContaining('ENOENT') });
    expect(store.current.log_level).toBe('WARN');
    renameSync(`${directory}-away`, directory);
    expect((await store.replace({ log_level: 'DEBUG' })).log_level).toBe('DEBUG');
  });

  it('survive a subscriber that throws', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    store.subscribe(() => {
      throw new Error('bad subscriber');
    });
    const warned = once(store, 'warn');
    const told = nextChange(store);
    await store.replace({ log_level: 'DEBUG' });
    expect((await told).log_level).toBe('DEBUG');
    expect((await warned)[0]).toMatchObject({
      code: 'LISTENER_FAILED',
      message: expect.stringContaining('bad subscriber'),
    });
  });

  it('that are under way when the store is closed are made', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    const store = await openStore(file);
    const changes = [store.replace({ log_level: 'INFO' }), store.replace({ log_level: 'DEBUG' })];
    await store.close();
    await Promise.all(changes);
    expect(new SettingsFile(file).parse(readFileSync(file, 'utf8')).log_level).toBe('DEBUG');
  });

  it('may take their time to make the next settings', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    await store.replace({ log_targets: [target] });
    await store.change(async (current) => current);
    expect(store.current.log_targets).toHaveLength(1);
  });

  it('that change nothing write a file that is gone', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    const store = await openStore(file);
    await store.replace({ log_level: 'INFO' });
    rmSync(file);
    await store.replace({ log_level: 'INFO' });
    expect(new SettingsFile(file).parse(readFileSync(file, 'utf8')).log_level).toBe('INFO');
  });

  it('do not overwrite what somebody writes by hand, until it can be used or is gone', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await openStore(file, 'log_level: INFO\n');
    writeFileSync(file, 'log_level: LOUD # half done\n');
    const error = await store.replace({ log_level: 'ERROR' }).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'SETTINGS_BROKEN', file });
    expect(error.problems.map(({ path }: { path: string }) => path)).toEqual(['settings', 'log_level']);
    await expect(store.replace({ log_level: 'ERROR' })).rejects.toThrow('LOUD');
    expect(readFileSync(file, 'utf8')).toBe('log_level: LOUD # half done\n');
    writeFileSync(file, 'log_level: DEBUG # done\n');
    await store.change((current) => ({ ...current, disable_auto_sync: true }));
    expect(readFileSync(file, 'utf8')).toBe('log_level: DEBUG # done\ndisable_auto_sync: true\n');
    writeFileSync(file, 'log_level: LOUD\n');
    await expect(store.replace({})).rejects.toThrow('LOUD');
    rmSync(file);
    await store.replace({ log_level: 'ERROR' });
    expect(store.current.log_level).toBe('ERROR');
  });

  it('change the revision, and are refused when it is not the expected one', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    const store = await openStore(file);
    const revisions = [store.revision];
    await store.replace({ log_targets: [{ ...target, password: 'one' }] });
    revisions.push(store.revision);
    await store.change(
      { log_targets: [{ ...target, password: 'two' }] },
      { expectedRevision: store.revision },
    );
    revisions.push(store.revision);
    // Also when nothing changes: or it would tell who guesses a secret that it is the one.
    await store.replace({ log_targets: [{ ...target, password: 'two' }] });
    revisions.push(store.revision);
    const changed = nextChange(store);
    writeFileSync(file, '{}');
    await changed;
    revisions.push(store.revision);
    expect(new Set(revisions).size).toBe(5);
    for (const revision of revisions) expect(revision).toMatch(/^[\w-]{8,32}$/);

    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        store.change({ sync_interval: `${index + 2}s` }, { expectedRevision: store.revision }),
      ),
    );
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', ...Array(9).fill('rejected')]);
    const [refused] = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toBeInstanceOf(SettingsError);
    expect(refused.code).toBe('SETTINGS_CONFLICT');
  });

  it('do not take a mask for a secret', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    await expect(store.replace({ log_targets: [{ ...target, password: '********' }] })).rejects.toThrow(
      'not a mask',
    );
  });

  it('are refused once the store is closed', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    await store.close();
    await expect(store.replace({})).rejects.toThrow('closed');
  });
});

describe('the current settings', () => {
  it('are deeply frozen', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    await store.replace({ log_targets: [{ ...target, headers: { a: 'b' } }] });
    const { current } = store;
    expect(() => Object.assign(current, { log_level: 'DEBUG' })).toThrow(TypeError);
    expect(() => Object.assign(current.log_targets[0]!.headers, { a: 'c' })).toThrow(TypeError);
    expect(() => current.log_targets.push(current.log_targets[0]!)).toThrow(TypeError);
  });

  it('show masks when they are inspected', async () => {
    const store = await openStore(join(temporaryDirectory(), 'settings.json'));
    await store.replace({ log_targets: [{ ...target, username: 'u', password: 'c4n4ry' }] });
    for (const value of [store, store.current, store.current.log_targets, store.current.log_targets[0]]) {
      const shown = inspect(value, { depth: 10, showHidden: true });
      expect(shown).toContain('********');
      expect(shown).not.toContain('c4n4ry');
    }
    expect(store.current.log_targets[0]?.password).toBe('c4n4ry');
  });
});

describe('a hand-written YAML file', () => {
  const written = `# Settings of the service
log_level: INFO # while we look for the leak

log_targets:
  # Where security looks
  - name: siem
    address: https://siem.example.com/1.0/log
    password: "p" # rotated in March
    username: svc
  # Where auditors look
  - name: audit
    address: https://audit.example.com/1.0/log
    scopes: [lifecycle]
`;

  it('keeps its comments, order and brevity through a change', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await openStore(file, written);
    await store.change((current) => ({
      ...current,
      log_level: 'DEBUG',
      log_targets: current.log_targets.map((each) =>
        each.name === 'audit' ? { ...each, batch_size: 10 } : each,
      ),
    }));
    const expected = written
      .replace('INFO', 'DEBUG')
      .replace('[lifecycle]\n', '[ lifecycle ]\n    batch_size: 10\n');
    expect(readFileSync(file, 'utf8').replaceAll('[ lifecycle ]', '[lifecycle]')).toBe(
      expected.replaceAll('[ lifecycle ]', '[lifecycle]'),
    );
  });

  it('loses the comments of a removed target only', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await openStore(file, written);
    await store.change((current) => ({ ...current, log_targets: current.log_targets.slice(1) }));
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# Where auditors look');
    expect(text).toContain('# while we look for the leak');
    expect(text).not.toContain('rotated');
  });
});

describe('a file changed from outside', () => {
  it.each<[string, (file: string, text: string) => void]>([
    ['in place', (file, text) => writeFileSync(file, text)],
    [
      'by an editor that renames',
      (file, text) => {
        writeFileSync(`${file}~`, text);
        renameSync(`${file}~`, file);
      },
    ],
    [
      'in pieces',
      (file, text) => {
        writeFileSync(file, text.slice(0, 5));
        // Before the file counts as quiet: of two timers the one that is due first fires first on slow machines, too.
        setTimeout(() => writeFileSync(file, text), 30);
      },
    ],
  ])('%s is followed', async (_how, write) => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await openStore(file);
    const rejections: SettingsError[] = [];
    store.on('rejected', (error) => rejections.push(error));
    const changed = nextChange(store);
    write(file, 'log_level: ERROR\nlog_targets: []\n');
    expect((await changed).log_level).toBe('ERROR');
    expect(rejections).toEqual([]);
  });

  it('is followed when a ConfigMap swaps its link', async () => {
    const directory = temporaryDirectory();
    for (const [version, level] of [
      ['1', 'INFO'],
      ['2', 'DEBUG'],
    ] as const) {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'settings.yaml'), `log_level: ${level}\n`);
    }
    symlinkSync('1', join(directory, '..data'));
    symlinkSync('..data/settings.yaml', join(directory, 'settings.yaml'));
    const store = await openStore(join(directory, 'settings.yaml'));
    expect(store.current.log_level).toBe('INFO');
    const changed = nextChange(store);
    symlinkSync('2', join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    expect((await changed).log_level).toBe('DEBUG');
  });

  it('to something broken is reported, and the running settings stay, until it is mended', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await openStore(file, 'log_level: INFO\n');
    const rejected = once(store, 'rejected');
    writeFileSync(file, 'log_level: c4n4ry\nlog_targets: [{name: a}]\n');
    const [error] = await rejected;
    expect(error).toBeInstanceOf(SettingsError);
    expect(error.problems.map(({ path }: { path: string }) => path)).toEqual([
      'log_level',
      'log_targets[0].address',
    ]);
    expect(error.message).toContain(file);
    expect(store.current.log_level).toBe('INFO');
    const changed = nextChange(store);
    writeFileSync(file, 'log_level: DEBUG\n');
    expect((await changed).log_level).toBe('DEBUG');
  });

  it('in pieces is not lost when a change comes in between', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const store = await openStore(file);
    const targets = ['t1', 't2', 't3', 't4'].map((name) => `  - name: ${name}\n    address: https://a\n`);
    writeFileSync(file, `log_targets:\n${targets.slice(0, 2).join('')}`);
    const change = store.change((current) => ({ ...current, log_level: 'ERROR' }));
    // Before the file counts as quiet.
    setTimeout(() => writeFileSync(file, `log_targets:\n${targets.join('')}`), 20);
    const { log_level, log_targets } = await change;
    expect([log_level, log_targets.map(({ name }) => name)]).toEqual(['ERROR', ['t1', 't2', 't3', 't4']]);
  });

  it('is not lost when a change comes before it was noticed', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    const store = await openStore(file);
    writeFileSync(file, JSON.stringify({ log_level: 'ERROR' }));
    await store.change((current) => ({ ...current, disable_auto_sync: true }));
    expect(store.current).toMatchObject({ log_level: 'ERROR', disable_auto_sync: true });
  });

  it('through a link stays behind the link', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'real.json'), '{}');
    symlinkSync('real.json', join(directory, 'settings.json'));
    const store = await openStore(join(directory, 'settings.json'));
    await store.replace({ log_level: 'DEBUG' });
    expect(JSON.parse(readFileSync(join(directory, 'real.json'), 'utf8'))).toMatchObject({
      log_level: 'DEBUG',
    });
  });
});

it.each([
  ['settings.yaml', 'log_level: INFO\nlog_targets:\n\t- name: a\n', 3, 'must be spaces, not tabs'],
  ['settings.yaml', 'log_level: "INFO\nlog_targets: []\n', 3, 'a closing quote'],
  ['settings.yaml', 'log_level: INFO\nlog_level: WARN\n', 2, 'there twice'],
  ['settings.json', '{\n  "log_level": "INFO",\n}', 3, 'none behind the last'],
  ['settings.json', '{\n  "log_level": "INFO"\n', 3, 'ends too early'],
  [
    'settings.yaml',
    'log_targets:\n  - name: a\n    address: https://a\n    retry_cuont: 5\n',
    4,
    'retry_count',
  ],
  ['settings.json', '{\n  "log_targets": [\n    { "name": "a",\n      "address": "a" } ] }', 4, 'URL'],
])('a mistake in %s is told in words, with its line: %j', async (name, content, line, words) => {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, content);
  const error = await SettingsStore.open({ file }).catch((reason) => reason);
  expect(error.problems[0]).toMatchObject({ line, column: expect.any(Number) });
  expect(error.message).toContain(`, line ${line}: `);
  expect(error.message).toContain(words);
});

it('a mistake that the parser comes upon again and again is told once for its line', async () => {
  const file = join(temporaryDirectory(), 'settings.yaml');
  writeFileSync(file, '{{{{');
  const { problems } = await SettingsStore.open({ file }).catch((reason) => reason);
  const told = problems.map(({ line, message }: { line: number; message: string }) => `${line}: ${message}`);
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(told).size).toBe(told.length);
});

describe('opening', () => {
  it.each([undefined, 5, ''])('needs the path of a file: %j', async (file) => {
    const opened = SettingsStore.open({ file } as never);
    await expect(opened).rejects.toThrow(TypeError);
    await expect(opened).rejects.toThrow('`file`');
  });

  it.each<[string, string, string]>([
    ['settings.json', '{', 'valid JSON'],
    ['settings.json', '', 'valid JSON'],
    ['settings.json', '{"password": "c4n4ry" oops}', 'valid JSON'],
    ['settings.json', '[]', 'an object'],
    ['settings.yaml', '', 'an object'],
    ['settings.yaml', 'a: b: c4n4ry', 'valid YAML'],
    ['settings.yaml', '"c4n4ry', 'valid YAML'],
    ['settings.yaml', 'log_level: 5\nlog_level: 6', 'valid YAML'],
    ['settings.yaml', 'log_level: LOUD', 'log_level'],
    ['settings.yaml', 'a: &a [x]\nb: &b [*a,*a]\nlog_targets: *c4n4ry', 'settings'],
  ])('a broken file rejects with a SettingsError that names it: %s %j', async (name, content, shown) => {
    const file = join(temporaryDirectory(), name);
    writeFileSync(file, content);
    const error = await SettingsStore.open({ file }).catch((reason) => reason);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error.message).toContain(file);
    expect(error.message).toContain(shown);
    expect(error.message).not.toContain('c4n4ry');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it.each<[string, (file: string) => void, string]>([
    ['that is a directory', (file) => mkdirSync(file), 'EISDIR'],
    ['that is not UTF-8', (file) => writeFileSync(file, Buffer.from('{"a":"\xe9"}', 'latin1')), 'not UTF-8'],
  ])('a file %s rejects with a SettingsError that names it', async (_what, make, shown) => {
    const file = join(temporaryDirectory(), 'settings.json');
    make(file);
    const error = await SettingsStore.open({ file }).catch((reason) => reason);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error.message).toContain(file);
    expect(error.message).toContain(shown);
  });

  it('an unrendered template prints nothing', async () => {
    const warnings = collectProcessWarnings();
    const file = join(temporaryDirectory(), 'settings.yaml');
    writeFileSync(file, 'log_targets:\n  - name: a\n    address: https://a\n    password: {{ c4n4ry }}\n');
    const error = await SettingsStore.open({ file }).catch((reason) => reason);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error.message).not.toContain('c4n4ry');
    await immediate();
    expect(warnings).toEqual([]);
  });

  it('a JSON file keeps the `$schema` that editors look for', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    writeFileSync(file, '{"$schema": "./settings.schema.json", "log_level": "INFO"}');
    const store = await openStore(file);
    await store.replace({ log_level: 'DEBUG' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      $schema: './settings.schema.json',
      log_level: 'DEBUG',
    });
  });

  it('a file of another kind rejects with a TypeError', async () => {
    await expect(SettingsStore.open({ file: 'settings.toml' })).rejects.toThrow(TypeError);
  });

  it('removes what a killed process left behind', async () => {
    const directory = temporaryDirectory();
    const nobody = 2 ** 31 - 1; // more than any system gives to a process
    const leftover = (pid: number) => `settings.json.${pid}.0123456789ab.tmp`;
    writeFileSync(join(directory, leftover(nobody)), 'half');
    writeFileSync(join(directory, leftover(process.pid)), 'of a process that had our number');
    writeFileSync(join(directory, leftover(process.ppid)), 'at work');
    writeFileSync(join(directory, 'settings.json.bak'), 'not ours');
    await openStore(join(directory, 'settings.json'));
    expect(readdirSync(directory).sort()).toEqual(
      ['settings.json', leftover(process.ppid), 'settings.json.bak'].sort(),
    );
  });

  it('tightens the mode of a file with the first change', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    writeFileSync(file, '{}');
    chmodSync(file, 0o644);
    const store = await openStore(file);
    await store.replace({ log_level: 'DEBUG' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('two stores on one file', () => {
  it('write over each other, but never half a file', async () => {
    const file = join(temporaryDirectory(), 'settings.json');
    const stores = [await openStore(file), await openStore(file)];
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        stores.map((store, index) => store.replace({ sync_interval: `${2 + round + 100 * index}m` })),
      );
      expect(() => new SettingsFile(file).parse(readFileSync(file, 'utf8'))).not.toThrow();
    }
  });
});

describe('a process', () => {
  const script = fileURLToPath(new URL('../e2e/fixtures/store.mjs', import.meta.url));

  it('is not kept alive by an open store', async () => {
    const child = execFile(process.execPath, [script, join(temporaryDirectory(), 'settings.yaml'), 'open']);
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
