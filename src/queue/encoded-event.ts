/** An event on its way: written down, with what is needed to order, evict and frame it. */

import type { JsonText } from '../formats/json-writer.js';
import type { EventType } from '../model/event.js';

/**
 * An event as it will be sent: serialised once, shared by the queues of all targets of its format. It is a class and not
 * a literal because of V8, which takes literals that often survive for old from the start: then one such event keeps its
 * block, with all that share it, until everything is collected. That took 50 MB.
 */
export class EncodedEvent implements JsonText {
  /** Place in the joint order of all events of a transport. Those that were found on disk come first, below 0. */
  readonly seq: number;
  readonly type: EventType;
  /** Name of the format in which it is written, whatever the settings say by now. */
  readonly format: string;
  /** Milliseconds since the epoch. */
  readonly acceptedAtMs: number;
  readonly block: Buffer;
  readonly start: number;
  readonly bytes: number;
  /** Where it has one already. */
  declare readonly id?: string;
  /** It comes back from the dead letters. */
  declare readonly isReturned?: true;

  constructor(
    seq: number,
    type: EventType,
    format: string,
    acceptedAtMs: number,
    { block, start, bytes }: JsonText,
  ) {
    this.seq = seq;
    this.type = type;
    this.format = format;
    this.acceptedAtMs = acceptedAtMs;
    this.block = block;
    this.start = start;
    this.bytes = bytes;
  }
}
