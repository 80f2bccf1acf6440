/** A settings file is never half written, whenever the process ends. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { SettingsStore } from '../../../src/index.js';
import { SettingsFile } from '../../../src/settings/settings-file.js';
import { temporaryDirectory } from '../../helpers/files.js';

const script = fileURLToPath(new URL('../../e2e/fixtures/store.mjs', import.meta.url));

it.each(['json', 'yaml'])(
  'a process killed at any moment leaves one of the versions it wrote (%s)',
  async (ending) => {
    const file = join(temporaryDirectory(), `settings.${ending}`);
    for (let round = 0; round < 6; round++) {
      const child = fork(script, [file, 'replace'], { stdio: 'ignore' });
      await once(child, 'message'); // the first version is there
      const killed = once(child, 'exit');
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 30); // any moment of its work
      await killed;
      const { log_targets } = new SettingsFile(file).parse(readFileSync(file, 'utf8'));
      expect(new Set(log_targets.map(({ username }) => username)).size).toBeLessThanOrEqual(1);
      expect(log_targets).toHaveLength(50);
    }
    const store = await SettingsStore.open({ file });
    onTestFinished(() => store.close());
    expect(readdirSync(join(file, '..'))).toEqual([`settings.${ending}`]);
  },
);
