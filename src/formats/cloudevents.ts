/**
 * CloudEvents 1.0 in JSON.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */

import { contextOf, type Event } from '../model/event.js';
import type { CloudEventsOptions } from '../model/event-format.js';
import { idOf } from '../model/event-id.js';
import type { Encode } from './write-event.js';

/** The encoder for one `source`. What is the same for all its events is written down once. */
export function createCloudEventsEncoder({ source, type_prefix, extensions }: CloudEventsOptions): Encode {
  const extensionMembers = Object.entries(extensions).map(
    ([name, value]) => `,"${name}":${JSON.stringify(value)}`,
  );
  const afterId = `","source":${JSON.stringify(source)},"type":`;
  const beforeData = `,"datacontenttype":"application/json"${extensionMembers.join('')},"data":`;
  return (event) => {
    const subject = subjectOf(event);
    return (
      `{"specversion":"1.0","id":"${idOf(event)}${afterId}${attribute(`${type_prefix}.${typeOf(event)}`)}` +
      `${subject ? `,"subject":${attribute(subject)}` : ''},"time":"${event.time}"` +
      `${beforeData}${JSON.stringify(dataOf(event))}}`
    );
  };
}

/** Whether extension attributes of IBM Event Notifications are among the options of a format. */
export function isForEventNotifications(options: object): boolean {
  const { extensions = {} } = options as Partial<CloudEventsOptions>;
  return Object.keys(extensions).some((name) => name.startsWith('ibmen'));
}

function typeOf(event: Event): string {
  return event.type === 'lifecycle' ? `lifecycle.${event.action}` : event.type;
}

function subjectOf(event: Event): string | undefined {
  switch (event.type) {
    case 'logging':
      return undefined;
    case 'lifecycle':
      return event.entities[0];
    case 'operation':
      return `/1.0/operations/${event.operation.id}`;
  }
}

/** All that the event has beside what the attributes tell. */
function dataOf(event: Event): object {
  switch (event.type) {
    case 'logging': {
      const { message, level, location } = event;
      return { message, level, context: contextOf(event), location };
    }
    case 'lifecycle': {
      const { action, entities, requestor, metadata, context, name, project, outcome, message, location } =
        event;
      return {
        action,
        entities,
        requestor,
        metadata,
        context,
        name,
        project,
        outcome,
        message,
        location,
      };
    }
    case 'operation':
      return { ...event.operation, project: event.project };
  }
}

/** Attributes hold no control characters, surrogates or noncharacters; data may. */
function attribute(text: string): string {
  return JSON.stringify(text.replace(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\uFFFD'));
}
