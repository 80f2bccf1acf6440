/** In which order targets are listed: one that does not change under the eyes of whoever reads. */

import { useMemo, useRef, useState } from 'preact/hooks';
import { stateWords, type Urgency } from './advice.js';
import { model } from './model.js';
import { droppedOf } from './samples.js';
import type { TargetStatus } from './types.js';

export type Order = 'urgency' | 'name' | 'rate' | 'waiting' | 'lost' | 'dead';

const urgencies: Readonly<Record<Urgency, number>> = { act: 0, watch: 1, fine: 2, off: 3 };

/** Whether somebody should look at it. */
export const urgencyOf = ({ state, last_error }: TargetStatus) => stateWords(state, last_error?.code).urgency;

const byName = (a: TargetStatus, b: TargetStatus) => a.name.localeCompare(b.name, 'en', { numeric: true });

const compare: Readonly<Record<Order, (a: TargetStatus, b: TargetStatus) => number>> = {
  urgency: (a, b) => urgencies[urgencyOf(a)] - urgencies[urgencyOf(b)],
  name: byName,
  rate: (a, b) => model.samplesOf(b.name).rate('delivered') - model.samplesOf(a.name).rate('delivered'),
  waiting: (a, b) => b.pending.events - a.pending.events,
  lost: (a, b) => droppedOf(b) - droppedOf(a),
  dead: (a, b) => b.dead - a.dead,
};

/** Rows stay where they are while states change under them, until somebody asks for another order. */
export function useFrozenOrder(targets: readonly TargetStatus[], order: Order) {
  const [turn, setTurn] = useState(0);
  const places = useRef(new Map<string, number>());
  const key = `${order} ${turn}`;
  const frozen = useRef('');
  const ideal = useMemo(
    () => [...targets].sort((a, b) => compare[order](a, b) || byName(a, b)),
    [targets, order],
  );
  if (frozen.current !== key) {
    frozen.current = key;
    places.current = new Map(ideal.map(({ name }, index) => [name, index]));
  }
  for (const { name } of ideal) if (!places.current.has(name)) places.current.set(name, places.current.size);
  const place = ({ name }: TargetStatus) => places.current.get(name) ?? 0;
  const sorted = [...targets].sort((a, b) => place(a) - place(b));
  // Figures change all the time; it is states that somebody may want to see on top.
  const isStale =
    order === 'urgency' &&
    sorted.some((target, index) => urgencyOf(target) !== urgencyOf(ideal[index] ?? target));
  return { sorted, isStale, again: () => setTurn(turn + 1) };
}
