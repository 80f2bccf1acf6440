/** The trace that tells what a loss of power may leave has all that was done with files. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from './files.js';

const tracer = new URL('../e2e/fixtures/trace-files.mjs', import.meta.url).href;

it('a write is traced to its file, although that has the number of one whose closing has not been heard of', () => {
  const directory = temporaryDirectory();
  const source = `
    import fs from 'node:fs';
    const { O_CREAT, O_WRONLY } = fs.constants;
    const open = (name) => fs.openSync(${JSON.stringify(directory)} + '/' + name, O_CREAT | O_WRONLY);
    const isOpen = (fd) => {
      try {
        return fs.fstatSync(fd).isFile();
      } catch {
        return false;
      }
    };
    const first = open('first');
    const heard = new Promise((resolve) => fs.close(first, resolve));
    while (isOpen(first));
    const second = open('second');
    await heard;
    fs.writeSync(second, Buffer.from('x'), 0, 1, 0);
    globalThis.fileTrace.note({ op: 'durable', name: String(second === first) });
    globalThis.fileTrace.save(${JSON.stringify(join(directory, 'trace'))});
    process.stdout.write(fs.readFileSync(${JSON.stringify(join(directory, 'trace'))}));
  `;
  const trace = JSON.parse(
    execFileSync(process.execPath, ['--import', tracer, '--input-type=module', '--eval', source], {
      encoding: 'utf8',
    }),
  );
  expect(trace).toContainEqual({ op: 'durable', name: 'true' });
  expect(trace).toContainEqual(
    expect.objectContaining({ op: 'write', path: join(directory, 'second'), position: 0 }),
  );
});
