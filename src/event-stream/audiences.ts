/** All listeners of an event stream, grouped by what they see. */

import type { EventType } from '../model/event.js';
import { formatRequestor, type Requestor } from '../model/requestor.js';
import type { ListenerDropReason } from '../report.js';
import type { Tap } from '../targets/tap.js';
import { Audience, type Listening } from './audience.js';
import type { Framing } from './frame.js';
import type { Selection } from './selection.js';

interface Seated {
  readonly audience: Audience;
  /** Ends the audience's part in the tap. */
  readonly leave: () => void;
}

/** To be called once when a listener is gone, with the reason when it was dropped. */
export type Gone = (reason: ListenerDropReason | undefined) => void;

/** Somebody who listens right now. */
export interface PresentListener extends Requestor {
  /** The types of events that they asked for and may see. */
  readonly types: readonly EventType[];
  /** The project whose events they asked for; `undefined`: all of them. */
  readonly project: string | undefined;
}

/** The tap is open only while somebody listens. */
export class Audiences {
  readonly #tap: Tap;
  readonly #framing: Framing;
  readonly #seated = new Map<string, Seated>();
  readonly #present = new Map<Listening, PresentListener>();

  constructor(tap: Tap, framing: Framing) {
    this.#tap = tap;
    this.#framing = framing;
  }

  /** Lets a client listen until one of them has enough. */
  add(selection: Selection, requestor: Requestor, create: (gone: Gone) => Listening): void {
    const key = JSON.stringify([selection.types, selection.project]);
    const { audience, leave } = this.#seated.get(key) ?? this.#open(key, selection);
    const client = formatRequestor(requestor);
    const listener = create((reason) => {
      audience.delete(listener);
      this.#present.delete(listener);
      this.#tap.clients--;
      if (audience.isEmpty) {
        leave();
        if (this.#seated.get(key)?.audience === audience) this.#seated.delete(key);
      }
      this.#tap.report(
        reason === undefined ? { type: 'listenerLeft', client } : { type: 'listenerDropped', client, reason },
      );
    });
    audience.add(listener);
    this.#present.set(listener, { ...requestor, ...selection });
    this.#tap.clients++;
    this.#tap.report({ type: 'listenerConnected', client });
  }

  get size(): number {
    return this.#present.size;
  }

  /** Sends those away for whom `isUnwanted`; returns how many. */
  sendAway(isUnwanted: (listener: PresentListener) => boolean): number {
    const unwanted = [...this.#present].filter(([, who]) => isUnwanted(who));
    for (const [listener] of unwanted) listener.sendAway();
    return unwanted.length;
  }

  /** Sends what is left, and says goodbye to all. */
  end(): void {
    for (const { audience, leave } of this.#seated.values()) {
      leave();
      audience.end();
    }
    this.#seated.clear();
  }

  #open(key: string, selection: Selection): Seated {
    const audience = new Audience(selection, this.#framing);
    const seated = { audience, leave: this.#tap.subscribe(audience) };
    this.#seated.set(key, seated);
    return seated;
  }
}
