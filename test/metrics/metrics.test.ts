import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { observeTransport } from '../../src/metrics/opentelemetry.js';
import { registerMetrics } from '../../src/metrics/prometheus.js';
import { version } from '../../src/model/version.js';
import { startStream } from '../helpers/event-stream.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

type TargetStatus = ReturnType<Transport['status']>['targets'][number];
type Transport = ReturnType<typeof createTestTransport>['transport'];

/** Series by name and labels, as a scrape shows them: `name{a="b"}`. */
async function scrape(registry: Registry): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

/** The sum of all series of a metric that have these labels. */
function sum(series: Map<string, number>, name: string, ...labels: string[]): number {
  return [...series]
    .filter(([key]) => key.startsWith(`log_targets_${name}{`) && labels.every((label) => key.includes(label)))
    .reduce((total, [, value]) => total + value, 0);
}

/** Scrapes, and looks whether that says what `status()` says in the same moment. */
async function scrapeAndCompare(registry: Registry, transport: Transport): Promise<Map<string, number>> {
  const scraping = scrape(registry);
  const { targets } = transport.status();
  const series = await scraping;
  expectStatusesIn(series, targets);
  return series;
}

function expectStatusesIn(series: Map<string, number>, targets: readonly TargetStatus[]): void {
  for (const status of targets) {
    const target = `target="${status.name}"`;
    const shown = {
      accepted: sum(series, 'accepted_events_total', target),
      delivered: sum(series, 'delivered_events_total', target),
      pending: sum(series, 'queue_events', target),
      bytes: sum(series, 'queue_bytes', target),
      dead: sum(series, 'dead_letter_events', target),
      dropped: sum(series, 'dropped_events_total', target),
      attempts: sum(series, 'requests_total', target),
      state: sum(series, 'target_state', target, `state="${status.state}"`),
    };
    expect(shown).toEqual({
      accepted: status.accepted,
      delivered: status.delivered,
      pending: status.pending.events,
      bytes: status.pending.bytes,
      dead: status.dead,
      dropped: Object.values(status.dropped).reduce((total, count) => total + count, 0),
      attempts: status.attempts,
      state: 1,
    });
    expect(shown.accepted - shown.delivered - shown.dropped - shown.dead - shown.pending).toBe(0);
    expect(sum(series, 'target_state', target)).toBe(1);
  }
}

