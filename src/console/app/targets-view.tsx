/** All targets at a glance. */

import { useState } from 'preact/hooks';
import type { Urgency } from './advice.js';
import { linkTo, useModel } from './hooks.js';
import { model } from './model.js';
import { Button, Empty } from './parts.js';
import { type Order, urgencyOf, useFrozenOrder } from './target-order.js';
import { TargetRow } from './target-row.js';
import { Summary } from './targets-summary.js';
import { count } from './words.js';

const filters: readonly {
  readonly id: string;
  readonly name: string;
  readonly fits: (urgency: Urgency) => boolean;
}[] = [
  { id: 'all', name: 'All', fits: () => true },
  { id: 'attention', name: 'Need attention', fits: (urgency) => urgency === 'act' || urgency === 'watch' },
  { id: 'up', name: 'Up', fits: (urgency) => urgency === 'fine' },
  { id: 'off', name: 'Off', fits: (urgency) => urgency === 'off' },
];

export function TargetsView() {
  const { targets, updatedMs } = useModel();
  const [order, setOrder] = useState<Order>('urgency');
  const [filter, setFilter] = useState('all');
  const [text, setText] = useState('');
  const sort = useFrozenOrder(targets, order);

  if (targets.length === 0) return <NoTargets />;
  const wanted = text.trim().toLowerCase();
  const fits = filters.find(({ id }) => id === filter)?.fits ?? (() => true);
  const shown = sort.sorted.filter(
    (target) =>
      fits(urgencyOf(target)) &&
      (wanted === '' || `${target.name} ${target.address}`.toLowerCase().includes(wanted)),
  );
  const header = (id: Order, name: string, className = '') => (
    <th
      scope="col"
      class={className}
      aria-sort={order === id ? (id === 'name' || id === 'urgency' ? 'ascending' : 'descending') : 'none'}
    >
      <button type="button" class="sort" onClick={() => (order === id ? sort.again() : setOrder(id))}>
        {name}
        <span aria-hidden="true" class="sort-mark">
          {order === id ? (id === 'name' || id === 'urgency' ? ' ▴' : ' ▾') : ''}
        </span>
      </button>
    </th>
  );
  return (
    <>
      <Summary targets={targets} />
      <div class="tools">
        <input
          type="search"
          class="search"
          placeholder="Find by name or address"
          aria-label="Find targets by name or address"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <fieldset class="chips">
          <legend class="hidden">Show targets that are</legend>
          {filters.map(({ id, name, fits: each }) => (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={filter === id}
              onClick={() => setFilter(id)}
            >
              {name}{' '}
              <span class="number">{count(targets.filter((target) => each(urgencyOf(target))).length)}</span>
            </button>
          ))}
        </fieldset>
        <span class="grow" />
        <span class="resort" data-shown={sort.isStale}>
          <Button
            disabled={!sort.isStale}
            onClick={sort.again}
            title="States have changed: rows stay in place until you say so"
          >
            Sort again
          </Button>
        </span>
        {model.may('settings') && (
          <a class="button primary" href={linkTo('new')}>
            Add a target
          </a>
        )}
      </div>
      <table class="targets">
        <caption class="hidden">Log targets</caption>
        <thead>
          <tr>
            {header('urgency', 'State', 'c-state')}
            {header('name', 'Target', 'c-name')}
            {header('rate', 'Delivered /s', 'c-rate')}
            {header('waiting', 'Waiting', 'c-waiting')}
            {header('lost', 'Lost', 'c-lost')}
            {header('dead', 'Dead letters', 'c-dead')}
            <th scope="col" class="c-error">
              Last error
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((target) => (
            <TargetRow
              key={target.name}
              target={target}
              samples={model.samplesOf(target.name)}
              now={updatedMs}
            />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && (
        <Empty title="No target fits">
          <Button
            onClick={() => {
              setText('');
              setFilter('all');
            }}
          >
            Show all {count(targets.length)}
          </Button>
        </Empty>
      )}
    </>
  );
}

function NoTargets() {
  return (
    <Empty title="There are no log targets yet">
      <p>A log target is a server that takes events over HTTP: a SIEM, a log store, a webhook.</p>
      {model.may('settings') ? (
        <a class="button primary" href={linkTo('new')}>
          Add the first one
        </a>
      ) : (
        <p class="muted">
          Whoever may change the settings can add one here, or in the settings of the service.
        </p>
      )}
    </Empty>
  );
}
