/** The formats that a transport has: those that are built in, and its user's. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventType } from '../model/event.js';
import { type DefinedFormat, isDefined } from './define-format.js';
import { type BodyFormat, type Envelope, jsonEnvelopes } from './envelope.js';
import type { Format, Limits, WriteEvent } from './format.js';
import { checkText } from './samples.js';
import { builtInFormats } from './table.js';

/** The part of a log target's settings that says how its events are written down. */
export interface FormatSettings {
  readonly event_format: string;
  readonly format_options: Readonly<Record<string, unknown>>;
}

/** What is wrong with options. */
export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** Formats by name. Asked for one that is not there, in settings that were not validated against them, it throws. */
export class Formats {
  readonly #formats: ReadonlyMap<string, Format>;
  readonly #own: Readonly<Record<string, DefinedFormat>>;
  readonly #location: string | undefined;

  /**
   * @param own the user's, by name
   * @param location name of the member that writes
   * @throws TypeError when one of them was not made by `defineFormat`, has the name of another, or writes no text
   */
  constructor(own: Readonly<Record<string, DefinedFormat>> = {}, location?: string) {
    this.#formats = new Map<string, Format>([...builtInFormats, ...Object.entries(own)]);
    this.#own = { ...own };
    this.#location = location;
    for (const [name, format] of Object.entries(own)) {
      const option = `formats.${name}`;
      if (name === '' || name.trim() !== name) throw new TypeError(`Expected \`${option}\` to have a name`);
      if (builtInFormats.has(name))
        throw new TypeError(`\`${option}\` has the name of a format that is built in`);
      if (!isDefined(format)) throw new TypeError(`Expected \`${option}\` to be made by \`defineFormat\``);
      if (this.issuesOf(format, {}).length === 0) checkText(option, this.#writer(format, {}));
    }
  }

  get names(): string[] {
    return [...this.#formats.keys()];
  }

  /** Whether what is valid with these is valid with `others`, and means the same. */
  isSameAs(others: Formats): boolean {
    if (this === others) return true;
    const names = Object.keys(this.#own);
    return (
      names.length === Object.keys(others.#own).length &&
      names.every((name) => this.#own[name] === others.#own[name])
    );
  }

  get(name: string): Format | undefined {
    return this.#formats.get(name);
  }

  /** All that is wrong with the options of a format. @throws TypeError when that cannot be known at once */
  issuesOf(format: Format, options: unknown): readonly OptionsIssue[] {
    return validate(format, options).issues ?? [];
  }

  /** What a target's events are written with. */
  createWriter({ event_format, format_options }: FormatSettings): WriteEvent {
    const format = this.#named(event_format);
    return this.#writer(format, format_options);
  }

  /** What goes around a target's events. `bodyFormat`: another one when its receivers do not understand it */
  createEnvelope({ event_format, format_options }: FormatSettings, bodyFormat: BodyFormat): Envelope {
    const format = this.#named(event_format);
    const isUnderstood = format.bodyFormats.includes(bodyFormat);
    return format.createEnvelope(isUnderstood ? bodyFormat : 'array', optionsOf(format, format_options));
  }

  /** What goes around events of which nothing is known but the format that they were written in. */
  createLooseEnvelope(eventFormat: string, bodyFormat: BodyFormat): Envelope {
    try {
      return this.createEnvelope({ event_format: eventFormat, format_options: {} }, bodyFormat);
    } catch {
      // A format of a user's that is gone, or needs its options.
      return jsonEnvelopes[bodyFormat];
    }
  }

  /** What a target's receiver takes, beside what its settings allow. */
  limitsOf({ event_format, format_options }: FormatSettings): Limits {
    const format = this.#named(event_format);
    return format.limits?.(optionsOf(format, format_options)) ?? {};
  }

  /**
   * Tries the user's formats out, for what settings cannot tell of them; returns `targets`.
   * @throws TypeError when one writes no text, or frames that are none
   */
  check<Target extends FormatSettings & { readonly scopes: readonly EventType[] }>(
    targets: Target[],
  ): Target[] {
    for (const target of targets) {
      if (builtInFormats.has(target.event_format)) continue;
      this.createEnvelope(target, 'array');
      checkText(`formats.${target.event_format}`, this.createWriter(target), target.scopes);
    }
    return targets;
  }

  #named(name: string): Format {
    const format = this.#formats.get(name);
    if (format === undefined) throw new TypeError(`There is no event format ${JSON.stringify(name)}`);
    return format;
  }

  #writer(format: Format, options: object): WriteEvent {
    return format.createWriter(optionsOf(format, options), this.#location);
  }
}

/** Of the formats that are built in: what goes on without a transport. */
export const builtIn = new Formats();

function validate(format: Format, options: unknown): StandardSchemaV1.Result<object> {
  const result = format.options['~standard'].validate(options);
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw new TypeError('Expected `options` of a format to validate at once, got a promise');
}

/** Settings hold them as they were written down: what a schema makes of them may be nothing that a file can hold. */
function optionsOf(format: Format, given: object): object {
  const result = validate(format, given);
  return result.issues === undefined ? result.value : given;
}
