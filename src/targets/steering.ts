/** What the people who run a service may ask of a transport's targets, beside what its public interface has. */

import type { Attempt } from '../delivery/attempt-log.js';
import type { Target } from '../delivery/target.js';
import type { PingResult } from '../sending/ping.js';
import type { LogTargetSettings } from '../settings/schema.js';

/** Of one transport. */
export interface Steering {
  /** The member whose targets these are, where it has a name. */
  readonly location: string | undefined;
  /** Settings of the target with this name, draining ones included; `undefined` when none runs. */
  settingsOf(name: string): LogTargetSettings | undefined;
  /** Its latest attempts, the newest first, pings not among them. */
  attemptsOf(name: string): readonly Attempt[];
  /** Has it try now instead of when it is due; one that answered 410 stays as it is. */
  retry(name: string): void;
  /** Sends a test event as a target with these settings would, whether or not there is one. */
  check(settings: LogTargetSettings): Promise<PingResult>;
}

/** What steering works with. */
interface Wheel {
  readonly location: string | undefined;
  readonly find: (name: string) => Target | undefined;
  readonly check: Steering['check'];
}

const steerings = new WeakMap<object, Steering>();

/** Makes it known as that of its `owner`, without a place for it in the owner's public interface. */
export function offerSteering(owner: object, { location, find, check }: Wheel): void {
  steerings.set(owner, {
    location,
    settingsOf: (name) => find(name)?.settings,
    attemptsOf: (name) => find(name)?.attempts() ?? [],
    retry: (name) => find(name)?.retryNow(),
    check,
  });
}

/** Of a transport; `undefined` for anything else. */
export function steeringOf(owner: unknown): Steering | undefined {
  return typeof owner === 'object' && owner !== null ? steerings.get(owner) : undefined;
}