describe('metrics for Prometheus', () => {
  it('say what status() says, through deliveries, refusals, losses, an outage and a reload', async () => {
    const [good, bad] = [await startReceiver(), await startReceiver()];
    bad.answer = 422;
    const { transport, logger, report } = createTestTransport(
      [
        quickTarget(good.address, { name: 'good', scopes: ['logging', 'lifecycle'] }),
        quickTarget(bad.address, { name: 'bad', scopes: ['logging'] }),
      ],
      { memory: { maxEvents: 3 } },
    );
    const registry = new Registry();
    registerMetrics({ transport, registry });
    await scrapeAndCompare(registry, transport);

    logger.info('one');
    await transport.lifecycle('batch-started');
    await transport.flush();
    let series = await scrapeAndCompare(registry, transport);
    expect(series.get('log_targets_accepted_events_total{target="good",type="lifecycle"}')).toBe(1);
    expect(series.get('log_targets_accepted_events_total{target="good",type="logging"}')).toBe(1);
    expect(series.get('log_targets_dropped_events_total{target="bad",reason="rejected"}')).toBe(1);
    expect(series.get('log_targets_requests_total{target="bad",outcome="rejected"}')).toBe(1);
    expect(sum(series, 'request_duration_seconds_count', 'target="good"')).toBe(
      sum(series, 'requests_total', 'target="good"'),
    );

    good.answer = 503;
    for (let index = 0; index < 10; index++) logger.info(`waits ${index}`);
    await report('targetDown', ({ target }) => target === 'good');
    series = await scrapeAndCompare(registry, transport);
    expect(sum(series, 'dropped_events_total', 'reason="queue-full"')).toBeGreaterThan(0);
    expect(series.get('log_targets_target_state{target="good",state="down"}')).toBe(1);
    expect(sum(series, 'oldest_event_age_seconds', 'target="good"')).toBeGreaterThan(0);

    good.answer = 200;
    transport.reload([quickTarget(good.address, { name: 'good' })]);
    await transport.flush();
    await report('reloaded');
    series = await scrapeAndCompare(registry, transport);
    expect(series.get('log_targets_reloads_total{result="success"}')).toBe(1);
  });

  it('say what status() says at any moment of any history, and nothing of targets that are gone', async () => {
    const receiver = await startReceiver();
    const target = (name: string, settings: object = {}) =>
      quickTarget(receiver.address, {
        name,
        retry_timeout: '5ms',
        scopes: ['logging', 'lifecycle'],
        ...settings,
      });
    const step = fc.oneof(
      fc.record({ log: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ lifecycle: fc.constantFrom('batch-started', 'batch-stopped') }),
      fc.record({ answer: fc.constantFrom(200, 200, 422, 413, 401, 503, 410) }),
      fc.record({ targets: fc.subarray(['a', 'b', 'c']), size: fc.constantFrom(1, 7, 5000) }),
      fc.record({ flushMs: fc.constantFrom(1, 20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        receiver.answer = 200;
        const { transport, logger } = createTestTransport([target('a'), target('b')], {
          memory: { maxEvents: 20 },
          shutdownTimeoutMs: 20,
        });
        const registry = new Registry();
        registerMetrics({ transport, registry });
        for (const each of steps) {
          if ('log' in each) for (let index = 0; index < each.log; index++) logger.info(`record ${index}`);
          if ('lifecycle' in each) await transport.lifecycle(each.lifecycle);
          if ('answer' in each) receiver.answer = each.answer;
          if ('targets' in each) {
            transport.reload(each.targets.map((name) => target(name, { batch_size: each.size })));
          }
          if ('flushMs' in each) await transport.flush({ timeoutMs: each.flushMs });
          // All scrapes of a turn show the same moment.
          await new Promise(setImmediate);
          const present = transport.status().targets.map(({ name }) => name);
          const series = await scrapeAndCompare(registry, transport);
          const shown = [...series.keys()].flatMap(
            (key) => /^log_targets_accepted.*target="(\w)"/.exec(key)?.[1] ?? [],
          );
          expect([...new Set(shown)].sort()).toEqual([...present].sort());
        }
        await transport.shutdown({ timeoutMs: 20 });
        await new Promise(setImmediate);
        await scrapeAndCompare(registry, transport);
      }),
      { numRuns: 20 },
    );
  });

  it('drop the series of a removed target', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'stays' }),
      quickTarget(receiver.address, { name: 'goes' }),
    ]);
    const registry = new Registry();
    registerMetrics({ transport, registry });
    logger.info('for both');
    await transport.flush();
    expect(sum(await scrape(registry), 'request_duration_seconds_count', 'target="goes"')).toBe(1);
    transport.reload([quickTarget(receiver.address, { name: 'stays' })]);
    await expect.poll(() => transport.status().targets.map(({ name }) => name)).toEqual(['stays']);
    const text = await registry.metrics();
    expect(text).not.toContain('target="goes"');
    expect(text).toContain('target="stays"');
  });

  it('keep how long requests took to a target that is added during a scrape', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([]);
    const registry = new Registry();
    registerMetrics({ transport, registry });
    const scraping = registry.metrics();
    transport.reload([quickTarget(receiver.address, { name: 'new' })]);
    transport.emit('report', { type: 'requestMade', target: 'new', outcome: 'delivered', ms: 5 });
    await scraping;
    expect(sum(await scrape(registry), 'request_duration_seconds_count', 'target="new"')).toBe(1);
  });

  it('count bytes on the wire: of compressed bodies the compressed ones', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { compression: 'gzip' }),
    ]);
    const registry = new Registry();
    registerMetrics({ transport, registry });
    logger.info('x'.repeat(10_000));
    await transport.flush();
    const sent = sum(await scrape(registry), 'sent_bytes_total');
    expect(sent).toBe(receiver.requests.reduce((total, { raw }) => total + raw.length, 0));
    expect(sent).toBeLessThan(1000);
  });

  it('count events that were cut down, settings that were refused, and bytes of attempts without an answer', async () => {
    const receiver = await startReceiver();
    receiver.answer = (_request, response) => void response.destroy();
    const { transport, logger, report } = createTestTransport([
      quickTarget(receiver.address, { batch_bytes: 300 }),
    ]);
    const registry = new Registry();
    registerMetrics({ transport, registry });
    logger.info('x'.repeat(1000));
    await report('targetDown');
    expect(() => transport.reload([{ name: '' } as never])).toThrow();
    await report('reloadRejected');
    const series = await scrape(registry);
    expect(sum(series, 'truncated_events_total')).toBe(1);
    expect(sum(series, 'sent_bytes_total')).toBe(
      receiver.requests.reduce((all, { raw }) => all + raw.length, 0),
    );
    expect(sum(series, 'requests_total', 'outcome="retryable"')).toBeGreaterThan(0);
    expect(series.get('log_targets_reloads_total{result="failure"}')).toBe(1);
    expect(series.get('log_targets_config_last_reload_successful')).toBe(0);
    receiver.answer = 200;
  });

  it('count the listeners of the event stream', async () => {
    const { transport, listen } = await startStream();
    const registry = new Registry();
    registerMetrics({ transport, registry });
    const listener = await listen();
    await expect.poll(async () => (await scrape(registry)).get('log_targets_stream_listeners')).toBe(1);
    listener.webSocket.close();
    await expect.poll(async () => (await scrape(registry)).get('log_targets_stream_listeners')).toBe(0);
  });

  it('count listeners that were there before them', async () => {
    const { transport, listen, report } = await startStream();
    const [stays, leaves] = [await listen(), await listen()];
    const registry = new Registry();
    registerMetrics({ transport, registry });
    expect((await scrape(registry)).get('log_targets_stream_listeners')).toBe(2);
    const left = report('listenerLeft');
    leaves.webSocket.close();
    await left;
    await new Promise(setImmediate);
    expect((await scrape(registry)).get('log_targets_stream_listeners')).toBe(1);
    stays.webSocket.close();
  });

  it('show limits of memory and the version, and nothing of a spool where there is none', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([quickTarget(receiver.address)], {
      memory: { maxEvents: 10, maxBytes: 2000 },
    });
    const registry = new Registry();
    registerMetrics({ transport, registry });
    const series = await scrape(registry);
    expect(series.get('log_targets_queue_limit_events{target="siem"}')).toBe(10);
    expect(series.get('log_targets_queue_limit_bytes{target="siem"}')).toBe(2000);
    expect(series.get(`log_targets_info{version="${packageJson.version}"}`)).toBe(1);
    expect(version).toBe(packageJson.version);
    expect([...series.keys()].filter((name) => name.includes('spool'))).toEqual([]);
  });

  it('are taken out again, and refuse to stand twice in one registry', () => {
    const { transport } = createTestTransport();
    const registry = new Registry();
    const before = transport.listenerCount('report');
    const remove = registerMetrics({ transport, registry });
    expect(() => registerMetrics({ transport, registry })).toThrow('log_targets_accepted_events_total');
    expect(transport.listenerCount('report')).toBe(before + 1);
    remove();
    expect(registry.getMetricsAsArray()).toEqual([]);
    expect(transport.listenerCount('report')).toBe(before);
    registerMetrics({ transport, registry })();
  });

  it('are of an EventTransport only', () => {
    const transport = { on() {}, off() {} } as never;
    expect(() => registerMetrics({ transport, registry: new Registry() })).toThrow(
      new TypeError('Expected `transport` to be an EventTransport, got an object'),
    );
  });
});

