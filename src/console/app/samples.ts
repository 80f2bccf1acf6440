/** How counts of a target went in the last five minutes. */

import type { History, TargetStatus } from './types.js';

export const WINDOW_MS = 5 * 60_000;
/** Samples are so far apart, as those that the server remembers. */
const INTERVAL_MS = 5000;
/** What is shown as the rate of now is that of so long. */
const NOW_MS = 10_000;

export interface Sample {
  readonly at: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly lost: number;
  readonly pending: number;
}

/** Of one target, the oldest first. */
export class Samples {
  #samples: Sample[] = [];
  #latest: Sample | undefined;

  get all(): readonly Sample[] {
    const isApart = this.#latest !== undefined && this.#latest !== this.#samples.at(-1);
    return isApart ? [...this.#samples, this.#latest as Sample] : this.#samples;
  }

  /** Takes what the server remembers in the place of what is known here. */
  seed({ at, accepted, delivered, lost, pending }: History): void {
    this.#samples = at.map((time, index) => ({
      at: time,
      accepted: accepted[index] ?? 0,
      delivered: delivered[index] ?? 0,
      lost: lost[index] ?? 0,
      pending: pending[index] ?? 0,
    }));
    this.#latest = undefined;
  }

  add(status: TargetStatus, at: number): void {
    const sample = {
      at,
      accepted: status.accepted,
      delivered: status.delivered,
      lost: lostOf(status),
      pending: status.pending.events,
    };
    // The counts of a target that began anew say nothing about the time before.
    if (this.#latest && sample.accepted < this.#latest.accepted) this.#samples = [];
    this.#latest = sample;
    const last = this.#samples.at(-1);
    if (last === undefined || at - last.at >= INTERVAL_MS - 500) this.#samples.push(sample);
    while (this.#samples.length > 1 && (this.#samples[1] as Sample).at < at - WINDOW_MS)
      this.#samples.shift();
  }

  /** Events a second, now. */
  rate(key: 'accepted' | 'delivered'): number {
    const latest = this.#latest ?? this.#samples.at(-1);
    if (latest === undefined) return 0;
    const before =
      this.#samples.findLast((sample) => sample.at <= latest.at - NOW_MS + 1000) ?? this.#samples[0];
    return before ? rateBetween(before, latest, key) : 0;
  }

  /** The most events a second that were delivered in the window. */
  peak(now: number): number {
    return this.rates('delivered').reduce(
      (max, { at, value }) => (at > now - WINDOW_MS ? Math.max(max, value) : max),
      0,
    );
  }

  /** Events a second between each two samples, with the time of the later one. */
  rates(key: 'accepted' | 'delivered'): { at: number; value: number }[] {
    const samples = this.all;
    return samples.slice(1).map((sample, index) => ({
      at: sample.at,
      value: rateBetween(samples[index] as Sample, sample, key),
    }));
  }
}

function rateBetween(before: Sample, after: Sample, key: 'accepted' | 'delivered'): number {
  const seconds = (after.at - before.at) / 1000;
  return seconds > 0 ? Math.max(after[key] - before[key], 0) / seconds : 0;
}

/** Events that were dropped, for whatever reason. */
export function droppedOf({ dropped }: Pick<TargetStatus, 'dropped'>): number {
  return Object.values(dropped).reduce((sum, each) => sum + each, 0);
}

function lostOf(status: TargetStatus): number {
  return droppedOf(status) + status.dead;
}
