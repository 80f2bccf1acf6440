/** `winston-log-targets/nats`: settings and events of a fleet, shared over NATS. */

export { NatsSettings, type NatsSettingsEvents, type NatsSettingsOptions } from './nats-settings.js';
export { type SharedEvents, type ShareEventsOptions, shareEvents } from './share-events.js';
