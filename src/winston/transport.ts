/** The Winston transport: takes records and audit events in, and lets the outside see what goes on. */

import { setImmediate as immediate } from 'node:timers/promises';
import { AmbientContext } from '../audit/ambient-context.js';
import { Audit } from '../audit/audit.js';
import { afterBufferedRecords } from '../audit/buffered-records.js';
import type { LifecycleOf } from '../audit/catalog.js';
import type { StartOperation } from '../audit/operation.js';
import type * as letters from '../dead-letters/dead-letter.js';
import type { TransportStatus } from '../delivery/status.js';
import { SettingsError } from '../errors.js';
import { formatsOf, offerFormats } from '../formats/known-formats.js';
import type { Catalog } from '../model/catalog.js';
import type { ReloadResult } from '../report.js';
import type { PingResult } from '../sending/ping.js';
import { checkSecretFiles } from '../sending/secret-files.js';
import { offerChangeRecorder } from '../settings/change-recorder.js';
import type { LogTarget } from '../settings/log-target.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { validateTargets } from '../settings/validate.js';
import { Dispatcher } from '../targets/dispatcher.js';
import { type FlushResult, TargetSet } from '../targets/target-set.js';
import { type AttachedLogger, AttachedLoggers, isEnding } from './attached-loggers.js';
import { Departure } from './departure.js';
import { LevelHint } from './level-hint.js';
import { LevelMap } from './levels.js';
import { checkPage, checkSelection, parseTimeout } from './option-checks.js';
import { type EventTransportOptions, parseOptions } from './options.js';
import { finishBeforeExit, forgetBeforeExit } from './process-exit.js';
import { isCrash, type WinstonRecord } from './record.js';
import { RecordIntake } from './record-intake.js';
import { Reporting } from './reporting.js';
import { ReportingStream } from './reporting-stream.js';
import { SettingsFollower } from './settings-follower.js';
import { TransportLevel } from './transport-level.js';

type Callback = (error?: Error | null) => void;

/**
 * Delivers log records, lifecycle events and operation events to log targets. Add it to any number of loggers; it closes when the
 * last of them lets go of it, or by its own `end()`.
 *
 * Never emits `error`, and never throws out of a log call. Methods refuse the name of a target that there is not, and
 * options that are wrong, with a `TypeError`.
 */
export class EventTransport<
  const C extends Catalog = Catalog,
  const F extends string = never,
