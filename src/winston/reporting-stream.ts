/** The types of what a transport emits: its own events, beside those of a stream. */

import TransportStream from 'winston-transport';
import type { Report } from '../report.js';

/** The events of an `EventTransport`, beside those of a stream. */
export interface EventTransportEvents {
  /** Everything that happens inside. */
  report: [report: Report];
  /** For a person to read; at most one a minute for each target and kind. */
  warn: [warning: Error];
  /** A record was taken. */
  logged: [info: unknown];
}

/** Those of every Writable. */
interface StreamEvents {
  close: [];
  drain: [];
  error: [error: Error];
  finish: [];
  pipe: [source: NodeJS.ReadableStream];
  unpipe: [source: NodeJS.ReadableStream];
  newListener: [event: string | symbol, listener: (...args: unknown[]) => void];
  removeListener: [event: string | symbol, listener: (...args: unknown[]) => void];
}

interface AllEvents extends EventTransportEvents, StreamEvents {}

type Listener<Name extends keyof AllEvents> = (...args: AllEvents[Name]) => void;

/** A Winston transport whose listeners know what they get: a name that is none does not compile. */
export abstract class ReportingStream extends TransportStream {
  /** Calls `listener` for each event of that name. */
  override on<Name extends keyof AllEvents>(event: Name, listener: Listener<Name>): this {
    return super.on(event, listener as () => void);
  }

  /** Calls `listener` for the next event of that name. */
  override once<Name extends keyof AllEvents>(event: Name, listener: Listener<Name>): this {
    return super.once(event, listener as () => void);
  }

  /** Ends what `on` began. */
  override off<Name extends keyof AllEvents>(event: Name, listener: Listener<Name>): this {
    return super.off(event, listener as () => void);
  }

  /** Calls `listener` for each event of that name. */
  override addListener<Name extends keyof AllEvents>(event: Name, listener: Listener<Name>): this {
    return super.addListener(event, listener as () => void);
  }

  /** Ends what `on` began. */
  override removeListener<Name extends keyof AllEvents>(event: Name, listener: Listener<Name>): this {
    return super.removeListener(event, listener as () => void);
  }
}
