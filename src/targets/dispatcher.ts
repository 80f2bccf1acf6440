/** Gives each event to the targets that want it, in one joint order. */

import type { Target } from '../delivery/target.js';
import type { Formats } from '../formats/formats.js';
import { encodeTruncated } from '../formats/truncate.js';
import type { Event, LifecycleEvent, LoggingEvent, OperationEvent } from '../model/event.js';
import { type Level, levels } from '../model/level.js';
import { EncodedEvent } from '../queue/encoded-event.js';
import type { DropReason, Reporter } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Intake } from './intake.js';
import { type Route, Router, wishesOf } from './router.js';
import { Tap } from './tap.js';

/** What became of an event at the moment it was accepted. */
export interface Receipt {
  /** Names of the targets whose queue holds it. */
  readonly queued: string[];
  /** Whether all of those queues are on disk. */
  readonly durable: boolean;
  /** Targets that wanted it but could not take it. */
  readonly dropped: {
    /** Name of the target. */
    readonly target: string;
    /** Why it could not. */
    readonly reason: DropReason;
  }[];
}

/** Writes an event down once for each of its routes, and pushes it into the queues of their targets. */
export class Dispatcher {
  /** Where others see what is accepted. */
  readonly tap: Tap;
  readonly #report: Reporter;
  readonly #formats: Formats;
  readonly #intake = new Intake((event, acceptedAtMs) =>
    this.#accept(event, this.#router.logging(event.level), acceptedAtMs),
  );
  #router = new Router([], new Map());
  #seq = 0;
  #accepted = 0;

  constructor(report: Reporter, formats: Formats) {
    this.#report = report;
    this.#formats = formats;
    this.tap = new Tap(report, () => this.handOn());
  }

  /** Events that at least one target was meant to get. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Place of the youngest event in the joint order. */
  get lastSeq(): number {
    return this.#seq - 1;
  }

  /** A place in the joint order, behind all others. */
  nextSeq(): number {
    return this.#seq++;
  }

  /**
   * Gets ready for targets with these settings; nothing is changed yet.
   * @returns what goes on with the targets once they run under these settings; does not throw
   */
  prepare(wanted: readonly LogTargetSettings[]): (targets: Iterable<Target>) => void {
    const wishes = wishesOf(wanted, this.#formats);
    return (targets) => {
      this.#router = new Router(targets, wishes, this.#router);
    };
  }

  /** Gives what was accepted in this turn of the event loop to its targets now: somebody looks at them, or changes them. */
  handOn(): void {
    this.#intake.empty();
  }

  /** The least severe level that anybody takes as a logging event; `undefined` when nobody takes any. */
  get loggingLevel(): Level | undefined {
    return this.tap.wantsLogging ? levels[0] : this.#router.loggingLevel;
  }

  /** Whether anybody takes logging events of `level`. */
  wantsLogging(level: Level): boolean {
    return this.#router.wantsLogging(level) || this.tap.wantsLogging;
  }

  /** Whether any target shows the values of log records as what they were. */
  get showsTypes(): boolean {
    return this.#router.showsTypes;
  }

  /** Gives a logging event to the targets that want it, by the end of this turn of the event loop. */
  acceptLogging(event: LoggingEvent, acceptedAtMs: number): void {
    this.#intake.add(event, acceptedAtMs);
  }

  /** Counts a log record of `level` that could not be made into an event. */
  refuseLogging(level: Level, reason: DropReason): void {
    const targets = this.#router.logging(level).flatMap((route) => route.targets);
    if (targets.length > 0) this.#accepted++;
    for (const target of targets) target.refuse('logging', reason);
  }

  /** Gives a lifecycle event to the targets that want it, but for the one of the name `except`. */
  acceptLifecycle(event: LifecycleEvent, acceptedAtMs: number, except?: string): Receipt | Promise<Receipt> {
    this.handOn();
    const queued: string[] = [];
    const dropped: { target: string; reason: DropReason }[] = [];
    const stored: (Promise<boolean> | false)[] = [];
    const routes = without(this.#router.lifecycle(event.action, event.project), except);
    this.#accept(event, routes, acceptedAtMs, (target, reason, encoded) => {
      if (reason !== undefined) dropped.push({ target: target.name, reason });
      else queued.push(target.name);
      if (reason === undefined && encoded) stored.push(target.stored(encoded));
    });
    const receipt = { queued, durable: false, dropped };
    const writes = stored.filter((each) => each !== false);
    if (stored.length === 0 || writes.length < stored.length) return receipt;
    return Promise.all(writes).then((results) => ({
      ...receipt,
      durable: results.every((isStored) => isStored),
    }));
  }

  /** Gives a lifecycle event to targets that are not among the others, whatever those get. */
  tell(targets: readonly Target[], event: LifecycleEvent, acceptedAtMs: number): void {
    const all = targets.map(({ settings }) => settings);
    const router = new Router(targets, wishesOf(all, this.#formats));
    this.#push(event, router.lifecycle(event.action, event.project), acceptedAtMs);
  }

  /** Gives an operation event to the targets that want it. */
  acceptOperation(event: OperationEvent, acceptedAtMs: number): void {
    this.handOn();
    this.#accept(event, this.#router.operation(event.project), acceptedAtMs);
  }

  #accept(
    event: Event,
    routes: readonly Route[],
    acceptedAtMs: number,
    tell?: (target: Target, reason: DropReason | undefined, encoded: EncodedEvent | undefined) => void,
  ): void {
    if (this.tap.isOpen) this.tap.take(event);
    if (routes.length === 0) return;
    this.#accepted++;
    this.#push(event, routes, acceptedAtMs, tell);
  }

  #push(
    event: Event,
    routes: readonly Route[],
    acceptedAtMs: number,
    tell?: (target: Target, reason: DropReason | undefined, encoded: EncodedEvent | undefined) => void,
  ): void {
    const seq = this.#seq++;
    for (const route of routes) {
      const encoded = encode(event, route, seq, acceptedAtMs);
      // Cut once for all targets that take as much; made for those events only that are.
      let cut: Map<number, EncodedEvent | undefined> | undefined;
      for (const target of route.targets) {
        const isTooLarge = encoded !== undefined && encoded.bytes > target.maxEventBytes;
        if (isTooLarge) cut ??= new Map();
        const fitting = isTooLarge && cut ? cutFor(target, cut, event, encoded, route) : encoded;
        if (isTooLarge && fitting) this.#tellCut(target, encoded.bytes, fitting.bytes);
        const reason = fitting ? target.push(fitting) : target.refuse(event.type, 'unserializable');
        tell?.(target, reason, fitting);
      }
    }
  }

  #tellCut(target: Target, originalBytes: number, bytes: number): void {
    target.truncated();
    this.#report({ type: 'eventTruncated', target: target.name, originalBytes, bytes });
  }
}

