/** The helper that runs samples fails where a page no longer says what is tested. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './files.js';
import { readPage, replaced, runSample, startSample } from './samples.js';

function pageOf(text: string) {
  const file = join(temporaryDirectory(), 'page.md');
  writeFileSync(file, text);
  return readPage(file);
}

describe('a page', () => {
  const text = '```js\nfirst();\n```\n\n- item\n\n  ```sh\n  npm start\n  ```\n\n```js\nsecond();\n```\n';

  it('gives its blocks with their language, without the indent of a list', () => {
    expect(pageOf(text).fences).toEqual([
      { language: 'js', code: 'first();\n' },
      { language: 'sh', code: 'npm start\n' },
      { language: 'js', code: 'second();\n' },
    ]);
  });

  it('gives the one sample that holds a text, and fails when none does, or two', () => {
    const page = pageOf(text);
    expect(page.sample('second')).toBe('second();\n');
    expect(page.sample('npm', 'sh')).toBe('npm start\n');
    expect(() => page.sample('third')).toThrow('0 blocks of js hold third');
    expect(() => page.sample('();')).toThrow('2 blocks of js hold ();');
  });

  it('gives the cells of a table, and fails where there is none', () => {
    const page = pageOf('| key | default |\n| --- | ---: |\n| `a \\| b` | 1 |\n| `c` | 2 |');
    expect(page.table('key')).toEqual([
      ['`a \\| b`', '1'],
      ['`c`', '2'],
    ]);
    expect(() => page.table('reason')).toThrow('no table begins with reason');
  });

  it('replaces only what it says', () => {
    expect(replaced('a b a', { a: '$&' })).toBe('$& b $&');
    expect(() => replaced('a b a', { c: 'd' })).toThrow('The sample does not say c');
  });
});

describe('a sample', () => {
  it('finds the package by its name, and the files beside it', async () => {
    const code = `
      import { readFileSync } from 'node:fs';
      import * as ours from 'winston-log-targets';
      console.log(typeof ours.EventTransport, readFileSync('note.txt', 'utf8'), process.env.WORD, process.argv[2]);
      console.error('an error');
      process.exitCode = 3;`;
    expect(
      await runSample(code, { files: { 'note.txt': 'note' }, env: { WORD: 'word' }, args: ['argument'] }),
    ).toEqual({ output: 'function note word argument\n', errors: 'an error\n', exitCode: 3, signal: null });
  });

  it('can be waited for and told to end', async () => {
    const { child, printed, result } = startSample(`
      setInterval(() => {}, 1000);
      process.once('SIGTERM', () => process.exit(0));
      console.log('ready');`);
    await printed('ready');
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ exitCode: 0 });
  });

  it('that ends before it prints what is awaited is an error', async () => {
    await expect(startSample("console.log('other');").printed(/ready/)).rejects.toThrow(
      'The sample ended before it printed /ready/',
    );
  });
});
