/** What this package exports. */

export type { PingResult } from './delivery/ping.js';
export type { QueueBounds } from './delivery/queue.js';
export type { TargetState, TargetStatus } from './delivery/status.js';
export { type ErrorCode, LogTargetsError, type Problem, SettingsError } from './errors.js';
export {
  type AuditRecorder,
  type Authorize,
  createSettingsHandler,
  type SettingsHandler,
  type SettingsHandlerOptions,
  type SettingsRequest,
} from './http/settings-handler.js';
export type { Context, Event, EventType, LifecycleEvent, LoggingEvent, Outcome } from './model/event.js';
export type { JsonValue } from './model/json.js';
export type { Level } from './model/level.js';
export { formatRequestor, parseRequestor, type Requestor } from './model/requestor.js';
export type { DeliveryError, DropReason, ReloadResult, Report } from './report.js';
export { formatDuration, parseDuration } from './settings/duration.js';
export type { LogTarget, LogTargetSettings, SystemSettings, SystemSettingsInput } from './settings/schema.js';
export type { SettingsListener, SettingsSource } from './settings/source.js';
export {
  type SettingsChange,
  SettingsStore,
  type SettingsStoreEvents,
  type SettingsStoreOptions,
} from './settings/store.js';
export type { FlushResult, Receipt } from './targets/target-set.js';
export type { Lifecycle, LifecycleDetails } from './winston/lifecycle.js';
export type { EventTransportOptions } from './winston/options.js';
export { EventTransport, type EventTransportEvents } from './winston/transport.js';
