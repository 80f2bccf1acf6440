/** What a save would change. */

import type { Change, Line } from './changes.js';
import { plural } from './words.js';

export function ChangeList({ changes }: { changes: readonly Change[] }) {
  return (
    <section class="change-list" aria-label="What changes">
      <h3>{plural(changes.length, 'change')}</h3>
      <dl>
        {changes.map(({ key, before, after }) => (
          <div key={key}>
            <dt>
              <code>{key}</code>
            </dt>
            <dd>
              <del title={before}>{before}</del> <span aria-hidden="true">→</span>{' '}
              <ins title={after}>{after}</ins>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const CONTEXT = 2;

/** Lines that change, with a few around them. */
export function LineDiff({ lines }: { lines: readonly Line[] }) {
  const isNear = (index: number) =>
    lines.slice(Math.max(index - CONTEXT, 0), index + CONTEXT + 1).some(({ kind }) => kind !== 'same');
  const shown = lines.map((line, index) => ({ ...line, index })).filter(({ index }) => isNear(index));
  return (
    <section class="line-diff" aria-label="What changes" tabIndex={0}>
      <pre>
        {shown.map(({ kind, text, index }, place) => (
          <span key={index}>
            {place > 0 && (shown[place - 1]?.index ?? 0) < index - 1 && <span class="gap">{'⋯\n'}</span>}
            {kind === 'same' ? (
              <span>{`  ${text}\n`}</span>
            ) : kind === 'gone' ? (
              <del>{`- ${text}\n`}</del>
            ) : (
              <ins>{`+ ${text}\n`}</ins>
            )}
          </span>
        ))}
      </pre>
    </section>
  );
}
