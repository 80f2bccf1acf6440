/** One target: what it does now, how it went, and what can be done about it. */

import { useEffect, useState } from 'preact/hooks';
import { adviceFor, codeText, reasonAdvice, stateWords } from './advice.js';
import { ApiError, call, targetPath } from './api.js';
import { AttemptsTable } from './attempts-table.js';
import { Chart } from './chart.js';
import { DeadLetters } from './dead-letters.js';
import { linkTo, useAction, useModel } from './hooks.js';
import { model } from './model.js';
import { Ago, Button, Countdown, Empty, Note, Since, StateBadge } from './parts.js';
import { PingNote } from './ping-note.js';
import { droppedOf } from './samples.js';
import { TargetEditor } from './target-editor.js';
import type { PingResult, TargetDetails, TargetStatus } from './types.js';
import { bytes, count, rate } from './words.js';

const tabs = [
  { id: '', name: 'Now' },
  { id: 'dead-letters', name: 'Dead letters' },
  { id: 'settings', name: 'Settings' },
];

export function TargetView({ name, tab }: { name: string; tab: string }) {
  const { targets, updatedMs } = useModel();
  const target = targets.find((each) => each.name === name);
  if (target === undefined) {
    return (
      <Empty title={`No target is named ${name}`}>
        <p>It may have been removed.</p>
        <a href={linkTo()}>All targets</a>
      </Empty>
    );
  }
  return (
    <>
      <nav class="crumbs" aria-label="Where you are">
        <a href={linkTo()}>Targets</a> <span aria-hidden="true">›</span>
      </nav>
      <header class="target-head">
        <h1>{name}</h1>
        <StateBadge target={target} />
        <span class="muted mono address">{target.address}</span>
      </header>
      <nav class="tabs" aria-label="Of this target">
        {tabs.map(({ id, name: text }) => (
          <a
            key={id}
            href={id === '' ? linkTo('targets', name) : linkTo('targets', name, id)}
            aria-current={tab === id ? 'page' : undefined}
          >
            {text}
            {id === 'dead-letters' && target.dead > 0 && (
              <span class="tab-count number">{count(target.dead)}</span>
            )}
          </a>
        ))}
      </nav>
      {tab === '' && <Now target={target} updatedMs={updatedMs} />}
      {tab === 'dead-letters' && <DeadLetters key={name} target={target} />}
      {tab === 'settings' && <TargetEditor key={name} name={name} />}
    </>
  );
}

function Now({ target, updatedMs }: { target: TargetStatus; updatedMs: number }) {
  const details = useDetails(target.name, updatedMs);
  const samples = model.samplesOf(target.name);
  const [accepted, delivered] = [samples.rates('accepted'), samples.rates('delivered')];
  const at = delivered.map((each) => each.at);
  return (
    <>
      <Standing target={target} />
      <div class="columns">
        <Account target={target} />
        <section class="card charts" aria-label="The last five minutes">
          <Chart
            title="Events a second"
            at={at}
            series={[
              { name: 'accepted', colour: 'accent', values: accepted.map(({ value }) => value) },
              { name: 'delivered', colour: 'fine', values: delivered.map(({ value }) => value) },
            ]}
            summary={`${rate(samples.rate('accepted'))} accepted and ${rate(samples.rate('delivered'))} delivered now`}
          />
          <Chart
            title="Waiting events"
            at={at}
            series={[
              {
                name: 'waiting',
                colour: 'watch',
                values: samples.all.slice(1).map(({ pending }) => pending),
              },
            ]}
            summary={`${count(target.pending.events)} now`}
          />
        </section>
      </div>
      <AttemptsTable attempts={details?.attempts} total={target.attempts} />
    </>
  );
}

