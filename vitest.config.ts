import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** What needs programs that not every machine has, or long: one project each, one after the other. */
const suites = readdirSync(new URL('test/suites', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Tests that look at their process as a whole (memory, CPU time, warnings) or mock a module have one to themselves. */
const alone = readdirSync(new URL('test', import.meta.url), { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file}`)
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/suites/'))
  .filter((file) =>
    /vi\.mock|helpers\/(gc|cpu-time|turns|process-warnings)|process\.(memoryUsage|cpuUsage|getActive)/.test(
      readFileSync(new URL(file, import.meta.url), 'utf8'),
    ),
  );

/** Of all projects. What a machine that is busy makes slow is no failure: limits are there for what hangs. */
const common = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
  // Some tests look for what is still held.
  execArgv: ['--expose-gc'],
};

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/build.ts'],
    // Most tests wait for sockets and timers: three at a time take half of the time, also on two cores.
    maxWorkers: 3,
    passWithNoTests: true,
    projects: [
      {
        test: {
          ...common,
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/suites/**', ...alone],
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
          // To load all again for each file would take half of the time; modules keep no state but caches.
          isolate: false,
        },
      },
      { test: { ...common, name: 'main-alone', include: alone } },
      ...suites.map((name, index) => ({
        test: {
          ...common,
          name,
          include: [`test/suites/${name}/**/*.test.ts`],
          maxWorkers: 1,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});
