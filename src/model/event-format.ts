/** The names of the formats in which events can be sent. */

/** Every `event_format`. */
export const eventFormats = ['migration-manager'] as const;

/** How an event is written down. */
export type EventFormat = (typeof eventFormats)[number];
