/** Makes a format of its definition: those that are built in and those of users. */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe } from '../model/describe.js';
import { bodyFormats, type Envelope, type Frame } from './envelope.js';
import { allTypes, type Format, type WriteEvent } from './format.js';
import { noOptions } from './no-options.js';
import { type ShownEvent, show } from './shown-event.js';
import type { Judge, RefusedEvent } from './verdict.js';

/** What an event is written with, beside itself. */
export interface WriteContext<Options> {
  /** `format_options` of the target, validated. */
  readonly options: Options;
  /** The transport's `location`. */
  readonly location: string | undefined;
}

/** A format, as it is described. */
export interface FormatDefinition<Options = Readonly<Record<string, never>>> {
  /** Value of the header `content-type`. */
  readonly contentType: string;
  /** Writes one event down. One that it throws for is dropped, reason `unserializable`. */
  readonly write: (event: ShownEvent, context: WriteContext<Options>) => string;
  /** What stands before, between and behind the events of a body. */
  readonly frame: Frame | ((options: Options) => Frame);
  /** What `format_options` takes: any Standard Schema that validates without waiting. Default: no keys. */
  readonly options?: StandardSchemaV1<unknown, Options>;
  /** Further headers of each request. Default: none. */
  readonly headers?: (options: Options) => Readonly<Record<string, string>>;
  /**
   * Reads the body of an answer with a status of 2xx, of at most 1 MiB, and tells which of the batch's `count` events
   * were not taken. When it throws, none counts as taken, and the target is down: the answer is not such a receiver's.
   * Default: all were taken.
   */
  readonly refused?: (status: number, body: string, count: number) => readonly RefusedEvent[];
}

/** Traits that only the formats have which are built in. */
type Traits<Options extends object> = Partial<Omit<Format<Options>, 'options' | 'createWriter'>> & {
  readonly judge?: Judge;
};

/** What nobody knows of a format but whoever writes it: an event that is cut down and still does not fit is dropped. */
const BARE_BYTES = 256;

/** A format by its definition. `traits`: what of it differs from what goes without saying */
export function createFormat<
  Options extends object,
  Schema extends StandardSchemaV1<unknown, Options> = StandardSchemaV1<unknown, Options>,
>(
  definition: FormatDefinition<Options> & { readonly options?: Schema },
  { judge = judgeBy(definition.refused), ...traits }: Traits<Options> = {},
): Omit<Format<Options>, 'options'> & { readonly options: Schema } {
  const { options = noOptions, write } = definition;
  return {
    types: allTypes,
    bodyFormats,
    bareBytes: BARE_BYTES,
    options: options as unknown as Schema,
    createWriter: (given, location) => createWriter(write, { options: given, location }),
    createEnvelope: (_bodyFormat, given) => createEnvelope(definition, given, judge),
    ...traits,
  };
}

function createWriter<Options>(
  write: FormatDefinition<Options>['write'],
  context: WriteContext<Options>,
): WriteEvent {
  return (event, json) => {
    const text: unknown = write(show(event), context);
    if (typeof text !== 'string') throw new NoTextError(text);
    json.text(text);
  };
}

/** A format wrote something else than text: a mistake of whoever made it, whatever the event. */
export class NoTextError extends TypeError {
  constructor(written: unknown) {
    super(`Expected \`write\` of a format to return text, got ${describe(written)}`);
  }
}

function createEnvelope<Options>(
  { contentType, frame, headers }: FormatDefinition<Options>,
  options: Options,
  judge: Judge | undefined,
): Envelope {
  const made = typeof frame === 'function' ? frame(options) : frame;
  if (!isFrame(made)) {
    throw new TypeError(`Expected \`frame\` of a format to return ${FRAME}, got ${describe(made)}`);
  }
  const added = headers?.(options) ?? {};
  const wrong = Object.keys(added).find((name) => !isHeader(name, added[name]));
  if (wrong !== undefined)
    throw new TypeError(`\`headers\` of a format returned \`${wrong}\`, which is none`);
  return { contentType, frame: made, headers: added, ...(judge && { judge }) };
}

function judgeBy(refused: FormatDefinition['refused']): Judge | undefined {
  if (refused === undefined) return undefined;
  return {
    reads: (status) => status >= 200 && status < 300,
    judge: (status, body, count) => {
      try {
        return { kind: 'named', refused: listOf(refused(status, body, count)).map(checked) };
      } catch (error) {
        return { kind: 'foreign', message: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function listOf(told: readonly RefusedEvent[]): readonly RefusedEvent[] {
  if (Array.isArray(told)) return told;
  if ((told as unknown) instanceof Promise) (told as unknown as Promise<unknown>).catch(() => {});
  throw new TypeError(`Expected \`refused\` of a format to return a list, got ${describe(told)}`);
}

/** What a user's code returns is looked at before it decides over events. */
function checked(event: RefusedEvent): RefusedEvent {
  const { index, retryable, message } = event;
  if (!Number.isInteger(index)) throw new TypeError(`\`refused\` told of no event: ${describe(index)}`);
  return { ...event, retryable: retryable === true, message: String(message ?? '') };
}

/** What a frame is expected to be. */
export const FRAME = '`{ open, separator, close }`, three texts';

/** Whether a value is what stands around events. */
export function isFrame(value: unknown): value is Frame {
  const frame = value as Frame | null | undefined;
  return [frame?.open, frame?.separator, frame?.close].every((text) => typeof text === 'string');
}

/** Whether a request could have this header. */
export function isHeader(name: string, value: unknown): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
}
