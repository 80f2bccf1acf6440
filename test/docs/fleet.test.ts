/** The page on fleets; its store runs in Postgres in `test/suites/processes`. */

import { describe, expect, it } from 'vitest';
import { readPage } from '../helpers/samples.js';

const page = readPage('docs/fleet.md');

describe('the page on fleets', () => {
  it('shows a store of at most 40 lines', () => {
    expect(page.sample('openSettings(db').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });
});
