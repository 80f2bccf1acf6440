/** Every link of the manual leads somewhere: to a file that is there, to a heading in it, also in the packed package. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [root, join(root, 'docs')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => relative(root, join(folder, name))),
);

interface Link {
  readonly from: string;
  readonly to: string;
  /** File in the project, from its root. */
  readonly file: string;
  readonly heading: string | undefined;
}

/** The page without its code, in which brackets are no links. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
    .replaceAll(/^([ \t]*)```[\s\S]*?^\1```/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
}

/** As headings are addressed where Markdown is shown. */
function slugsOf(page: string): string[] {
  const headings = readFileSync(join(root, page), 'utf8')
    .replaceAll(/^([ \t]*)```[\s\S]*?^\1```/gm, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function linksOf(page: string): Link[] {
  return [...proseOf(page).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^https?:/.test(to))
    .map((to) => {
      const [path = '', heading] = to.split('#');
      const file = path === '' ? page : relative(root, join(root, dirname(page), path));
      return { from: page, to, file, heading };
    });
}

const links = pages.flatMap(linksOf);

it('finds the links', () => {
  expect(links.length).toBeGreaterThan(60);
});

it('leads to files that are there', () => {
  expect(
    links.filter(({ file }) => !existsSync(join(root, file))).map(({ from, to }) => ({ from, to })),
  ).toEqual([]);
});

it('leads to headings that are there', () => {
  const lost = links.filter(
    ({ file, heading }) =>
      heading !== undefined && existsSync(join(root, file)) && !slugsOf(file).includes(heading),
  );
  expect(lost.map(({ from, to }) => ({ from, to }))).toEqual([]);
});

it('leads to what is packed from what is packed', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const names = new Set(files.map(({ path }) => path));
  expect(names).toContain('docs/errors.md');
  const lost = links.filter(({ from, file }) => names.has(from) && !names.has(file));
  expect(lost.map(({ from, to }) => ({ from, to }))).toEqual([]);
});

it('the front page leads to every page', () => {
  const linked = new Set(linksOf('README.md').map(({ file }) => file));
  const all = pages.filter((page) => page.startsWith('docs/'));
  expect(all.filter((page) => !linked.has(page))).toEqual([]);
});
