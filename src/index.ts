/** What this package exports. */

export type { DetailsOf, LifecycleOf } from './audit/catalog.js';
export type { Lifecycle, LifecycleDetails } from './audit/lifecycle.js';
export type { OperationHandle, StartOperation } from './audit/operation.js';
export type { OperationOptions } from './audit/operation-options.js';
export type {
  DeadLetter,
  DeadLetterPage,
  DeadLetterSelection,
  DiscardSelection,
} from './dead-letters/dead-letter.js';
export type { TargetState, TargetStatus, TransportStatus } from './delivery/status.js';
export { type ErrorCode, LogTargetsError, type Problem, SettingsError, SpoolError } from './errors.js';
export type { AuthorizeListener, ClientFacts, ListenerIdentity } from './event-stream/admission.js';
export type { PresentListener } from './event-stream/audiences.js';
export {
  createEventStream,
  type EventStream,
  type EventStreamOptions,
  type EventStreamTransport,
} from './event-stream/event-stream.js';
export type { CloudEventsExtensions, CloudEventsOptions } from './formats/cloudevents.js';
export type { FormatDefinition, WriteContext } from './formats/create-format.js';
export { type DefinedFormat, defineFormat } from './formats/define-format.js';
export type { ElasticsearchOptions } from './formats/elasticsearch.js';
export type { Frame } from './formats/envelope.js';
export type { IbmResourceLifecycleOptions } from './formats/ibm-resource-lifecycle.js';
export type { JsonOptions } from './formats/json.js';
export type { LokiOptions } from './formats/loki.js';
export type { OtlpOptions, OtlpScope } from './formats/otlp.js';
export type {
  ShownEvent as Event,
  ShownLifecycleEvent as LifecycleEvent,
  ShownLoggingEvent as LoggingEvent,
  ShownOperationEvent as OperationEvent,
} from './formats/shown-event.js';
export type { SplunkHecOptions } from './formats/splunk-hec.js';
export type { EventFormat, FormatOptionsInput } from './formats/table.js';
export type { RefusedEvent } from './formats/verdict.js';
export type { RoutedRequest } from './http/request-path.js';
export type { Catalog, CatalogAction, ContextField } from './model/catalog.js';
export { formatDuration, parseDuration } from './model/duration.js';
export type { Context, EventType, Outcome } from './model/event.js';
export type { JsonValue } from './model/json.js';
export type { Level, LevelInput } from './model/level.js';
export type { Operation, OperationClass, OperationStatusCode } from './model/operation.js';
export { formatRequestor, parseRequestor, type Requestor } from './model/requestor.js';
export type { QueueBounds } from './queue/queue.js';
export type {
  DeliveryError,
  DropReason,
  ListenerDropReason,
  ReloadResult,
  Report,
  ReportFacts,
  RequestOutcome,
  Tells,
} from './report.js';
export type { EgressOptions } from './sending/egress.js';
export type { Timings } from './sending/outcome.js';
export type { PingResult } from './sending/ping.js';
export type { LogTarget, SystemSettingsInput } from './settings/log-target.js';
export type { LogTargetSettings, SystemSettings } from './settings/schema.js';
export type {
  ChangeOptions,
  SettingsListener,
  SettingsSource,
  SharedSettings,
} from './settings/source.js';
export {
  type SettingsChange,
  SettingsStore,
  type SettingsStoreEvents,
  type SettingsStoreOptions,
} from './settings/store.js';
export type { AuditRecorder } from './settings-api/settings-desk.js';
export {
  type Authorize,
  createSettingsHandler,
  type SettingsHandler,
  type SettingsHandlerOptions,
  type SettingsRequest,
} from './settings-api/settings-handler.js';
export type { Receipt } from './targets/dispatcher.js';
export type { FlushResult } from './targets/target-set.js';
export type { EventTransportOptions, SpoolSettings } from './winston/options.js';
export type { Register, RegisteredCatalog } from './winston/register.js';
export type { EventTransportEvents } from './winston/reporting-stream.js';
export { EventTransport } from './winston/transport.js';
