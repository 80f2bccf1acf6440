/** What of a request depends on its events' format and on how they are put together in a body. */

import type { Judge } from './verdict.js';

/** Every `body_format`. */
export const bodyFormats = ['array', 'ndjson', 'single'] as const;

/** How events are put together in a body. */
export type BodyFormat = (typeof bodyFormats)[number];

/** What stands before, between and behind the events of a body. */
export interface Frame {
  /** Before the first event. */
  readonly open: string;
  /** Between two events. */
  readonly separator: string;
  /** Behind the last event. */
  readonly close: string;
}

/** What goes around events. */
export interface Envelope {
  /** Value of `content-type`. */
  readonly contentType: string;
  readonly frame: Frame;
  /** Further headers. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who reads the bodies of answers. Default: nobody, the status says it all. */
  readonly judge?: Judge;
}

/** The envelopes of events that are JSON and need no more. */
export const jsonEnvelopes: Readonly<Record<BodyFormat, Envelope>> = {
  array: { contentType: 'application/json', frame: { open: '[', separator: ',', close: ']' } },
  ndjson: { contentType: 'application/x-ndjson', frame: { open: '', separator: '\n', close: '\n' } },
  single: { contentType: 'application/json', frame: { open: '', separator: '', close: '' } },
};
