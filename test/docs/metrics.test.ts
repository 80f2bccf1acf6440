import { describe, expect, it } from 'vitest';
import { instruments, requestDuration } from '../../src/metrics/instruments.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/metrics.md');

describe('the page on metrics', () => {
  it('names each metric with its kind and labels, and no other', () => {
    const shown = page.table('metric').map(([name, kind, labels]) => ({
      name: name?.replaceAll('`', ''),
      kind,
      labels: labels?.replaceAll('`', ''),
    }));
    expect(shown).toEqual([
      ...instruments.map(({ name, kind, labels }) => ({ name, kind, labels: labels.join(', ') })),
      { name: requestDuration.name, kind: 'histogram', labels: 'target' },
    ]);
  });

  it('has a sample for Prometheus that shows what was delivered', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample('registerMetrics({'), {
      'https://siem.example.com/1.0/log': receiver.address,
      ".listen(9464, () => logger.info('Metrics at :9464'))": `.listen(0, '127.0.0.1', async function () {
        logger.info('one');
        await events.flush();
        console.log(await (await fetch('http://127.0.0.1:' + this.address().port)).text());
        this.close();
      })`,
    });
    const { output, errors, exitCode } = await runSample(code);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    expect(output).toContain('log_targets_delivered_events_total{target="siem"} 1');
  });

  it('has a sample for OpenTelemetry that runs', async () => {
    const { errors, exitCode } = await runSample(`${page.sample('observeTransport({')}\nstop();`);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  });
});