> extends ReportingStream {
  /** Winston's name of the least severe level that any target or listener takes, under the cap. Setting it sets the cap. */
  declare level: string;
  /** Records an audit event without a logger; the same call as `logger.lifecycle`. */
  readonly lifecycle: LifecycleOf<C>;
  /** Tells of an operation without a logger; the same call as `logger.operation`. */
  readonly operation: StartOperation;

  readonly #targets: TargetSet;
  readonly #dispatcher: Dispatcher;
  readonly #levels = new LevelMap();
  readonly #loggers = new AttachedLoggers();
  readonly #audit: Audit;
  readonly #intake: RecordIntake;
  readonly #departure: Departure;
  readonly #levelHint: LevelHint;
  readonly #level: TransportLevel;
  readonly #reporting = new Reporting(this, this.#loggers);
  readonly #settings: SettingsFollower | undefined;
  readonly #shutdownTimeoutMs: number;
  #isEnding = false;
  #shutdown: Promise<FlushResult> | undefined;
  /** The latest listener of `finish` that is not a pipe's. */
  #finishListener: (() => void) | undefined;

  /**
   * @throws SettingsError when a target is wrong
   * @throws TypeError when another option is
   */
  constructor(options: EventTransportOptions<C, F> = {}) {
    super(options);
    const { targets, settings, location, catalog, memory, spool, shutdownTimeoutMs, egress, proxy, ...more } =
      parseOptions(options);
    const { formats, secretsDirectory } = more;
    offerFormats(this, formats);
    this.#shutdownTimeoutMs = shutdownTimeoutMs;
    const { report } = this.#reporting;
    this.#settings = settings && new SettingsFollower(settings, formats);
    const wanted = formats.check(this.#settings?.targets ?? validateTargets(targets, formats));
    checkSecretFiles(wanted, secretsDirectory, settings === undefined ? 'targets' : 'log_targets');
    this.#dispatcher = new Dispatcher(report, formats);
    this.#targets = new TargetSet({
      dispatcher: this.#dispatcher,
      bounds: memory,
      spool,
      drainTimeoutMs: shutdownTimeoutMs,
      outbound: { egress, proxy, secretsDirectory },
      report,
      formats,
    });
    this.#targets.offerTo(this, location);
    this.#dispatcher.tap.changed = () => this.#level.update();
    const isSilent = () => this.silent === true;
    const ambient =
      more.context &&
      new AmbientContext(more.context, this.#loggers, (error) => report({ type: 'contextFailed', error }));
    const shared = { dispatcher: this.#dispatcher, location, ambient, redaction: more.redact, isSilent };
    if (more.operatorEvents) this.#reporting.tellTargets({ ...shared, holders: this.#targets });
    this.#audit = new Audit({
      ...shared,
      loggers: this.#loggers,
      catalog,
      tellCutOff: (...event) => this.#targets.tellCutOff(...event),
      accepted: () => {
        if (this.#departure.isUnderWay) this.#targets.sendNow();
      },
    });
    this.#intake = new RecordIntake({
      ...shared,
      transport: this,
      levels: this.#levels,
      echoes: this.#reporting.echoes,
      report,
      taken: (record) => this.#taken(record),
    });
    this.#departure = new Departure(this.#targets, shutdownTimeoutMs, () => this.#recordAll());
    this.#levelHint = new LevelHint(this.#dispatcher, report);
    if (settings === undefined) this.#levelHint.see(targets, wanted);
    this.lifecycle = this.#audit.lifecycle as LifecycleOf<C>;
    this.operation = this.#audit.operation;
    this.#targets.reload(wanted);
    this.#levels.cap = options.level;
    this.#level = new TransportLevel(this, this.#levels, this.#dispatcher);
    this.#followLoggers();
    this.#settings?.follow({
      loggers: this.#loggers,
      reload: (log_targets) => this.#reload(log_targets),
      report,
    });
    offerChangeRecorder(this, {
      source: settings,
      record: (...change) => this.#audit.recordChange(...change),
      report,
    });
    finishBeforeExit(this.#departure);
  }

  /**
   * Resolves when the queues are open. Calling it is optional.
   * @returns rejects with a `SpoolError` when the spool cannot be used; the transport goes on in memory, and tries again
   */
  ready(): Promise<void> {
    return this.#targets.ready;
  }

  /**
   * Replaces the targets. Synchronous; waits for no request.
   * @throws SettingsError when any target is wrong, TypeError when a format is; nothing is changed then
   */
  reload(targets: readonly LogTarget<F>[]): ReloadResult {
    try {
      const settings = validateTargets(targets, formatsOf(this));
      const result = this.#reload(settings, 'targets');
      this.#levelHint.see(targets, settings);
      return result;
    } catch (error) {
      if (error instanceof SettingsError)
        this.#reporting.report({ type: 'reloadRejected', problems: error.problems });
      throw error;
    }
  }

  /**
   * Sends what waits, and waits until all accepted before the call is settled, by removed targets that drain, too.
   * @param options `timeoutMs`: longest wait. Default: `shutdownTimeoutMs`
   * @returns `delivered` is false, too, when any of it was dropped or refused since the last flush; rejects for a wrong
   * option only
   */
  async flush(options: { timeoutMs?: number } = {}): Promise<FlushResult> {
    const timeoutMs = parseTimeout(options, this.#shutdownTimeoutMs);
    this.#recordAll();
    return this.#targets.flush(timeoutMs, true);
  }

  /**
   * For the end of a service, on SIGTERM for instance: takes no more, delivers what is left as closing does, and closes
   * the queues. Loggers may go on; what they log then is counted as dropped, `shutdown`.
   * @param options `timeoutMs`: longest wait. Default: `shutdownTimeoutMs`
   * @returns whether all that was left was delivered, and how much was not: lost, or in the spool; rejects for a wrong
   * option only
   */
  async shutdown(options: { timeoutMs?: number } = {}): Promise<FlushResult> {
    const timeoutMs = parseTimeout(options, this.#shutdownTimeoutMs);
    this.#shutdown ??= this.#shutDown(timeoutMs);
    return this.#shutdown;
  }

  /** What was accepted, in sum and for each target, and what became of it. */
  status(): TransportStatus {
    return this.#targets.status();
  }

  /** Sends a test event to a target now, past its queue and whatever its state. Rejects for an unknown name only. */
  async ping(name: string): Promise<PingResult> {
    return this.#targets.ping(name);
  }

  /** Events that receivers refused, the oldest first: at most `limit`, from behind the one with the id `after`. */
  async deadLetters(name: string, page: letters.DeadLetterPage = {}): Promise<letters.DeadLetter[]> {
    return this.#targets.letters.list(name, checkPage(page));
  }

  /** Sends dead letters again, as the events they were: with one of `ids`, refused `since` a time. Says how many. */
  async replay(name: string, selection: letters.DeadLetterSelection = {}): Promise<number> {
    return this.#targets.letters.replay(name, checkSelection(selection, 'since'));
  }

  /** Forgets dead letters, with one of `ids`, refused `before` a time: dropped as `discarded`. Says how many. */
  async discard(name: string, selection: letters.DiscardSelection = {}): Promise<number> {
    return this.#targets.letters.discard(name, checkSelection(selection, 'before'));
  }

  /** Takes a record, whatever its level. Loggers call it through the stream. */
  override log(info: unknown, next?: () => void): boolean {
    this.#intake.take(info);
    next?.();
    return true;
  }

  /** Ends the transport: the same as `end()`. */
  override close(): void {
    this.end();
  }

  /**
   * Delivers what is left within `shutdownTimeoutMs`, then emits `finish`. When it is a logger that ends while
   * others still use the transport, only that logger is let go, after delivery.
   */
  override end(...args: unknown[]): this {
    const leaving = this.#loggers.releaseLeaving();
    if (leaving) {
      void this.#letGo(leaving);
      return this;
    }
    this.#isEnding = true;
    return (super.end as (...all: unknown[]) => this).apply(this, args);
  }

  /**
   * Takes a record at once, whatever state the stream is in. Its bookkeeping is for sinks that push back, which this
   * one never does, costs a tick for each record, and answers a write after the end with an `error` event.
   */
  override write(info: unknown, encoding?: unknown, callback?: unknown): boolean {
    this.#intake.filter(info);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  }

  /** @internal Winston's and Node's way to end a stream. */
  override _final(callback: Callback): void {
    this.#settings?.end();
    this.#recordAll();
    this.#audit.operations.close();
    this.#targets.close(this.#shutdownTimeoutMs).then(() => {
      forgetBeforeExit(this.#departure);
      // Many exit now: what there is to be warned of comes first.
      setImmediate(callback);
    }, callback);
  }

  /** @internal */
  override _destroy(_error: Error | null, callback: Callback): void {
    this.#isEnding = true;
    this.#settings?.end();
    this.#audit.operations.close();
    forgetBeforeExit(this.#departure);
    void this.#targets.closeNow().then(() => callback());
  }

  async #shutDown(timeoutMs: number): Promise<FlushResult> {
    this.#settings?.end();
    this.#recordAll();
    this.#audit.operations.close();
    // What was logged before is taken, also where another transport holds it up.
    const result = await afterBufferedRecords(this.#loggers, () => this.#targets.shutDown(timeoutMs));
    forgetBeforeExit(this.#departure);
    await immediate(); // as in `_final`
    return result;
  }

  /** Somebody waits for deliveries. */
  #recordAll(): void {
    this.#audit.operations.recordAll();
    this.#levelHint.give(this.#intake.unwanted);
  }

  #taken(record: WinstonRecord): void {
    if (this.#departure.isUnderWay || isCrash(record)) this.#targets.sendNow();
    if (this.listenerCount('logged') > 0) setImmediate(() => this.emit('logged', record));
  }

  /** The base class knows one logger, and closes when that one lets go. */
  #followLoggers(): void {
    this.setMaxListeners(0);
    this.removeAllListeners('pipe');
    this.removeAllListeners('unpipe');
    this.on('newListener', (event, listener) => {
      if (event === 'finish') this.#finishListener = listener;
    });
    this.on('pipe', (stream) => {
      const source = stream as unknown as AttachedLogger;
      this.#finishListener = undefined;
      if (!this.#loggers.add(source) || source.levels === undefined) return;
      this.#levels.learn(source.levels);
      this.#settings?.setLevel(source);
      this.#audit.install(source);
      this.#level.update();
    });
    this.on('unpipe', (stream) => {
      const source = stream as unknown as AttachedLogger;
      if (!this.#loggers.delete(source)) return;
      // A logger that is ending keeps its helpers: requests that are still being answered may call them.
      if (!isEnding(source)) this.#audit.uninstall(source);
      // `logger.configure()` takes its transports off and puts them on again.
      process.nextTick(() => {
        if (this.#loggers.size === 0 && !this.#isEnding) this.end();
      });
    });
  }

  #reload(targets: LogTargetSettings[], list?: 'targets'): ReloadResult {
    const result = this.#targets.reload(targets, list);
    this.#level.update();
    this.#reporting.report({ type: 'reloaded', ...result });
    return result;
  }

  async #letGo(logger: AttachedLogger): Promise<void> {
    const finished = this.#finishListener;
    this.#finishListener = undefined;
    if (finished) this.removeListener('finish', finished);
    this.#recordAll();
    await this.#targets.flush(this.#shutdownTimeoutMs);
    logger.unpipe(this);
    finished?.();
  }
}
