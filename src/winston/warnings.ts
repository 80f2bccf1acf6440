/** Turns reports that an operator should see into warnings, not too many of them. */

import { LogTargetsError, SettingsError } from '../errors.js';
import type { DropReason, Report } from '../report.js';
import { adviceFor } from './advice.js';

/** One warning a minute for each target and kind. */
const INTERVAL_MS = 60_000;

/** Chooses the reports to warn of, and says them in words. */
export class Warnings {
  readonly #warnedAtMs = new Map<string, number>();

  /** The warning for `report`; `undefined` when it needs none or the same was given less than a minute ago. */
  warningFor(report: Report): LogTargetsError | undefined {
    const warning = describe(report);
    if (warning === undefined) return undefined;
    // Whoever saved the settings waits for an answer, each time.
    if (report.type === 'reloadRejected' || report.type === 'reloadRecovered') return warning;
    const kind = `${warning.code} ${'reason' in report ? report.reason : ''} ${'target' in report ? report.target : ''}`;
    return this.#isDue(kind) ? warning : undefined;
  }

  /** The warning that a listener of reports threw `error`. */
  listenerFailed(error: unknown): LogTargetsError | undefined {
    const text = `A listener of \`report\` threw: ${messageOf(error)}`;
    return this.#isDue('LISTENER_FAILED')
      ? new LogTargetsError('LISTENER_FAILED', text, { cause: error })
      : undefined;
  }

  #isDue(kind: string): boolean {
    const nowMs = performance.now();
    // The oldest are first: a thousand targets are not looked through for each warning.
    for (const [other, atMs] of this.#warnedAtMs) {
      if (nowMs - atMs < INTERVAL_MS) break;
      this.#warnedAtMs.delete(other);
    }
    if (this.#warnedAtMs.has(kind)) return false;
    this.#warnedAtMs.set(kind, nowMs);
    return true;
  }
}

function describe(report: Report): LogTargetsError | undefined {
  switch (report.type) {
    case 'targetDown': {
      const { code, message } = report.error;
      const next = `next attempt at ${report.nextAttemptAt}`;
      const text = `is down (${code}: ${message}); its events are kept, ${next}. ${adviceFor(code)}`;
      return new LogTargetsError('TARGET_DOWN', `Log target \`${report.target}\` ${text.trim()}`);
    }
    case 'targetDisabled': {
      const text = `wants no more events (${report.error.message}); nothing is sent until its settings change`;
      return new LogTargetsError('TARGET_DISABLED', `Log target \`${report.target}\` ${text}`);
    }
    case 'receiverWarned': {
      const text = `The receiver of log target \`${report.target}\` took all events, and says: ${report.message}`;
      return new LogTargetsError('RECEIVER_WARNED', text);
    }
    case 'eventsDropped': {
      const text = `${count(report.events)} for log target \`${report.target}\` dropped: ${report.reason}`;
      return new LogTargetsError('EVENTS_DROPPED', `${text}${dropAdvice[report.reason] ?? ''}`);
    }
    case 'eventsRefused': {
      const { target, events, dead, status, response } = report;
      const answer = [status, shown(response)].filter((part) => part !== undefined && part !== '').join(' ');
      const fate =
        dead === events
          ? `kept as dead letters: see \`deadLetters('${target}')\``
          : 'dropped, since there is no spool to keep them in';
      const text = `Log target \`${target}\` refused ${count(events)} (${answer}); ${fate}`;
      return new LogTargetsError('EVENTS_REFUSED', text);
    }
    case 'eventTruncated': {
      const text = `An event for log target \`${report.target}\` was cut down from ${report.originalBytes} to ${report.bytes} bytes`;
      return new LogTargetsError(
        'EVENTS_TRUNCATED',
        `${text}, to fit in \`batch_bytes\` and in what its receiver takes`,
      );
    }
    case 'nothingAccepted': {
      const records = report.records === 1 ? '1 log record was' : `All ${report.records} log records were`;
      const text = `${records} below the level of the log targets (${report.level}), and nothing was sent`;
      const advice = "give them a `level`, such as 'INFO', or write down the one they have";
      return new LogTargetsError('BELOW_LEVEL', `${text}: ${advice}`);
    }
    case 'reloadRejected':
      return new SettingsError(report.problems, { file: report.file });
    case 'reloadRecovered': {
      const where = report.file === undefined ? '' : ` in ${report.file}`;
      return new LogTargetsError(
        'SETTINGS_RECOVERED',
        `The settings${where} can be used again, and are in force`,
      );
    }
    case 'settingsUnavailable': {
      const text = `${report.error.message}. What runs goes on; changes are neither heard nor made until it is there again`;
      return new LogTargetsError('SETTINGS_UNAVAILABLE', text);
    }
    case 'spoolUnavailable':
      return new LogTargetsError('SPOOL_UNAVAILABLE', report.error.message);
    case 'spoolDamaged': {
      const lost = report.events === 'unknown' ? 'an unknown number of' : report.events;
      const text = `The spool in ${report.directory} was damaged; ${lost} events were lost`;
      const copy = report.setAside === '' ? 'no copy could be made' : `a copy is in ${report.setAside}`;
      return new LogTargetsError('SPOOL_DAMAGED', `${text}; ${copy}`);
    }
    case 'formatFailed': {
      const text = `The transport's format threw, and the record was dropped: ${messageOf(report.error)}`;
      return new LogTargetsError('FORMAT_FAILED', text, { cause: report.error });
    }
    case 'contextFailed': {
      const text = `The transport's \`context\` failed; events go without it: ${messageOf(report.error)}`;
      return new LogTargetsError('CONTEXT_FAILED', text, { cause: report.error });
    }
    default:
      return undefined;
  }
}

/** What usually helps against the loss of events. */
const dropAdvice: Readonly<Partial<Record<DropReason, string>>> = {
  'queue-full': '. Its queue has reached the bounds in `memory`, or of the `spool`',
  shutdown:
    '. Not delivered when the transport closed, and not on disk, where a `spool` would have kept them',
  'target-removed': '. Not delivered within `shutdownTimeoutMs` of its removal',
  'too-old': '. Pending for longer than `spool.maxAge`',
};

function count(events: number): string {
  return events === 1 ? '1 event' : `${events} events`;
}

/** An answer on one line, and not much of it. */
function shown(response: string): string {
  return response
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 200)
    .trim();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