/** Of one event: a thousand targets may have a thousand sizes, and cutting down takes its time. */
const MAX_EXACT_CUTS = 8;

/** What fits into a target: all that does, or at least half as much where there are very many sizes. */
function cutFor(
  { maxEventBytes }: Target,
  cut: Map<number, EncodedEvent | undefined>,
  event: Event,
  whole: EncodedEvent,
  route: Route,
): EncodedEvent | undefined {
  const isExact = cut.has(maxEventBytes) || cut.size < MAX_EXACT_CUTS;
  const bytes = isExact ? maxEventBytes : 2 ** Math.floor(Math.log2(maxEventBytes));
  if (!cut.has(bytes)) cut.set(bytes, cutDown(event, whole, route, bytes));
  const fitting = cut.get(bytes);
  if (fitting || isExact) return fitting;
  return cutDown(event, whole, route, maxEventBytes);
}

/** `undefined` when not even its frame fits. */
function cutDown(
  event: Event,
  whole: EncodedEvent,
  { write }: Route,
  maxBytes: number,
): EncodedEvent | undefined {
  try {
    const text = encodeTruncated(event, write, whole.bytes, maxBytes);
    return text && { ...whole, ...text };
  } catch {
    // A user's format, which could write the whole and cannot write the part.
    return undefined;
  }
}

function without(routes: readonly Route[], except: string | undefined): readonly Route[] {
  if (except === undefined) return routes;
  return routes
    .map((route) => ({ ...route, targets: route.targets.filter(({ name }) => name !== except) }))
    .filter(({ targets }) => targets.length > 0);
}

/** `undefined` when the event cannot be written down, for instance because its text would be too long for a string. */
function encode(
  event: Event,
  { format, write, json }: Route,
  seq: number,
  acceptedAtMs: number,
): EncodedEvent | undefined {
  try {
    json.begin();
    write(event, json);
    return new EncodedEvent(seq, event.type, format, acceptedAtMs, json.end());
  } catch {
    return undefined;
  }
}
