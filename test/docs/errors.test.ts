/** `docs/errors.md` has a heading for every code, and none besides; its sample runs. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/errors.md');
const source = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8');
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word]) => word);

it('has a heading for every error code, and for nothing else', () => {
  const union = source('errors.ts').split('export type ErrorCode')[1]?.split(';')[0] ?? '';
  const codes = found(union, /'(\w+)'/g);
  expect(codes.length).toBeGreaterThan(10);
  expect(found(page.text, /^## (.+)$/gm).sort()).toEqual([...codes].sort());
});

it('has each code that the console knows a remedy of', () => {
  const codes = found(source('console/app/advice.ts'), /\b(E[A-Z]{4,}|HTTP_\d{3}|[A-Z]+(?:_[A-Z]+)+)\b/g);
  const known = [...new Set(codes)];
  expect(known.length).toBeGreaterThan(20);
  expect(known.filter((code) => !page.text.includes(`\`${code}\``))).toEqual([]);
});

it('has a sample that hears of a target that is down', async () => {
  const receiver = await startReceiver(401);
  const code = replaced(page.sample("logger.on('warn'"), {
    'https://siem.example.com/1.0/log': receiver.address,
  });
  const { output, errors, exitCode } = await runSample(`${code}\nlogger.info('hello');`);
  expect({ errors, exitCode }).toEqual({ errors: 'TARGET_DOWN '.concat(errors.slice(12)), exitCode: 0 });
  expect(output).toContain('hello');
});
