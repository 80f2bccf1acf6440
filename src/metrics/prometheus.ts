/** `winston-log-targets/prometheus`: a transport's metrics in a registry of `prom-client`. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { Turnstile } from '../http/turnstile.js';
import { type Instrument, instruments, isFor, requestDuration } from './instruments.js';
import { type MeasuredTransport, Reader, type Reading } from './reading.js';

/** What `registerMetrics` takes. */
export interface RegisterMetricsOptions {
  /** An `EventTransport`. */
  readonly transport: MeasuredTransport;
  /** Of `prom-client`, for instance its `register`. One transport a registry: names stand for one only. */
  readonly registry: Registry;
}

/**
 * Puts the transport's metrics into a registry. Between scrapes nothing is done but to observe how long each request
 * takes; counts are read when somebody asks. A removed target's series go with it.
 * @returns takes them out again
 * @throws TypeError when `transport` is no `EventTransport`
 * @throws Error when the registry has metrics of these names already
 */
export function registerMetrics({ transport, registry }: RegisterMetricsOptions): () => void {
  const taken = [...instruments, requestDuration].find(({ name }) => registry.getSingleMetric(name));
  if (taken) throw new Error(`The registry has a metric named \`${taken.name}\` already`);
  const known = new Set<string>();
  const reader = new Reader(transport, (target, seconds) => {
    known.add(target);
    durations.observe({ target }, seconds);
  });
  // Hundreds of targets have thousands of series: they are written down over several turns of the event loop.
  const turnstile = new Turnstile();
  const read = oncePerTurn(() => reader.read());
  const durations = new Histogram({
    name: requestDuration.name,
    help: requestDuration.help,
    labelNames: ['target'],
    buckets: [...requestDuration.bounds],
    registers: [registry],
    async collect() {
      const present = new Set(read().targets.map(({ status }) => status.name));
      // At once: a target that is added while this waits for its turn has series that must stay.
      for (const target of known) {
        if (present.has(target)) continue;
        known.delete(target);
        this.remove({ target });
      }
      await turnstile.passAgain();
    },
  });
  const shown = instruments.filter((instrument) => isFor(instrument, read()));
  for (const instrument of shown) register(instrument, registry, { read, turnstile });
  return () => {
    reader.end();
    for (const { name } of [...shown, requestDuration]) registry.removeSingleMetric(name);
  };
}

/** How a scrape goes: all instruments of it show the same moment, each is written down when it is its turn. */
interface Scraping {
  readonly read: () => Reading;
  readonly turnstile: Turnstile;
}

function register(instrument: Instrument, registry: Registry, { read, turnstile }: Scraping): void {
  const { name, help, labels } = instrument;
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  const collect = async (metric: Counter | Gauge) => {
    const samples = instrument.read(read());
    await turnstile.passAgain();
    metric.reset();
    for (const { labels: values, value } of samples) metric.inc(values, value);
  };
  if (instrument.kind === 'counter') {
    new Counter({
      ...options,
      collect() {
        return collect(this);
      },
    });
  } else {
    new Gauge({
      ...options,
      collect() {
        return collect(this);
      },
    });
  }
}

/** All instruments of a scrape show the same moment. */
function oncePerTurn(read: () => Reading): () => Reading {
  let reading: Reading | undefined;
  return () => {
    if (reading === undefined) {
      reading = read();
      setImmediate(() => {
        reading = undefined;
      });
    }
    return reading;
  };
}
