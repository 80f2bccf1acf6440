/** `docs/audit-events.md`: its samples run, its tables name every detail and option. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/audit-events.md');
const address = 'https://siem.example.com/1.0/log';

it('has a sample of a lifecycle event that arrives, with the receipt that it shows', async () => {
  const receiver = await startReceiver();
  const code = replaced(page.sample("lifecycle('batch-started'"), { [address]: receiver.address });
  const { output, errors, exitCode } = await runSample(code);
  expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  expect(code).toContain(`// ${output.trim()}`);
  expect(receiver.names()).toEqual(['batch-started']);
});

it('has a sample of a catalog that refuses what is not in it', async () => {
  const { errors, output } = await runSample(`${page.sample('defineCatalog({')}
    for (const wrong of [['dish-burnt'], ['dish-served', {}], ['dish-served', { context: { table: '1', heat: 'x' } }]]) {
      try { kitchen.lifecycle(...wrong); } catch (error) { console.log(error.name); }
    }`);
  expect(errors).toBe('');
  expect(output).toBe('TypeError\n'.repeat(3));
});

it('has a sample of an operation that arrives', async () => {
  const receiver = await startReceiver();
  const code = replaced(page.sample('logger.operation('), { [address]: receiver.address });
  const { errors, exitCode } = await runSample(code);
  expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  expect(receiver.events().map(({ metadata }) => metadata.status)).toEqual(['Running', 'Success']);
  expect(receiver.events().at(-1)?.metadata.metadata).toEqual({
    progress: '90%',
    speed: '20 MB/s',
    bytes: 1_000_000,
  });
});

it('has a sample for TypeScript that its tests compile', () => {
  const fixture = fileURLToPath(new URL('../types/fixtures/register/registered.ts', import.meta.url));
  const declaration = page.sample('interface Register', 'ts').split('\n\n')[1] ?? '';
  expect(readFileSync(fixture, 'utf8').replaceAll(/\s+/g, ' ')).toContain(
    declaration.replaceAll(/\s+/g, ' ').trim(),
  );
});

it('lists every detail of a lifecycle event and every option of an operation', () => {
  const keysOf = (file: string, interfaceName: string) => {
    const source = readFileSync(fileURLToPath(new URL(`../../src/audit/${file}`, import.meta.url)), 'utf8');
    const body = source.split(`export interface ${interfaceName} {`)[1]?.split('\n}')[0] ?? '';
    return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, key]) => key).sort();
  };
  const listed = (header: string) =>
    page
      .table(header)
      .flatMap(([keys = '']) => [...keys.matchAll(/`(\w+)`/g)].map(([, key]) => key))
      .sort();
  expect(listed('detail')).toEqual(keysOf('lifecycle.ts', 'LifecycleDetails'));
  expect(listed('option')).toEqual(keysOf('operation-options.ts', 'OperationOptions'));
});
