/** How whoever changes settings has it recorded by the transport that follows them. */

import type { Requestor } from '../model/requestor.js';
import type { Report } from '../report.js';
import type { LogTargetSettings } from './schema.js';
import type { SettingsSource } from './source.js';

/** The particulars of a change, as those of a lifecycle event. */
export interface ChangeDetails {
  readonly entities: string[];
  readonly requestor: Requestor;
  readonly metadata: object;
}

/** What a transport does about changes of its settings, beside following them. */
export interface ChangeRecorder {
  /** Whose settings it follows; `undefined` when it has targets of its own. */
  readonly source: SettingsSource | undefined;
  /**
   * Records a change that was made, for the targets that there are now, and for those of `before` that would not hear
   * of it otherwise: whoever is cut off is told who did so.
   */
  record(action: string, details: ChangeDetails, before: readonly LogTargetSettings[]): Promise<unknown>;
  report(report: Report): void;
}

const recorders = new WeakMap<object, ChangeRecorder>();

/** Makes a recorder known as that of its `owner`, without a place for it in the owner's public interface. */
export function offerChangeRecorder(owner: object, recorder: ChangeRecorder): void {
  recorders.set(owner, recorder);
}

/** The recorder of a transport; `undefined` for anything else. */
export function changeRecorderOf(owner: unknown): ChangeRecorder | undefined {
  return typeof owner === 'object' && owner !== null ? recorders.get(owner) : undefined;
}
