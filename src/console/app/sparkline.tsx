/** A line of the last five minutes, small enough for a table. */

import { type Samples, WINDOW_MS } from './samples.js';
import { rate } from './words.js';

const WIDTH = 108;
const HEIGHT = 26;

export function Sparkline({ samples, now }: { samples: Samples; now: number }) {
  const points = samples.rates('delivered').filter(({ at }) => at > now - WINDOW_MS);
  const top = Math.max(...points.map(({ value }) => value), 1);
  const x = (at: number) => ((at - (now - WINDOW_MS)) / WINDOW_MS) * WIDTH;
  const y = (value: number) => HEIGHT - 1.5 - (value / top) * (HEIGHT - 4);
  const line = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const [first, last] = [points[0], points.at(-1)];
  const area =
    first && last && `${x(first.at).toFixed(1)},${HEIGHT} ${line} ${x(last.at).toFixed(1)},${HEIGHT}`;
  const peak = points.length === 0 ? 'No history yet' : `Last five minutes: at most ${rate(top)} events/s`;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={peak}
    >
      <title>{peak}</title>
      <line class="base" x1="0" y1={HEIGHT - 0.5} x2={WIDTH} y2={HEIGHT - 0.5} />
      {area && <polygon points={area} />}
      {line && <polyline points={line} />}
    </svg>
  );
}
