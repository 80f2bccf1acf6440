/** `winston-log-targets/opentelemetry`: the same metrics, told to a `Meter` of OpenTelemetry. */

import type { Meter, Observable } from '@opentelemetry/api';
import { type Instrument, instruments, isFor, requestDuration } from './instruments.js';
import { type MeasuredTransport, Reader } from './reading.js';

/** What `observeTransport` takes. */
export interface ObserveTransportOptions {
  /** An `EventTransport`. */
  readonly transport: MeasuredTransport;
  /** Of a `MeterProvider`. */
  readonly meter: Meter;
}

/**
 * Tells the transport's metrics to a meter: names as Prometheus has them, with dots for underscores and without
 * `_total`; units `s` and `By`.
 * @returns ends it
 * @throws TypeError when `transport` is no `EventTransport`
 */
export function observeTransport({ transport, meter }: ObserveTransportOptions): () => void {
  const durations = meter.createHistogram(dotted(requestDuration.name), {
    description: requestDuration.help,
    unit: 's',
    advice: { explicitBucketBoundaries: [...requestDuration.bounds] },
  });
  const reader = new Reader(transport, (target, seconds) => durations.record(seconds, { target }));
  const observed = instruments
    .filter((instrument) => isFor(instrument, reader.read()))
    .map((instrument) => ({ instrument, observable: create(instrument, meter) }));
  const observables = observed.map(({ observable }) => observable);
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const reading = reader.read();
    for (const { instrument, observable } of observed) {
      for (const { labels, value } of instrument.read(reading)) result.observe(observable, value, labels);
    }
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => {
    meter.removeBatchObservableCallback(observe, observables);
    reader.end();
  };
}

function create({ kind, name, help, unit }: Instrument, meter: Meter): Observable {
  const options = { description: help, ...(unit && { unit }) };
  return kind === 'counter'
    ? meter.createObservableCounter(dotted(name), options)
    : meter.createObservableGauge(dotted(name), options);
}

function dotted(name: string): string {
  return name.replace(/_total$/, '').replaceAll('_', '.');
}
