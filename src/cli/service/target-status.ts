/** Statuses of targets as a console tells of them. */

import { membersOf } from '../events/shown-event.js';
import { Failure } from '../failure.js';
import type { Service } from './service.js';

/** In the words of the API. */
export interface TargetStatus {
  readonly name: string;
  /** Of the member that was asked. */
  readonly location?: string;
  readonly state: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly pending: { readonly events: number; readonly bytes: number };
  readonly dropped: Readonly<Record<string, number>>;
  readonly dead: number;
  readonly last_delivery_at?: string;
  readonly oldest_pending_at?: string;
  readonly next_attempt_at?: string;
  readonly last_error?: { readonly code: string; readonly message: string; readonly at: string };
}

/** All targets of a service. */
export async function targetsOf(service: Service): Promise<readonly TargetStatus[]> {
  const { metadata } = await service.request('GET', '/1.0/log-targets');
  if (Array.isArray(metadata) && metadata.every((each) => typeof membersOf(each).name === 'string'))
    return metadata;
  throw new Failure(`${service.place} answers with something else than a list of targets`);
}
