/** What there is, is in the manual; what is in the manual, is there. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { builtInFormats } from '../../src/formats/table.js';
import { EventTransport } from '../../src/index.js';
import { systemSettingsSchema } from '../../src/settings/schema.js';
import { readPage } from '../helpers/samples.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = (file: string) => readFileSync(`${root}src/${file}`, 'utf8');
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word = '']) => word);

/** What a declaration says, from its first words to the first of `end`. */
function declaration(file: string, start: string, end: string): string {
  const [, rest] = source(file).split(start);
  if (rest === undefined) throw new Error(`${file} has no ${start}`);
  return rest.slice(0, rest.indexOf(end));
}

/** The words in code that stand in the first cell of each row. */
function firstCells(page: string, header: string, pattern = /`([^`]+)`/g): string[] {
  return readPage(`docs/${page}.md`)
    .table(header)
    .flatMap(([cell = '']) => found(cell, pattern));
}

/** Without its comments, in which words stand in quotes, too. */
const uncommented = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
const reasons = (text: string) => found(uncommented(text), /'([\w-]+)'/g).sort();

describe('the manual has each, and nothing besides:', () => {
  it('options of the transport', () => {
    const options = found(declaration('winston/options.ts', 'const own = {', '\n};'), /^ {2}(\w+):/gm);
    expect(options.length).toBeGreaterThan(10);
    expect(firstCells('transport', 'option').sort()).toEqual(options.sort());
  });

  it('methods of the transport', () => {
    // Those of streams and of Winston's transports are theirs to describe.
    const inherited = new Set(['log', 'close', 'end', 'write', '_final', '_destroy', 'constructor']);
    const methods = Object.entries(Object.getOwnPropertyDescriptors(EventTransport.prototype))
      .filter(([name, { value }]) => typeof value === 'function' && !inherited.has(name))
      .map(([name]) => name);
    const documented = firstCells('transport', 'method', /`(\w+)\(/g);
    // Each transport has these two for itself, so that they work detached.
    const detached = ['lifecycle', 'operation'];
    const transport = new EventTransport();
    for (const name of detached) expect(Object.hasOwn(transport, name), name).toBe(true);
    transport.end();
    expect(documented.sort()).toEqual([...methods, ...detached].sort());
  });

  it('reports', () => {
    const types = found(source('report.ts'), /Tells<'(\w+)'/g);
    expect(types.length).toBeGreaterThan(20);
    expect(firstCells('transport', 'report', /`(\w+)`/g).sort()).toEqual(types.sort());
  });

  it('operator events', () => {
    const actions = new Set(found(source('audit/operator-events.ts'), /'(log-target-[a-z]+)'/g));
    expect(firstCells('transport', 'action').sort()).toEqual([...actions].sort());
  });

  it('reasons of a loss, where they are explained and where their remedy is', () => {
    const all = reasons(declaration('report.ts', 'export type DropReason', ';'));
    expect(all.length).toBeGreaterThan(5);
    expect(firstCells('delivery', 'reason').sort()).toEqual(all);
    const remedies = readPage('docs/errors.md')
      .table('reason')
      .map(([cell = '']) => cell.replaceAll('`', ''));
    expect(remedies.sort()).toEqual(all);
  });

  it('reasons to send a listener away', () => {
    const all = reasons(declaration('report.ts', 'export type ListenerDropReason', ';'));
    const [sentence = ''] =
      /`listenerDropped` with a reason: .*/.exec(readPage('docs/event-stream.md').text) ?? [];
    expect(found(sentence.slice('`listenerDropped`'.length), /`([\w-]+)`/g).sort()).toEqual(all);
  });

  it('settings', () => {
    expect(firstCells('settings', 'setting').sort()).toEqual(Object.keys(systemSettingsSchema.shape).sort());
  });

  it('options of the settings API, of the event stream and of the console', () => {
    const keysOf = (file: string, name: string) =>
      found(
        uncommented(declaration(file, `export interface ${name} {`, '\n}')),
        /^ {2}readonly (\w+)\??:/gm,
      ).sort();
    const api = keysOf('settings-api/settings-handler.ts', 'SettingsHandlerOptions');
    expect(api.length).toBeGreaterThan(4);
    expect(firstCells('settings', 'option').sort()).toEqual(api);
    const stream = keysOf('event-stream/event-stream.ts', 'EventStreamOptions');
    expect(firstCells('event-stream', 'option').sort()).toEqual(stream);
    expect(firstCells('console', 'option').sort()).toEqual(keysOf('console/options.ts', 'ConsoleOptions'));
  });

  it('formats, and what they need', () => {
    const formats = [...builtInFormats].map(([name]) => name);
    const documented = firstCells('formats', '`event_format`').filter(
      (name) => name !== 'a name of your own',
    );
    expect(documented.sort()).toEqual(formats.sort());
    const { text } = readPage('docs/formats.md');
    const tables = found(text, /^\| option +\|.*\n\|[-:| ]+\n((?:\|.*\n)+)/gm);
    const rows = tables.join('').split('\n');
    const options = rows.flatMap((row) => found(row.split('|')[1] ?? '', /`(\w+)`/g));
    const needed = [...builtInFormats].flatMap(([, { options }]) => Object.keys(options.shape));
    expect([...new Set(options)].sort()).toEqual([...new Set(needed)].sort());
  });

  it('commands', () => {
    const commands = createProgram().commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((each) => `${command.name()} ${each.name()}`),
    );
    const documented = firstCells('cli', 'command').map((usage) => usage.replace(/ [A-Z[].*/, ''));
    expect(documented.sort()).toEqual(commands.sort());
  });

  it('dependencies, each with what it is for', () => {
    const { dependencies, peerDependencies, optionalDependencies, devDependencies } = JSON.parse(
      readFileSync(`${root}package.json`, 'utf8'),
    );
    const all = { ...dependencies, ...peerDependencies, ...optionalDependencies, ...devDependencies };
    const [, section = ''] = readPage('docs/architecture.md').text.split('## Dependencies\n');
    const rows = found(section, /^\| (`.*?) \|/gm);
    const documented = rows.flatMap((cell) => found(cell, /`([^`]+)`/g));
    expect([...new Set(documented)].sort()).toEqual(Object.keys(all).sort());
  });

  it('what the entries export', async () => {
    const manual = readdirSync(`${root}docs`)
      .filter((name) => name.endsWith('.md'))
      .map((name) => readFileSync(`${root}docs/${name}`, 'utf8'))
      .join('\n');
    const entries = [
      await import('../../src/index.js'),
      await import('../../src/catalogs/index.js'),
      await import('../../src/console/index.js'),
      await import('../../src/nats/index.js'),
      await import('../../src/metrics/prometheus.js'),
      await import('../../src/metrics/opentelemetry.js'),
    ];
    const names = entries.flatMap((entry) => Object.keys(entry));
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect(manual.includes(name), name).toBe(true);
  });
});
