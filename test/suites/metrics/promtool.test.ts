/** Prometheus's own tool on what we show and on the alerts that we suggest. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { instruments, requestDuration } from '../../../src/metrics/instruments.js';
import { registerMetrics } from '../../../src/metrics/prometheus.js';
import { describeWith } from '../../helpers/programs.js';
import { startReceiver } from '../../helpers/receiver.js';
import { spoolDirectory } from '../../helpers/spool.js';
import { createTestTransport, quickTarget } from '../../helpers/transport.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describeWith('promtool')('promtool', () => {
  it('finds nothing wrong with the metrics', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      spool: { directory: spoolDirectory() },
    });
    const registry = new Registry();
    registerMetrics({ transport, registry });
    logger.info('one');
    await transport.flush();
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
      input: await registry.metrics(),
      encoding: 'utf8',
    });
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: '' });
  });

  it('accepts the alert rules, which fire when they should and only then', () => {
    const check = execFileSync('promtool', ['check', 'rules', 'examples/alerts.yaml'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(check).toContain('SUCCESS: 9 rules found');
    const { status, stderr } = spawnSync('promtool', ['test', 'rules', 'test/suites/metrics/alerts.yaml'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  it('would find each metric that alerts and dashboard name', () => {
    const known = new Set([
      ...instruments.map(({ name }) => name),
      ...['bucket', 'sum', 'count'].map((suffix) => `${requestDuration.name}_${suffix}`),
    ]);
    for (const file of ['alerts.yaml', 'grafana-dashboard.json']) {
      const text = readFileSync(`${root}examples/${file}`, 'utf8');
      const named = [...text.matchAll(/log_targets_[a-z_]+/g)].map(([name]) => name);
      expect(named.length).toBeGreaterThan(8);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    }
  });
});
