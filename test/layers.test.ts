/** Imports go downhill only: a folder uses the floors below it, and no other folder of its own floor. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const floors: Readonly<Record<string, number>> = {
  winston: 4,
  http: 4,
  targets: 3,
  delivery: 2,
  formats: 1,
  catalogs: 1,
  settings: 1,
  model: 0,
};

/** Of the ground floor: what everything may use. */
const groundFiles = new Set(['report.ts', 'errors.ts']);

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const source = readFileSync(join(src, file), 'utf8');
  return [...source.matchAll(/from '(\.[^']+)\.js'/g)].map(([, path]) =>
    normalize(join(dirname(file), `${path}.ts`)),
  );
}

function roomOf(file: string): { folder: string; floor: number } {
  const folder = dirname(file);
  if (folder === '.') return { folder, floor: groundFiles.has(file) ? 0 : Number.POSITIVE_INFINITY };
  const floor = floors[folder];
  if (floor === undefined) throw new Error(`${folder} is on no floor`);
  return { folder, floor };
}

it('every folder is on a floor, and every import exists', () => {
  for (const file of files) {
    expect(roomOf(file).floor).toBeGreaterThanOrEqual(0);
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
