import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../helpers/files.js';
import { startNats } from '../../helpers/nats.js';
import { describeWith } from '../../helpers/programs.js';
import { readPage, replaced, runSample } from '../../helpers/samples.js';

describeWith('nats-server')('the page on fleets', () => {
  it('has a sample with NATS that runs', async () => {
    const nats = await startNats();
    const code = replaced(readPage('docs/fleet.md').sample('NatsSettings.open({'), {
      'nats.example.com': `127.0.0.1:${nats.port}`,
      '/var/lib/svc/settings.json': join(temporaryDirectory(), 'settings.json'),
    });
    const { output, errors, exitCode } = await runSample(`${code}
      logger.info('here');
      console.log(settings.current.log_level, typeof settings.revision);
      await shared.close();
      await settings.close();
      await (await connection).close();
    `);
    expect({ output: output.trim(), errors, exitCode }).toEqual({
      output: 'WARN string',
      errors: '',
      exitCode: 0,
    });
  });
});
