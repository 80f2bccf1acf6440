/** ES modules, CommonJS and TypeScript with each way to resolve packages. */

import { expect, it } from 'vitest';
import { startReceiver } from '../../helpers/receiver.js';
import { sampleOf, sampleTo } from './page.js';
import { command, createProject, run, start } from './projects.js';

const tsc = () => command('typescript/bin/tsc');

export function tryCompilers(): void {
  it.each([
    ['service.mjs', 'from an ES module'],
    ['service.cjs', 'from CommonJS'],
  ])('%s', async (file, message) => {
    const receiver = await startReceiver();
    const project = createProject({ [file]: sampleTo(receiver.address, `'${message}'`) });
    expect(await run(project, [file])).toBe('');
    expect(receiver.names()).toEqual([message]);
  });

  it.each([
    ['"nodenext"', 'module'],
    ['"nodenext"', 'commonjs'],
    ['"bundler"', 'module'],
    ['"node10"', 'commonjs'],
  ])('TypeScript, %s, in a package of the type %s', async (setting, type) => {
    const receiver = await startReceiver();
    const config = JSON.parse(sampleOf(setting, 'json'));
    const project = createProject(
      {
        'service.ts': sampleTo(receiver.address, "'from TypeScript'", 'ts'),
        'tsconfig.json': JSON.stringify({ ...config, files: ['service.ts'] }),
      },
      type,
    );
    expect(await run(project, [tsc()])).toBe('');
    expect(await run(project, ['service.js'])).toBe('');
    expect(receiver.names()).toEqual(['from TypeScript', 'instance-started']);
  });

  it('TypeScript refuses only `module: node16` in CommonJS, as the page says', async () => {
    const compilerOptions = { module: 'node16', target: 'es2022', strict: true, noEmit: true };
    const project = createProject(
      {
        'service.ts': sampleOf("'from TypeScript'", 'ts'),
        'tsconfig.json': JSON.stringify({ compilerOptions, files: ['service.ts'] }),
      },
      'commonjs',
    );
    expect(await start(project, [tsc()]).result).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('TS1479'),
    });
  });
}
