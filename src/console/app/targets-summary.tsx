/** All targets in a line. */

import { model } from './model.js';
import { Since } from './parts.js';
import { droppedOf } from './samples.js';
import { urgencyOf } from './target-order.js';
import type { TargetStatus } from './types.js';
import { count, rate } from './words.js';

export function Summary({ targets }: { targets: readonly TargetStatus[] }) {
  const needing = targets.filter((target) => ['act', 'watch'].includes(urgencyOf(target)));
  const down = targets.filter((target) => urgencyOf(target) === 'act');
  const sum = (value: (target: TargetStatus) => number) =>
    targets.reduce((all, each) => all + value(each), 0);
  const rates = sum(({ name }) => model.samplesOf(name).rate('delivered'));
  const oldest = targets
    .flatMap(({ oldest_pending_at }) => oldest_pending_at ?? [])
    .reduce<string | undefined>((min, each) => (min === undefined || each < min ? each : min), undefined);
  const [waiting, lost, dead] = [
    sum(({ pending }) => pending.events),
    sum(droppedOf),
    sum((each) => each.dead),
  ];
  const tone = down.length > 0 ? 'act' : needing.length > 0 ? 'watch' : 'fine';
  return (
    <section class="summary" aria-label="Summary">
      <div class={`headline ${tone}`}>
        <h1>
          {needing.length === 0
            ? targets.length === 1
              ? 'The target is up'
              : `All ${count(targets.length)} targets are up`
            : headline(needing.length, targets.length)}
        </h1>
        <p class="muted">
          {down.length > 0
            ? `${down
                .map(({ name }) => name)
                .slice(0, 3)
                .join(
                  ', ',
                )}${down.length > 3 ? ` and ${count(down.length - 3)} more` : ''}: nothing gets through. Events are kept.`
            : needing.length > 0
              ? 'Attempts fail and are made again.'
              : 'Everything that is logged is being delivered.'}
        </p>
      </div>
      <dl class="figures">
        <div class="figure">
          <dt>Delivered</dt>
          <dd class="number">
            {rate(rates)} <small>/s</small>
          </dd>
        </div>
        <div class="figure">
          <dt>Waiting</dt>
          <dd class="number">
            {count(waiting)}{' '}
            <small>
              {oldest && waiting > 0 ? (
                <>
                  oldest <Since at={oldest} />
                </>
              ) : (
                'events'
              )}
            </small>
          </dd>
        </div>
        <div class={`figure ${lost > 0 ? 'act' : ''}`}>
          <dt>Lost</dt>
          <dd class="number">
            {count(lost)} <small>events</small>
          </dd>
        </div>
        <div class={`figure ${dead > 0 ? 'watch' : ''}`}>
          <dt>Dead letters</dt>
          <dd class="number">
            {count(dead)} <small>events</small>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function headline(needing: number, all: number): string {
  if (all === 1) return 'The target needs attention';
  if (needing === all) return `All ${count(all)} targets need attention`;
  return `${count(needing)} of ${count(all)} targets ${needing === 1 ? 'needs' : 'need'} attention`;
}
