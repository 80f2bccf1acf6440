/** What a transport prescribes for every way out of it, whatever the settings of its targets say. */

import { Egress } from './egress.js';
import type { ProxyOption } from './proxy.js';

export interface Outbound {
  /** Where connections may go. */
  readonly egress: Egress;
  /** Which proxy leads to targets that say nothing of one. */
  readonly proxy: ProxyOption;
  /** Where secrets in files are. */
  readonly secretsDirectory?: string | undefined;
}

/** Where a transport prescribes nothing. */
export const defaultOutbound: Outbound = { egress: new Egress(), proxy: 'environment' };
