/** What a transport prescribes for every way out of it, whatever the settings of its targets say. */

import { Egress } from './egress.js';

export interface Outbound {
  /** Where connections may go. */
  readonly egress: Egress;
}

/** Where a transport prescribes nothing. */
export const defaultOutbound: Outbound = { egress: new Egress() };
