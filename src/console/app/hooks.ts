/** Lets components follow what changes outside of them. */

import { useEffect, useReducer, useState } from 'preact/hooks';
import { model } from './model.js';

/** Draws again when the model changes. */
export function useModel(): typeof model {
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  useEffect(() => model.subscribe(() => draw(undefined)), []);
  return model;
}

const tickers = new Set<() => void>();
setInterval(() => {
  if (document.visibilityState === 'visible') for (const tick of tickers) tick();
}, 1000);

/** The time in milliseconds, once a second: all that show a time tick together. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tickers.add(tick);
    return () => void tickers.delete(tick);
  }, []);
  return now;
}

/** The place in the page: what stands behind the `#`, in segments. */
export function useRoute(): string[] {
  const [route, setRoute] = useState(parseRoute());
  useEffect(() => {
    const follow = () => setRoute(parseRoute());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function parseRoute(): string[] {
  return location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        return segment;
      }
    });
}

/** A link into the page. */
export function linkTo(...segments: string[]): string {
  return `#/${segments.map(encodeURIComponent).join('/')}`;
}

/** What an action is doing: it is not started twice, and tells how it ended. */
export interface Action<Result> {
  readonly isRunning: boolean;
  readonly result: Result | undefined;
  readonly error: string | undefined;
  run(act: () => Promise<Result>): Promise<void>;
  clear(): void;
}

export function useAction<Result>(): Action<Result> {
  const [state, setState] = useState<{ isRunning: boolean; result?: Result; error?: string }>({
    isRunning: false,
  });
  return {
    isRunning: state.isRunning,
    result: state.result,
    error: state.error,
    clear: () => setState({ isRunning: false }),
    run: async (act) => {
      if (state.isRunning) return;
      setState({ isRunning: true });
      try {
        setState({ isRunning: false, result: await act() });
      } catch (error) {
        model.failed(error);
        setState({ isRunning: false, error: error instanceof Error ? error.message : String(error) });
      }
    },
  };
}
