/** Every combination that `docs/getting-started.md` names is run with the packed package; skipped without a registry. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryBundlers } from './bundlers.js';
import { tryCompilers } from './compilers.js';
import { tryFrameworks } from './frameworks.js';
import { untried } from './page.js';
import { tryPlaces } from './places.js';
import { installWorkspace, isRegistryReachable, removeWorkspace } from './projects.js';
import { tryRunners } from './runners.js';

if (!isRegistryReachable) {
  console.log('The npm registry cannot be reached: the trials are skipped');
  removeWorkspace();
}

/** Compilers and bundlers take a minute where a machine is busy: limits are there for what hangs. */
const PATIENCE = { timeout: 300_000 };

describe.skipIf(!isRegistryReachable)('the packed package', PATIENCE, () => {
  beforeAll(installWorkspace, 300_000);
  afterAll(removeWorkspace);

  describe('is found by Node and TypeScript', tryCompilers);
  describe('works in frameworks', tryFrameworks);
  describe('works in test runners, which end by themselves', tryRunners);
  describe('works in one file', tryBundlers);
  describe('works where it is deployed', tryPlaces);

  it('was tried with all that the page shows, but for a unit file and the command of a container', () => {
    expect(untried().map((code) => code.split(/\s/)[0])).toEqual(['[Service]', 'docker']);
  });
});
