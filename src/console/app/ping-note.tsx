/** What came of a test event. */

import { adviceFor, codeText } from './advice.js';
import type { PingResult } from './types.js';
import { duration } from './words.js';

const phases: readonly (readonly [string, string])[] = [
  ['dns_ms', 'name'],
  ['tcp_ms', 'connect'],
  ['tls_ms', 'TLS'],
  ['first_byte_ms', 'answer'],
];

export function PingNote({ result, onClose }: { result: PingResult; onClose?: () => void }) {
  const { ok, status, ms, error, timings, via } = result;
  const advice = error && adviceFor(error.code, error.message);
  const parts = phases.filter(([key]) => (timings?.[key] ?? 0) > 0);
  return (
    <div class={`note ${ok ? 'fine' : 'act'}`}>
      <p>
        <b>
          {ok ? `Arrived: the receiver answered ${status}` : `Did not arrive: ${advice?.what ?? 'no answer'}`}
        </b>
        <span class="muted"> after {duration(ms)}</span>
        {via && <span class="muted"> via {via}</span>}
      </p>
      {advice && (
        <p>
          {advice.todo.replace(/ ?The events are kept\./, '')}{' '}
          <span class="muted">
            <code>{codeText(error?.code ?? '')}</code> {error?.message}
          </span>
        </p>
      )}
      {timings && parts.length > 0 && (
        <p class="muted small number">
          {parts.map(([key, name]) => `${name} ${duration(timings[key] ?? 0)}`).join(' · ')}
        </p>
      )}
      {onClose && (
        <button type="button" class="close" aria-label="Dismiss" onClick={onClose}>
          ×
        </button>
      )}
    </div>
  );
}
