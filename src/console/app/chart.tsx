/** Curves over the last five minutes, drawn by uPlot. */

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { WINDOW_MS } from './samples.js';
import { count } from './words.js';

interface Series {
  readonly name: string;
  /** Name of a custom property of the style sheet. */
  readonly colour: string;
  readonly values: readonly number[];
}

interface ChartProps {
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** A figure in words, for those who do not see the chart. */
  readonly summary: string;
}

const HEIGHT = 150;

export function Chart({ title, at, series, summary }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const names = series.map(({ name }) => name).join();

  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const draw = () => {
      chart.current?.destroy();
      chart.current = create(element, series);
    };
    draw();
    const resizing = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resizing.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const themed = new MutationObserver(redraw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    scheme.addEventListener('change', redraw);
    function redraw() {
      const data = chart.current?.data;
      draw();
      if (data) chart.current?.setData(data);
    }
    return () => {
      resizing.disconnect();
      themed.disconnect();
      scheme.removeEventListener('change', redraw);
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [names]);

  useEffect(() => {
    const now = Date.now();
    chart.current?.setData(
      [at.map((each) => each / 1000), ...series.map(({ values }) => [...values])],
      false,
    );
    chart.current?.setScale('x', { min: (now - WINDOW_MS) / 1000, max: now / 1000 });
  });

  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        {series.map(({ name, colour }) => (
          <span key={name} class="legend">
            <span class={`swatch ${colour}`} aria-hidden="true" /> {name}
          </span>
        ))}
      </figcaption>
      <div ref={holder} class="plot" role="img" aria-label={`${title}: ${summary}`} />
    </figure>
  );
}

function create(element: HTMLElement, series: readonly Series[]): uPlot {
  const colour = colourReader(element);
  const axis = {
    stroke: colour('muted'),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 4, 0, 0],
      scales: {
        x: { time: true },
        y: { range: (_, __, max) => [0, Math.max((max ?? 0) * 1.1, 1)] },
      },
      axes: [
        { ...axis, size: 24, gap: 4, incrs: [60], space: 40, values: (_, splits) => splits.map(clock) },
        { ...axis, size: 52, values: (_, splits) => splits.map((each) => (each % 1 ? '' : count(each))) },
      ],
      series: [
        {},
        ...series.map((each) => ({
          label: each.name,
          stroke: colour(each.colour),
          fill: colour(each.colour, 0.12),
          width: 1.5,
          points: { show: false },
        })),
      ],
    },
    [[], ...series.map(() => [])],
    element,
  );
}

/** Colours of the style sheet as a canvas takes them: what depends on light and dark is worked out first. */
function colourReader(element: HTMLElement): (name: string, alpha?: number) => string {
  return (name, alpha = 1) => {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return alpha === 1 ? color : color.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`);
  };
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
