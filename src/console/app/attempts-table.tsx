/** The last attempts of a target, with their answers. */

import { adviceFor, codeText } from './advice.js';
import { Ago, Empty } from './parts.js';
import type { Attempt } from './types.js';
import { bytes, count, duration } from './words.js';

interface AttemptsTableProps {
  /** `undefined` while they are on their way. */
  readonly attempts: readonly Attempt[] | undefined;
  readonly total: number;
}

export function AttemptsTable({ attempts, total }: AttemptsTableProps) {
  const slowest = Math.max(...(attempts ?? []).map(({ ms }) => ms), 1);
  return (
    <section class="card attempts" aria-label="Attempts">
      <h2>
        Last attempts{' '}
        <span class="muted small">
          {attempts && attempts.length < total ? `${attempts.length} of ${count(total)}` : count(total)}
        </span>
      </h2>
      {attempts?.length === 0 && (
        <Empty title="No request has been made yet">
          <p class="muted">The first one follows the first event that this target takes.</p>
        </Empty>
      )}
      {attempts === undefined && <p class="muted loading">Loading…</p>}
      {attempts && attempts.length > 0 && (
        <section class="scroll" tabIndex={0} aria-label="Table of attempts">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Answer</th>
                <th scope="col" class="number">
                  Took
                </th>
                <th scope="col" class="bar-column">
                  <span class="hidden">Compared</span>
                </th>
                <th scope="col" class="number">
                  Events
                </th>
                <th scope="col" class="number">
                  Body
                </th>
                <th scope="col">webhook-id</th>
              </tr>
            </thead>
            <tbody>
              {attempts.map((attempt) => (
                <tr key={`${attempt.at} ${attempt.webhook_id}`}>
                  <td class="nowrap">
                    <Ago at={attempt.at} />
                  </td>
                  <td class="nowrap">
                    <Result attempt={attempt} />
                  </td>
                  <td class="number nowrap">{duration(attempt.ms)}</td>
                  <td class="bar-column" aria-hidden="true">
                    <span class="bar" style={{ width: `${Math.max((attempt.ms / slowest) * 100, 1)}%` }} />
                  </td>
                  <td class="number">{count(attempt.events)}</td>
                  <td class="number nowrap">{bytes(attempt.bytes)}</td>
                  <td class="mono id">{attempt.webhook_id}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function Result({ attempt: { status, code } }: { attempt: Attempt }) {
  if (code === undefined) {
    return (
      <span class="result fine">
        <span aria-hidden="true">●</span> <b class="code">{status}</b> delivered
      </span>
    );
  }
  return (
    <span class="result act">
      <span aria-hidden="true">▲</span> <b class="code">{codeText(code)}</b>{' '}
      {adviceFor(code, '').what.toLowerCase()}
    </span>
  );
}
