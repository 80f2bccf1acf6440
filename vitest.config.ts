import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** What needs programs that not every machine has, or long: one project each, one after the other. */
const suites = readdirSync(new URL('test/suites', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/build.ts'],
    // Most tests wait for sockets and timers: two at a time take little more than half the time, also on two cores.
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/suites/**'],
          testTimeout: 20_000,
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
        },
      },
      ...suites.map((name, index) => ({
        test: {
          name,
          include: [`test/suites/${name}/**/*.test.ts`],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});
