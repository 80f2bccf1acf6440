/** Test runners: their tests log and end, also when nobody shuts the transport down. */

import { expect, it } from 'vitest';
import { startReceiver } from '../../helpers/receiver.js';
import { sampleOf, sampleTo } from './page.js';
import { command, createProject, run, start } from './projects.js';

const jest = () => command('jest/bin/jest.js');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** To jest, which needs Node 24.9 for it. */
const isRequireOfModulesKnown = major > 24 || (major === 24 && minor >= 9);

export function tryRunners(): void {
  it.each([
    ['as shown', (code: string) => code],
    ['without shutdown', (code: string) => code.replace(/^afterAll\(.*\n/m, '')],
  ])('vitest, %s', async (_title, change) => {
    const receiver = await startReceiver();
    const project = createProject({ 'a.test.js': change(sampleTo(receiver.address, "from 'vitest'")) });
    expect(await run(project, [command('vitest/vitest.mjs'), 'run'])).toContain('1 passed');
    expect(receiver.names()).toEqual(['from vitest']);
  });

  it.each([
    ['as shown', (code: string) => code],
    ['without shutdown', (code: string) => code.replace(/^afterAll\(.*\n/m, '')],
  ])(
    'jest, default setting, %s',
    async (_title, change) => {
      const receiver = await startReceiver();
      const project = createProject(
        {
          'jest.config.cjs': sampleOf('transformIgnorePatterns'),
          'a.test.js': change(sampleTo(receiver.address, "'from jest'")),
        },
        'commonjs',
      );
      const output = await run(project, [jest()]);
      expect(output).toContain('1 passed');
      expect(output).not.toContain('did not exit');
      expect(receiver.names()).toEqual(['from jest']);
    },
    180_000,
  );

  it.skipIf(isRequireOfModulesKnown)('jest without that fails with the words that the page has', async () => {
    const project = createProject(
      {
        'jest.config.cjs': 'module.exports = {};',
        'a.test.js': sampleTo('http://127.0.0.1:9/', "'from jest'"),
      },
      'commonjs',
    );
    const { exitCode, output } = await start(project, [jest()]).result;
    expect(exitCode).toBe(1);
    expect(output).toContain('Must use import to load ES Module');
  });

  it('jest with ES modules', async () => {
    const receiver = await startReceiver();
    const code = sampleTo(receiver.address, "'from jest'")
      .replace("const winston = require('winston');", "import winston from 'winston';")
      .replace(
        "const { EventTransport } = require('winston-log-targets');",
        "import { EventTransport } from 'winston-log-targets';",
      );
    const project = createProject({
      'jest.config.json': '{ "transform": {} }',
      'a.test.js': code,
    });
    const output = await run(project, [jest()], { NODE_OPTIONS: '--experimental-vm-modules' });
    expect(output).toContain('1 passed');
    expect(receiver.names()).toEqual(['from jest']);
  });
}
