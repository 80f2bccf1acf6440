/** The dead letters of a target: looked at, replayed, discarded. */

import { useEffect, useState } from 'preact/hooks';
import { call, targetPath } from './api.js';
import { useAction } from './hooks.js';
import { model } from './model.js';
import { Ago, Button, Dialog, Empty, Note } from './parts.js';
import type { DeadLetter, TargetStatus } from './types.js';
import { count, events, exactTime } from './words.js';

const PAGE = 100;

type Deed = 'replay' | 'discard';

interface Asking {
  readonly deed: Deed;
  readonly ids: readonly string[] | undefined;
  readonly number: number;
}

export function DeadLetters({ target }: { target: TargetStatus }) {
  const [letters, setLetters] = useState<readonly DeadLetter[]>();
  const [isMore, setIsMore] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Asking>();
  const loading = useAction<void>();
  const doing = useAction<string>();
  const mayHandle = model.may('replay');

  const load = (after?: string) =>
    loading.run(async () => {
      const query = new URLSearchParams({ limit: String(PAGE), ...(after && { after }) });
      const { metadata } = await call<DeadLetter[]>('GET', targetPath(target.name, `/dead-letters?${query}`));
      setLetters((before) => (after && before ? [...before, ...metadata] : metadata));
      setIsMore(metadata.length === PAGE);
    });
  useEffect(() => void load(), []);

  const perform = ({ deed, ids }: Asking) =>
    doing.run(async () => {
      setAsking(undefined);
      const [method, path] =
        deed === 'replay' ? ['POST', '/dead-letters/replay'] : ['DELETE', '/dead-letters'];
      const { metadata } = await call<{ replayed?: number; discarded?: number }>(
        method,
        targetPath(target.name, path),
        {
          body: ids === undefined ? {} : { ids },
        },
      );
      setChosen(new Set());
      await load();
      model.refresh();
      return deed === 'replay'
        ? `${events(metadata.replayed ?? 0)} queued again.`
        : `${events(metadata.discarded ?? 0)} discarded, and counted as lost.`;
    });

  const ask = (deed: Deed, ids: readonly string[] | undefined) => {
    const number = ids?.length ?? target.dead;
    // Replaying does no harm; what is discarded does not come back.
    if (deed === 'replay' && ids !== undefined) void perform({ deed, ids, number });
    else setAsking({ deed, ids, number });
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const ids = [...chosen];

  if (letters?.length === 0) {
    const rejected = target.dropped.rejected ?? 0;
    return (
      <>
        {doing.result && (
          <Note urgency="fine" role="status">
            {doing.result}
          </Note>
        )}
        <Empty title="No dead letters">
          <p>
            Events that the receiver refuses for good (400, 422 and the like) are kept here, to be replayed
            once it takes them.
          </p>
          {rejected > 0 && (
            <p class="worrying">
              {events(rejected)} of this target were refused and dropped: without a spool on disk there is no
              place to keep them.
            </p>
          )}
        </Empty>
      </>
    );
  }
  return (
    <section class="card letters" aria-label="Dead letters">
      <div class="tools">
        <p class="grow">
          {chosen.size > 0 ? (
            `${count(chosen.size)} chosen`
          ) : (
            <>The receiver refused {events(target.dead)}, the oldest first.</>
          )}
        </p>
        {mayHandle && (
          <>
            <Button
              kind="primary"
              isBusy={doing.isRunning}
              disabled={letters === undefined}
              onClick={() => ask('replay', ids.length > 0 ? ids : undefined)}
            >
              {ids.length > 0 ? `Replay ${count(ids.length)}` : 'Replay all'}
            </Button>
            <Button
              kind="danger"
              isBusy={doing.isRunning}
              disabled={letters === undefined}
              onClick={() => ask('discard', ids.length > 0 ? ids : undefined)}
            >
              {ids.length > 0 ? `Discard ${count(ids.length)}` : 'Discard all'}
            </Button>
          </>
        )}
      </div>
      <div aria-live="polite">
        {doing.result && <Note urgency="fine">{doing.result}</Note>}
        {(doing.error ?? loading.error) && <Note urgency="act">{doing.error ?? loading.error}</Note>}
      </div>
      {letters === undefined && !loading.error && <p class="muted loading">Loading…</p>}
      {letters && (
        <ul class="letter-list">
          {letters.map((letter) => (
            <Letter
              key={letter.id}
              letter={letter}
              isChosen={chosen.has(letter.id)}
              onToggle={mayHandle ? () => toggle(letter.id) : undefined}
            />
          ))}
        </ul>
      )}
      {isMore && letters && (
        <Button isBusy={loading.isRunning} onClick={() => load(letters.at(-1)?.id)}>
          Show {PAGE} more
        </Button>
      )}
      {asking && (
        <Dialog
          title={
            asking.deed === 'replay'
              ? `Replay ${events(asking.number)}?`
              : `Discard ${events(asking.number)}?`
          }
          onClose={() => setAsking(undefined)}
        >
          <p>
            {asking.deed === 'replay'
              ? 'They are sent again, behind what waits already. What the receiver still refuses comes back here.'
              : 'They are gone then, and counted as lost. This cannot be undone.'}
          </p>
          <div class="dialog-acts">
            <Button onClick={() => setAsking(undefined)}>Cancel</Button>
            <Button kind={asking.deed === 'replay' ? 'primary' : 'danger'} onClick={() => perform(asking)}>
              {asking.deed === 'replay' ? 'Replay' : 'Discard'}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

interface LetterProps {
  readonly letter: DeadLetter;
  readonly isChosen: boolean;
  readonly onToggle: (() => void) | undefined;
}

function Letter({ letter, isChosen, onToggle }: LetterProps) {
  const { id, at, accepted_at, type, status, response, event } = letter;
  return (
    <li>
      {onToggle && (
        <input type="checkbox" checked={isChosen} onChange={onToggle} aria-label={`Choose the event ${id}`} />
      )}
      <details>
        <summary>
          <b class="code">{status ?? '—'}</b>
          <span class="kind">{type}</span>
          <span class="letter-text">{summaryOf(event)}</span>
          <span class="muted nowrap">
            <Ago at={at} />
          </span>
        </summary>
        <dl class="facts">
          <dt>Answer</dt>
          <dd>
            {response === '' ? (
              <span class="muted">The receiver said nothing more.</span>
            ) : (
              <code class="answer">{response}</code>
            )}
          </dd>
          <dt>Refused</dt>
          <dd>{exactTime(at)}</dd>
          <dt>Accepted</dt>
          <dd>{exactTime(accepted_at)}</dd>
          <dt>Id</dt>
          <dd class="mono">{id}</dd>
        </dl>
        <pre tabIndex={0}>{JSON.stringify(event, undefined, 2)}</pre>
      </details>
    </li>
  );
}

/** The words that tell an event from others, in whatever format it was written. */
function summaryOf(event: unknown): string {
  const found = ['message', 'action', 'body', 'line', 'event']
    .map((key) => textAt(event, key, 4))
    .find(Boolean);
  return found ?? JSON.stringify(event)?.slice(0, 200) ?? '';
}

function textAt(value: unknown, key: string, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;
  const own = (value as Record<string, unknown>)[key];
  if (typeof own === 'string' && own !== '') return own;
  for (const each of Object.values(value)) {
    const found = textAt(each, key, depth - 1);
    if (found) return found;
  }
  return undefined;
}
