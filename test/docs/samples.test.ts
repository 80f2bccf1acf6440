/** No block of code is on a page that no test of that page takes from it: what is shown is run, or compared. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPage } from '../helpers/samples.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const languages = new Set(['js', 'ts', 'json', 'yaml', 'console', 'text']);
const pages = [
  'README.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The text of all tests that read a page, under the folder of tests. */
const tests = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.includes('.sample-'))
  .map((name) => readFileSync(`${root}test/${name}`, 'utf8'));

/** What tests of a page ask it for: `sample('text', 'language')`, and all its blocks where they take `fences`. */
function wantedOf(page: string) {
  const own = tests.filter((text) => text.includes(`readPage('${page}')`));
  return {
    texts: own.flatMap((text) =>
      [...text.matchAll(/(?:sample|expectSession)\(\s*(['"`])(.+?)\1/g)].map(([, , wanted = '']) => wanted),
    ),
    takesAll: own.some((text) => /\bfences\b/.test(text)),
  };
}

it.each(pages)('%s', (page) => {
  const { texts, takesAll } = wantedOf(page);
  const forgotten = readPage(page)
    .fences.filter(({ language }) => languages.has(language))
    .filter(({ code }) => !takesAll && !texts.some((text) => code.includes(text.replaceAll("\\'", "'"))));
  expect(forgotten.map(({ code }) => code)).toEqual([]);
});
