/** `docs/formats.md` has every format with all its options, and its samples run. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInFormats } from '../../src/formats/table.js';
import { validateTargets } from '../../src/settings/validate.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/formats.md');

/** What the example prints of each format: one process runs it again and again. */
const shown = new Map<string, string>();

beforeAll(async () => {
  const example = new URL('../../examples/formats.mjs', import.meta.url).href;
  const script = `for (const format of ${JSON.stringify([...builtInFormats.keys()])}) {
    process.argv[2] = format;
    console.log('# ' + format);
    await import('${example}?' + format);
  }`;
  const args = ['--input-type=module', '-e', script, 'formats.mjs'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe('');
  for (const [, format = '', text = ''] of stdout.matchAll(/^# (\S+)\n([^#]*)/gm)) shown.set(format, text);
});

describe.each([...builtInFormats])('%s', (format, { options, types }) => {
  it('is in the table of formats, and has a command that shows it', () => {
    expect(page.table('`event_format`').map(([name]) => name)).toContain(`\`${format}\``);
    expect(page.text).toContain(`npm run formats -- ${format}\n`);
    const [contentType, ...body] = shown.get(format)?.split('\n') ?? [];
    expect(contentType).toMatch(/^application\/(json|x-ndjson|cloudevents-batch\+json)/);
    expect(body.join('')).toContain('instance.create');
    if (types.includes('logging')) expect(body.join('')).toContain('Start https listener');
  });

  it('has all its options in a table', () => {
    const names = [...page.text.matchAll(/^\| (`\w+`(?:, `\w+`)*) +\| /gm)].flatMap(([, cell = '']) =>
      cell.split(', '),
    );
    for (const key of Object.keys(options.shape)) expect(names).toContain(`\`${key}\``);
  });
});

it('has a target for IBM Event Notifications that is valid', () => {
  const target = JSON.parse(page.sample('"name": "event-notifications"', 'json'));
  expect(() => validateTargets([target])).not.toThrow();
});

it('shows what plain JSON writes', async () => {
  const shown = JSON.parse(page.sample('"level":"http"', 'json'));
  const receiver = await startReceiver();
  const { createTestTransport, quickTarget } = await import('../helpers/transport.js');
  const { transport, logger } = createTestTransport([
    quickTarget(receiver.address, {
      event_format: 'json',
      body_format: 'single',
      format_options: { fields: { service: 'shop' } },
    }),
  ]);
  const { timestamp, level, message, service: _, ...rest } = shown;
  logger.log(level, message, { timestamp, ...rest });
  await transport.flush();
  expect(receiver.requests[0]?.body).toBe(JSON.stringify(shown));
});

it("has a sample of one's own format that runs", async () => {
  const receiver = await startReceiver();
  const code = replaced(page.sample('defineFormat({'), {
    'https://graylog.example.com/gelf': receiver.address,
  });
  const { errors, exitCode } = await runSample(code);
  expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({
    version: '1.1',
    host: 'web-1',
    short_message: 'hello',
    level: 6,
    user: 'u1',
  });
});
