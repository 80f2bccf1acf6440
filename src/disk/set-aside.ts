/** Where damaged files of a spool go, for somebody to look at: a directory beside it. */

import { appendFileSync, chmodSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter } from '../report.js';
import { codeOf } from './files.js';
import type { Damage } from './opening.js';

/** What is found damaged within this time is reported together. */
const REPORT_WAIT_MS = 500;

/** One directory for each life of a spool that finds damage, made with the first. */
export class SetAside {
  readonly #directory: string;
  readonly #report: Reporter;
  #path: string | undefined;
  #events: number | 'unknown' | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, report: Reporter) {
    this.#directory = directory;
    this.#report = report;
  }

  /** Notes what is damaged, and returns where it goes; empty where nothing can be made. `events`: that were lost */
  note(damage: object, events: number | 'unknown'): string {
    this.#path ??= this.#make();
    const before = this.#events ?? 0;
    this.#events = events === 'unknown' || before === 'unknown' ? 'unknown' : before + events;
    this.#timer ??= setTimeout(() => this.tell(), REPORT_WAIT_MS).unref();
    if (this.#path === '') return '';
    try {
      const line = `${JSON.stringify({ at: new Date().toISOString(), ...damage })}\n`;
      appendFileSync(join(this.#path, 'damage.ndjson'), line, { mode: 0o600 });
    } catch {
      // A full disk: the report has it.
    }
    return this.#path;
  }

  /** Notes what was found at a start, and moves files there unless there is nothing yet in their place. */
  found({ lost, isKnown, files, reason }: Damage, isReplaced: boolean): void {
    const events = [...lost.values()].reduce((sum, count) => sum + count, 0);
    const path = this.note({ reason, lost: Object.fromEntries(lost), files }, isKnown ? events : 'unknown');
    if (isReplaced) for (const name of files) moveAside(this.#directory, name, path);
  }

  /** Reports what has not been reported. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events === undefined) return;
    this.#report({
      type: 'spoolDamaged',
      directory: this.#directory,
      setAside: this.#path ?? '',
      events: this.#events,
    });
    this.#events = undefined;
  }

  #make(): string {
    const name = `damaged-${new Date().toISOString().replace(/[:.]/g, '')}`;
    // Within it where nothing can be made beside it.
    for (const path of [`${this.#directory}.${name}`, join(this.#directory, name)]) {
      try {
        mkdirSync(path, { mode: 0o700 });
        chmodSync(path, 0o700);
        return path;
      } catch {
        // The next place, then.
      }
    }
    return '';
  }
}

/** Moves a file of a spool to where `note` said. */
export function moveAside(directory: string, name: string, aside: string): void {
  try {
    renameSync(
      join(directory, name),
      join(aside === '' ? directory : aside, aside === '' ? `damaged-${name}` : name),
    );
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
