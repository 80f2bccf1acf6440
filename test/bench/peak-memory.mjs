/** Samples the memory of this process and keeps the peak over what it was at the start. */

export class PeakMemory {
  #baseline = process.memoryUsage.rss();
  #peak = this.#baseline;
  #firstPeak;
  #timer = setInterval(() => this.sample(), 20).unref();

  sample() {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }

  /** What follows is the second half: whether it needs more than the first shows whether memory is flat. */
  startSecondHalf() {
    this.#firstPeak = this.#peak;
    this.#peak = 0;
  }

  /** @returns {{ memoryMb: number, growth: number }} the peak, and that of the second half over that of the first */
  stop() {
    clearInterval(this.#timer);
    this.sample();
    const over = (rss) => Math.max(rss - this.#baseline, 2 ** 20) / 2 ** 20;
    const first = over(this.#firstPeak ?? this.#peak);
    const second = over(this.#peak);
    return { memoryMb: Math.max(first, second), growth: second / first };
  }
}
