/** Small parts that all views are made of. */

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { stateWords, type Urgency } from './advice.js';
import { useNow } from './hooks.js';
import type { TargetStatus } from './types.js';
import { ago, countdown, exactTime, span } from './words.js';

const shapes: Readonly<Record<Urgency, string>> = { fine: '●', watch: '◐', act: '▲', off: '○' };

/** The state in a word, a shape and a colour. */
export function StateBadge({ target }: { target: Pick<TargetStatus, 'state' | 'last_error'> }) {
  const { word, urgency, meaning } = stateWords(target.state, target.last_error?.code);
  return (
    <span class={`badge ${urgency}`} title={meaning}>
      <span aria-hidden="true">{shapes[urgency]}</span> {word}
    </span>
  );
}

interface TimeProps {
  readonly at: string | number;
}

/** `12 s ago`, and exactly when on hover. */
export function Ago({ at }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {ago(new Date(at).getTime(), now)}
    </time>
  );
}

/** How long something waits already: `12 s`. */
export function Since({ at }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={`since ${exactTime(at)}`}>
      {span(Math.max(now - new Date(at).getTime(), 0) / 1000)}
    </time>
  );
}

/** `in 12 s` */
export function Countdown({ at }: TimeProps) {
  const now = useNow();
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {countdown(new Date(at).getTime(), now)}
    </time>
  );
}

interface ButtonProps extends Omit<JSX.IntrinsicElements['button'], 'icon'> {
  readonly kind?: 'primary' | 'plain' | 'danger';
  /** What it does is under way. */
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}

export function Button({ kind = 'plain', isBusy = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${kind}`}
      aria-busy={isBusy}
      disabled={isBusy || rest.disabled === true}
    >
      {children}
    </button>
  );
}

/** Nothing to show, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

interface NoteProps {
  readonly urgency: Urgency | 'info';
  readonly children: ComponentChildren;
  readonly role?: 'status' | 'alert';
}

export function Note({ urgency, children, role }: NoteProps) {
  return (
    <div class={`note ${urgency}`} role={role}>
      {children}
    </div>
  );
}

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something that cannot be undone; Escape closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
