/** An event as people see it, whatever format it came in. */

/** What a line about an event needs. */
export interface ShownEvent {
  /** How it was written: `migration-manager`, `lxd`, `cloudevents`, ... */
  readonly format: string;
  /** `logging`, `lifecycle`, `operation`; `event` where nothing tells. */
  readonly type: string;
  /** When it happened, where it says so, as ISO text. */
  readonly time?: string | undefined;
  /** Of a logging event, in capitals. */
  readonly level?: string | undefined;
  /** Message or action. */
  readonly text: string;
  /** Who did it. */
  readonly by?: string | undefined;
  /** All else worth a look. */
  readonly details: Readonly<Record<string, unknown>>;
  /** As it came. */
  readonly event: unknown;
}

/** An object of JSON. */
export type Members = Readonly<Record<string, unknown>>;

/** The members of a value; none where it is no object. */
export function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** Whether an object has none but these keys. */
export function hasOnly(members: Members, keys: readonly string[]): boolean {
  return Object.keys(members).every((key) => keys.includes(key));
}

/** The first of some values that is text and not empty. */
export function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

/** ISO text for a time given as text, or as a number of seconds; `undefined` when it is no time. */
export function isoTime(value: unknown): string | undefined {
  const time =
    typeof value === 'number' ? new Date(value * 1000) : new Date(typeof value === 'string' ? value : NaN);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** ISO text for nanoseconds since the epoch, as Loki and OTLP write them. */
export function isoTimeOfNanoseconds(value: unknown): string | undefined {
  return /^\d{1,20}$/.test(String(value))
    ? isoTime(Number(BigInt(String(value)) / 1_000_000n) / 1000)
    : undefined;
}

/** `warning` and its like as the four levels are written. */
export function levelText(value: unknown): string | undefined {
  const text = firstText(value)?.toUpperCase();
  return text === 'WARNING' ? 'WARN' : text;
}

/** `protocol/username (address)`, from text or from an object. */
export function requestorText(value: unknown): string | undefined {
  if (typeof value === 'string') return value || undefined;
  const { protocol, username, address } = membersOf(value);
  if (firstText(protocol, username, address) === undefined) return undefined;
  const name = `${protocol ?? ''}/${username ?? ''}`;
  return firstText(address) === undefined ? name : `${name} (${address})`;
}

/** Without members that say nothing. */
export function withoutEmpty(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && value !== null && value !== '' && !isEmptyObject(value),
    ),
  );
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
