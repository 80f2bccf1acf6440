/** Takes what loggers hand over: Winston's own filters, then the event that is made of a record. */

import type TransportStream from 'winston-transport';
import type { AmbientContext } from '../audit/ambient-context.js';
import type { Level } from '../model/level.js';
import type { Redaction } from '../model/redaction.js';
import type { Reporter } from '../report.js';
import type { Dispatcher } from '../targets/dispatcher.js';
import type { Echoes } from './echoes.js';
import type { LevelMap } from './levels.js';
import { createLoggingEvent, isException, levelName, type WinstonRecord } from './record.js';

/** What an intake needs of its transport. */
export interface RecordIntakeOptions {
  /** Its `silent`, `format` and `handleExceptions` may change. */
  readonly transport: TransportStream;
  readonly levels: LevelMap;
  readonly dispatcher: Dispatcher;
  readonly echoes: Echoes;
  readonly location: string | undefined;
  readonly ambient: AmbientContext | undefined;
  readonly redaction: Redaction | undefined;
  readonly report: Reporter;
  /** A record was taken. */
  readonly taken: (record: WinstonRecord) => void;
}

/** Never throws. */
export class RecordIntake {
  /** Records that no target wants because of their level. */
  unwanted = 0;
  readonly #transport: TransportStream;
  readonly #levels: LevelMap;
  readonly #dispatcher: Dispatcher;
  readonly #echoes: Echoes;
  readonly #location: string | undefined;
  readonly #ambient: AmbientContext | undefined;
  readonly #redaction: Redaction | undefined;
  readonly #report: Reporter;
  readonly #taken: (record: WinstonRecord) => void;

  constructor(options: RecordIntakeOptions) {
    this.#transport = options.transport;
    this.#levels = options.levels;
    this.#dispatcher = options.dispatcher;
    this.#echoes = options.echoes;
    this.#location = options.location;
    this.#ambient = options.ambient;
    this.#redaction = options.redaction;
    this.#report = options.report;
    this.#taken = options.taken;
  }

  /** Takes a record that passes `silent`, the levels and `format`, and crash records for those who asked for them. */
  filter(info: unknown): void {
    const transport = this.#transport;
    if (transport.silent || typeof info !== 'object' || info === null) return;
    const record = info as WinstonRecord;
    if (!transport.handleExceptions && isException(record)) return;
    const level = this.#levels.resolve(levelName(record));
    if (level === null) return;
    if (!this.#dispatcher.wantsLogging(level)) this.unwanted++;
    else if (!this.#echoes.has(record)) this.#format(record, level);
  }

  /** Takes a record, whatever its level. */
  take(info: unknown): void {
    if (typeof info !== 'object' || info === null || this.#echoes.has(info)) return;
    this.#accept(info as WinstonRecord, this.#levels.map(levelName(info as WinstonRecord)));
  }

  #format(record: WinstonRecord, level: Level): void {
    const { format } = this.#transport;
    if (format === undefined) {
      this.#accept(record, level);
      return;
    }
    try {
      const formatted = format.transform({ ...this.#redacted(record) } as never, format.options);
      if (formatted) this.#transport.log?.(formatted, () => {});
    } catch (error) {
      this.#dispatcher.refuseLogging(level, 'unserializable');
      this.#report({ type: 'formatFailed', error });
    }
  }

  #accept(record: WinstonRecord, level: Level): void {
    const nowMs = Date.now();
    try {
      if (this.#dispatcher.wantsLogging(level)) {
        const ambient = this.#ambient === undefined ? undefined : this.#redacted(this.#ambient.get());
        const json = this.#dispatcher.showsTypes ? [] : undefined;
        const redacted = this.#redacted(record);
        const event = createLoggingEvent(redacted, level, nowMs, this.#location, ambient, json);
        this.#dispatcher.acceptLogging(event, nowMs);
      }
    } catch {
      this.#dispatcher.refuseLogging(level, 'unserializable');
    }
    this.#taken(record);
  }

  #redacted<Value extends object | undefined>(record: Value): Value {
    if (this.#redaction === undefined || record === undefined) return record;
    return this.#redaction.applyToRecord(record);
  }
}
