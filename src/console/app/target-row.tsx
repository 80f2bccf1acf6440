/** One target among others: what it does, what waits and what is wrong, at a glance. */

import { adviceFor, codeText, reasonAdvice } from './advice.js';
import { call, targetPath } from './api.js';
import { linkTo, useAction } from './hooks.js';
import { model } from './model.js';
import { Ago, Button, Countdown, Since, StateBadge } from './parts.js';
import { droppedOf, type Samples } from './samples.js';
import { Sparkline } from './sparkline.js';
import { urgencyOf } from './target-order.js';
import type { TargetStatus } from './types.js';
import { bytes, count, rate } from './words.js';

export function TargetRow({ target, samples, now }: { target: TargetStatus; samples: Samples; now: number }) {
  const { name, address, pending, oldest_pending_at, dead } = target;
  const lost = droppedOf(target);
  const reasons = Object.entries(target.dropped).sort(([, a], [, b]) => b - a);
  const lostText = reasons.map(([reason, events]) => `${count(events)} ${reason}`).join(', ');
  return (
    <tr class={urgencyOf(target)}>
      <td class="c-state">
        <StateBadge target={target} />
      </td>
      <th scope="row" class="c-name">
        <a href={linkTo('targets', name)} title={name}>
          {name}
        </a>
        <span class="sub mono" title={address}>
          {address}
        </span>
      </th>
      <td class="c-rate number">
        <span class="with-line">
          <Sparkline samples={samples} now={now} />
          <span class="figure-text">
            <Amount value={samples.rate('delivered')} show={rate} />
            <span class="sub">peak {rate(samples.peak(now))}</span>
          </span>
        </span>
      </td>
      <td class="c-waiting number" data-label="Waiting">
        <Amount value={pending.events} />
        <span class="sub">
          {pending.events > 0 ? (
            <>
              {bytes(pending.bytes)}
              {oldest_pending_at && (
                <>
                  {' · '}
                  <Since at={oldest_pending_at} />
                </>
              )}
            </>
          ) : (
            ' '
          )}
        </span>
      </td>
      <td
        class={`c-lost number ${lost > 0 ? 'alarming' : ''}`}
        data-label="Lost"
        title={reasons.map(([reason, events]) => `${count(events)}: ${reasonAdvice(reason).what}`).join('\n')}
      >
        <Amount value={lost} />
        <span class="sub">{lostText || ' '}</span>
      </td>
      <td class={`c-dead number ${dead > 0 ? 'worrying' : ''}`} data-label="Dead letters">
        {dead > 0 ? (
          <a href={linkTo('targets', name, 'dead-letters')}>{count(dead)}</a>
        ) : (
          <Amount value={0} />
        )}
        <span class="sub">{dead > 0 ? 'to replay' : ' '}</span>
      </td>
      <td class="c-error">
        <Trouble target={target} />
      </td>
    </tr>
  );
}

/** Nothing is nothing to look at. */
function Amount({ value, show = count }: { value: number; show?: (value: number) => string }) {
  return <span class={value === 0 ? 'nothing' : undefined}>{show(value)}</span>;
}

function Trouble({ target }: { target: TargetStatus }) {
  const { last_error, next_attempt_at, state } = target;
  const retry = useAction<object>();
  if (last_error === undefined) return <span class="muted">None</span>;
  const { what, todo } = adviceFor(last_error.code, last_error.message);
  const isOver = urgencyOf(target) === 'fine';
  return (
    <div class={`trouble ${isOver ? 'over' : ''}`}>
      <div class="trouble-text">
        <span class="trouble-what" title={`${last_error.code}: ${last_error.message}`}>
          <b class="code">{codeText(last_error.code)}</b> {what}
        </span>
        <span class="sub" title={isOver ? undefined : todo}>
          {isOver ? (
            <>
              over; <Ago at={last_error.at} />
            </>
          ) : (
            todo
          )}
        </span>
      </div>
      {!isOver && (
        <div class="trouble-next">
          {model.may('ping') && state !== 'disabled' && (
            <Button
              isBusy={retry.isRunning}
              aria-label={`Retry now: ${target.name}`}
              onClick={() =>
                retry.run(async () => {
                  const { metadata } = await call<object>('POST', targetPath(target.name, '/retry'));
                  setTimeout(() => model.refresh(), 300);
                  return metadata;
                })
              }
            >
              Retry now
            </Button>
          )}
          <span class="sub">
            {next_attempt_at ? (
              <Countdown at={next_attempt_at} />
            ) : state === 'disabled' ? (
              'no attempts'
            ) : (
              'trying'
            )}
          </span>
        </div>
      )}
    </div>
  );
}
