/** Turns reports that an operator should see into warnings, not too many of them. */

import { LogTargetsError, SettingsError } from '../errors.js';
import type { Report } from '../report.js';

/** One warning a minute for each target and kind. */
const INTERVAL_MS = 60_000;

/** Chooses the reports to warn of, and says them in words. */
export class Warnings {
  readonly #warnedAtMs = new Map<string, number>();

  /** The warning for `report`; `undefined` when it needs none or the same was given less than a minute ago. */
  warningFor(report: Report): Error | undefined {
    const warning = describe(report);
    if (warning === undefined) return undefined;
    const kind = `${warning.code} ${'reason' in report ? report.reason : ''} ${'target' in report ? report.target : ''}`;
    return this.#isDue(kind) ? warning : undefined;
  }

  /** The warning that a listener of reports threw `error`. */
  listenerFailed(error: unknown): Error | undefined {
    const text = `A listener of \`report\` threw: ${messageOf(error)}`;
    return this.#isDue('LISTENER_FAILED')
      ? new LogTargetsError('LISTENER_FAILED', text, { cause: error })
      : undefined;
  }

  #isDue(kind: string): boolean {
    const nowMs = performance.now();
    for (const [other, atMs] of this.#warnedAtMs) {
      if (nowMs - atMs >= INTERVAL_MS) this.#warnedAtMs.delete(other);
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
      const text = `is down (${code}: ${message}); its events are kept, next attempt at ${report.nextAttemptAt}`;
      return new LogTargetsError('TARGET_DOWN', `Log target \`${report.target}\` ${text}`);
    }
    case 'targetDisabled': {
      const text = `wants no more events (${report.error.message}); nothing is sent until its settings change`;
      return new LogTargetsError('TARGET_DISABLED', `Log target \`${report.target}\` ${text}`);
    }
    case 'eventsDropped': {
      const count = report.events === 1 ? '1 event' : `${report.events} events`;
      const text = `${count} for log target \`${report.target}\` dropped: ${report.reason}`;
      return new LogTargetsError('EVENTS_DROPPED', text);
    }
    case 'eventTruncated': {
      const text = `An event for log target \`${report.target}\` was cut down from ${report.originalBytes} to ${report.bytes} bytes`;
      return new LogTargetsError(
        'EVENTS_TRUNCATED',
        `${text}, to fit in \`batch_bytes\` and in what its receiver takes`,
      );
    }
    case 'reloadRejected':
      return new SettingsError(report.problems);
    case 'spoolUnavailable':
      return new LogTargetsError('SPOOL_UNAVAILABLE', report.error.message);
    case 'spoolDamaged': {
      const lost = report.events === 'unknown' ? 'an unknown number of' : report.events;
      const text = `The spool in ${report.directory} was damaged; ${lost} events were lost`;
      const copy = report.setAside === '' ? 'no copy could be made' : `a copy is in ${report.setAside}`;
      return new LogTargetsError('SPOOL_DAMAGED', `${text}; ${copy}`);
    }
    case 'formatFailed': {
      const text = `The transport's format threw: ${messageOf(report.error)}`;
      return new LogTargetsError('FORMAT_FAILED', text, { cause: report.error });
    }
    default:
      return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
