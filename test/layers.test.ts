/** The house: imports go downhill only, never in a circle, and no room or file grows out of its size. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** From the top: an import leads to the same folder or to a lower floor. */
const floors: Readonly<Record<string, number>> = {
  cli: 10,
  metrics: 9,
  console: 9,
  nats: 9,
  winston: 8,
  audit: 7,
  'event-stream': 7,
  targets: 6,
  spool: 5,
  delivery: 4,
  'dead-letters': 4,
  disk: 3,
  sending: 3,
  queue: 2,
  'settings-api': 3,
  settings: 2,
  formats: 1,
  catalogs: 1,
  http: 1,
  model: 0,
  // The page is a house of its own: it imports nothing of this one.
  'console/app': -1,
};

/** Of the ground floor: what everything may use. */
const groundFiles = new Set(['report.ts', 'errors.ts']);

const MAX_LINES = 350;

/** Most of `src/` that one folder may hold, in lines. */
const MAX_SHARE = 0.22;

const src = fileURLToPath(new URL('../src', import.meta.url));
const sources = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => [file, readFileSync(join(src, file), 'utf8')]),
);
const files = [...sources.keys()];

/** What a file imports or exports again, types included. */
function importsOf(file: string): string[] {
  return [...(sources.get(file) ?? '').matchAll(/(?:from|import\()\s*'(\.[^']+)\.js'/g)]
    .map(([, path]) => normalize(join(dirname(file), `${path}.ts`)))
    .map((path) => (sources.has(`${path}x`) ? `${path}x` : path));
}

/** The folder in `src/` that a file belongs to, however deep in it. */
function folderOf(file: string): string {
  return file.startsWith('console/app/') ? 'console/app' : (dirname(file).split('/')[0] ?? '.');
}

function roomOf(file: string): { folder: string; floor: number } {
  const folder = folderOf(file);
  if (folder === '.') return { folder, floor: groundFiles.has(file) ? 0 : Number.POSITIVE_INFINITY };
  const floor = floors[folder];
  if (floor === undefined) throw new Error(`${folder} is on no floor`);
  return { folder, floor };
}

function linesOf(file: string): number {
  return (sources.get(file) ?? '').split('\n').length - 1;
}

/** The files of a circle that can be entered at `file`, the first one again at its end. */
function circleFrom(file: string, road: readonly string[] = []): string[] | undefined {
  if (road.includes(file)) return [...road.slice(road.indexOf(file)), file];
  if (straight.has(file)) return undefined;
  for (const imported of importsOf(file)) {
    const circle = circleFrom(imported, [...road, file]);
    if (circle) return circle;
  }
  straight.add(file);
  return undefined;
}
const straight = new Set<string>();

it('every folder is on a floor, and every import exists', () => {
  for (const file of files) {
    expect(roomOf(file).floor).toBeGreaterThanOrEqual(-1);
    for (const imported of importsOf(file)) expect(files).toContain(imported);
  }
});

it.each(files)('%s imports only from its own folder and from floors below', (file) => {
  const room = roomOf(file);
  for (const imported of importsOf(file)) {
    const other = roomOf(imported);
    const isAllowed =
      other.folder === room.folder ||
      other.floor < room.floor ||
      (groundFiles.has(imported) && room.floor === 0);
    expect({ imported, isAllowed }).toEqual({ imported, isAllowed: true });
  }
});

it('no file imports itself by a detour, not even for a type', () => {
  for (const file of files) expect(circleFrom(file)).toBeUndefined();
});

it('no folder holds more than 22 % of the code', () => {
  const linesIn = (inside: readonly string[]) => inside.reduce((sum, file) => sum + linesOf(file), 0);
  for (const folder of new Set(files.map(folderOf))) {
    const share = linesIn(files.filter((file) => folderOf(file) === folder)) / linesIn(files);
    expect({ folder, isTooFull: share > MAX_SHARE }).toEqual({ folder, isTooFull: false });
  }
});

it.each(files)('%s has at most 350 lines', (file) => {
  expect(linesOf(file)).toBeLessThanOrEqual(MAX_LINES);
});

it('the drawing of the house names every folder, and no file that is not there', () => {
  const drawing = readFileSync(join(src, '../docs/architecture.md'), 'utf8');
  for (const folder of Object.keys(floors)) expect(drawing).toContain(`\`src/${folder}/\``);
  const known = new Set(files.flatMap((file) => [file, file.slice(file.indexOf('/') + 1)]));
  for (const [, file] of drawing.matchAll(/`(?:src\/)?([\w/-]+\.ts)`/g)) {
    if (!file?.startsWith('test/')) expect(known).toContain(file);
  }
});
