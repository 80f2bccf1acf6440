/** No block of code is on a page that no test of that page takes from it: what is shown is run, or compared. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

const files = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('helpers/') && !name.includes('.sample-'))
  .map((name) => ({ folder: dirname(name), text: readFileSync(`${root}test/${name}`, 'utf8') }));

/** The tests of a page: the files that read it. In a suite, one reads it for all others of its folder. */
function testsOf(page: string) {
  const readers = files.filter(({ text }) => text.includes(`readPage('${page}')`));
  const suites = new Set(
    readers.map(({ folder }) => folder).filter((folder) => folder.startsWith('suites/')),
  );
  return files.filter((file) => readers.includes(file) || suites.has(file.folder));
}

/** A text in quotes behind `sample(`; in the files of a suite, which have ways of their own, any argument. */
const asked = /\b(?:sample|expectSession)\(\s*(['"`])(.+?)\1/g;
const askedInSuites = /[([,:] *(['"`])((?:(?!\1).){4,}?)\1/g;

/** The texts by which tests ask for a block. */
function wantedOf(page: string): string[] {
  return testsOf(page).flatMap(({ folder, text }) =>
    [...text.matchAll(folder.startsWith('suites/') ? askedInSuites : asked)].map(
      ([, , wanted = '']) => wanted,
    ),
  );
}

/** The block with the lines before it, by which suites know the name of a file. */
function withLead(page: string, code: string): string {
  const { text } = readPage(page);
  const at = text.indexOf(code);
  return text.slice(Math.max(0, at - 200), at + code.length);
}

it.each(pages)('%s', (page) => {
  const tests = testsOf(page);
  const wanted = wantedOf(page).map((text) => text.replaceAll("\\'", "'"));
  const takesAll = tests.some(({ text }) => /\bfences\b/.test(text));
  const isOfSuite = tests.some(({ folder }) => folder.startsWith('suites/'));
  const forgotten = readPage(page)
    .fences.filter(({ language }) => languages.has(language))
    .map(({ code }) => ({ code, known: isOfSuite ? withLead(page, code) : code }))
    .filter(({ known }) => !takesAll && !wanted.some((text) => known.includes(text)));
  expect(forgotten.map(({ code }) => code)).toEqual([]);
});
