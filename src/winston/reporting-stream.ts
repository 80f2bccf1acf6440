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

type Listener<Name extends keyof EventTransportEvents> = (...args: EventTransportEvents[Name]) => void;

/** A Winston transport whose listeners know what they get. */
export abstract class ReportingStream extends TransportStream {
  override on<Name extends keyof EventTransportEvents>(event: Name, listener: Listener<Name>): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.on(event, listener as () => void);
  }

  override once<Name extends keyof EventTransportEvents>(event: Name, listener: Listener<Name>): this;
  override once(event: string | symbol, listener: (...args: never[]) => void): this;
  override once(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.once(event, listener as () => void);
  }
}