describe('metrics for OpenTelemetry', () => {
  /** A reader that is asked. */
  class AskedReader extends MetricReader {
    protected override async onShutdown(): Promise<void> {}
    protected override async onForceFlush(): Promise<void> {}
  }

  it('are the same numbers under names with dots, with units', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const reader = new AskedReader();
    const meter = new MeterProvider({ readers: [reader] }).getMeter('service');
    const registry = new Registry();
    registerMetrics({ transport, registry });
    const stop = observeTransport({ transport, meter });
    logger.info('one');
    await transport.flush();

    const { resourceMetrics } = await reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const told = new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
    const series = await scrape(registry);
    const prometheusNames = new Set(
      [...series.keys()].map((key) => key.replace(/(_bucket|_sum|_count)?(\{.*)?$/, '')),
    );
    expect([...told.keys()].sort()).toEqual(
      [...prometheusNames]
        .map((name) => name.replace(/_total$/, '').replaceAll('_', '.'))
        .filter((name) => told.has(name))
        .sort(),
    );
    expect(told.get('log.targets.delivered.events')?.dataPoints).toMatchObject([
      { attributes: { target: 'siem' }, value: 1 },
    ]);
    expect(told.get('log.targets.sent.bytes')?.descriptor.unit).toBe('By');
    expect(told.get('log.targets.request.duration.seconds')?.descriptor.unit).toBe('s');
    expect(told.get('log.targets.request.duration.seconds')?.dataPoints).toMatchObject([
      { value: { count: 1 } },
    ]);

    stop();
    logger.info('two');
    await transport.flush();
    const after = await reader.collect();
    const [delivered] = after.resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === 'log.targets.delivered.events');
    expect(delivered?.dataPoints).toMatchObject([{ value: 1 }]);
  });
});
