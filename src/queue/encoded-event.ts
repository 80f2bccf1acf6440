/** An event on its way: written down, with what is needed to order, evict and frame it. */

import type { JsonText } from '../formats/json-writer.js';
import type { EventType } from '../model/event.js';

/** An event as it will be sent: serialised once, shared by the queues of all targets of its format. */
export interface EncodedEvent extends JsonText {
  /** Place in the joint order of all events of a transport. Those that were found on disk come first, below 0. */
  readonly seq: number;
  readonly type: EventType;
  /** Name of the format in which it is written, whatever the settings say by now. */
  readonly format: string;
  /** Milliseconds since the epoch. */
  readonly acceptedAtMs: number;
  /** Where it has one already. */
  readonly id?: string;
  /** It comes back from the dead letters. */
  readonly isReturned?: true;
}