/** What it does, why, and what to do about it: always of the same height. */
function Standing({ target }: { target: TargetStatus }) {
  const { state, last_error, next_attempt_at, last_delivery_at } = target;
  const { urgency, meaning, word } = stateWords(state, last_error?.code);
  const isOver = urgency === 'fine' || last_error === undefined;
  const advice = last_error && adviceFor(last_error.code, last_error.message);
  const ping = useAction<PingResult>();
  const retry = useAction<object>();
  const act = (what: string) =>
    call<never>('POST', targetPath(target.name, what)).then(({ metadata }) => metadata);
  return (
    <section class={`standing ${urgency}`} aria-label="How it is">
      <div class="standing-text">
        {isOver || advice === undefined || last_error === undefined ? (
          <>
            <h2>{meaning}</h2>
            <p>
              {last_delivery_at ? (
                <>
                  Last delivery <Ago at={last_delivery_at} />.
                </>
              ) : (
                'Nothing has been delivered yet.'
              )}{' '}
              {last_error && (
                <span class="muted">
                  Last error <Ago at={last_error.at} />: {codeText(last_error.code)}{' '}
                  {advice?.what.toLowerCase()}.
                </span>
              )}
            </p>
          </>
        ) : (
          <>
            <h2>
              {word}: {advice.what}
            </h2>
            <p>
              <b>{advice.todo}</b>
            </p>
            <p class="muted small">
              <code>{last_error.code}</code> {last_error.message}, <Ago at={last_error.at} />.{' '}
              {next_attempt_at && (
                <>
                  Next attempt <Countdown at={next_attempt_at} />.
                </>
              )}
            </p>
          </>
        )}
      </div>
      {model.may('ping') && (
        <div class="standing-acts">
          {state !== 'disabled' && !isOver && (
            <Button
              kind="primary"
              isBusy={retry.isRunning}
              onClick={() =>
                retry.run(() => act('/retry')).then(() => setTimeout(() => model.refresh(), 300))
              }
            >
              Retry now
            </Button>
          )}
          <Button
            isBusy={ping.isRunning}
            onClick={() => ping.run(() => act('/ping'))}
            title="One marked test event, past the queue"
          >
            {ping.isRunning ? 'Sending…' : 'Send a test event'}
          </Button>
        </div>
      )}
      <div class="standing-result" aria-live="polite">
        {ping.result && <PingNote result={ping.result} onClose={ping.clear} />}
        {(ping.error ?? retry.error) && <Note urgency="act">{ping.error ?? retry.error}</Note>}
      </div>
    </section>
  );
}

/** Every event is in one of these lines: their sum is what was accepted. */
function Account({ target }: { target: TargetStatus }) {
  const { accepted, recovered, delivered, pending, dropped, dead, oldest_pending_at } = target;
  const reasons = Object.entries(dropped).sort(([, a], [, b]) => b - a);
  const rows: { name: string; events: number; hint?: preact.ComponentChildren; tone?: string }[] = [
    {
      name: 'Delivered',
      events: delivered,
      hint: target.last_delivery_at && (
        <>
          last <Ago at={target.last_delivery_at} />
        </>
      ),
    },
    {
      name: 'Waiting',
      events: pending.events,
      hint:
        pending.events > 0 ? (
          <>
            {bytes(pending.bytes)}
            {oldest_pending_at && (
              <>
                , oldest <Since at={oldest_pending_at} />
              </>
            )}
          </>
        ) : undefined,
    },
    {
      name: 'Dead letters',
      events: dead,
      hint: dead > 0 ? <a href={linkTo('targets', target.name, 'dead-letters')}>look at them</a> : undefined,
      tone: dead > 0 ? 'worrying' : '',
    },
    ...(reasons.length === 0
      ? [{ name: 'Lost', events: 0 }]
      : reasons.map(([reason, events]) => {
          const { what, todo } = reasonAdvice(reason);
          return { name: `Lost: ${what}`, events, hint: todo, tone: 'alarming' };
        })),
  ];
  return (
    <section class="card account" aria-label="Account">
      <h2>Where every event is</h2>
      <table>
        <caption class="hidden">What became of the accepted events</caption>
        <tbody>
          {rows.map(({ name, events, hint, tone = '' }) => (
            <tr key={name} class={tone}>
              <th scope="row">
                {name}
                {hint && <span class="sub">{hint}</span>}
              </th>
              <td class="number">{count(events)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              Accepted
              {recovered > 0 && <span class="sub">{count(recovered)} of them found in the spool</span>}
            </th>
            <td
              class="number"
              title={
                accepted === delivered + pending.events + dead + droppedOf(target)
                  ? 'The sum of the lines above'
                  : undefined
              }
            >
              {count(accepted)}
            </td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

/** Follows the polls of the model; the last details stay while others are on their way. */
function useDetails(name: string, updatedMs: number): TargetDetails | undefined {
  const [details, setDetails] = useState<TargetDetails>();
  useEffect(() => {
    let isCurrent = true;
    call<TargetDetails>('GET', targetPath(name)).then(
      ({ metadata }) => isCurrent && setDetails(metadata),
      (error: unknown) => {
        if (error instanceof ApiError) model.failed(error);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [name, updatedMs]);
  return details?.name === name ? details : undefined;
}
