/** Tells by its shape which format an event is in, and reads what people want to see of it. */

import { bodyOf } from './event-body.js';
import { plainEvent } from './plain-event.js';
import {
  firstText,
  hasOnly,
  isoTime,
  type Members,
  membersOf,
  type ShownEvent,
  withoutEmpty,
} from './shown-event.js';

const envelopeKeys = ['type', 'time', 'timestamp', 'metadata', 'location', 'project'];

/** Reads one event, in any format that has an envelope of its own, or as plain JSON. */
export function recogniseEvent(event: unknown): ShownEvent {
  const members = membersOf(event);
  if (typeof members.specversion === 'string') return cloudEvent(members);
  if ('event_type' in members && 'event_properties' in members) return ibmEvent(members);
  if ('metadata' in members && typeof members.type === 'string' && hasOnly(members, envelopeKeys)) {
    return envelopeEvent('timestamp' in members ? 'lxd' : 'migration-manager', members);
  }
  return plainEvent(event);
}

/** Migration Manager's and LXD's: `{ time | timestamp, type, metadata }`. */
function envelopeEvent(format: string, members: Members): ShownEvent {
  const { type, location, project } = members;
  const body = bodyOf(String(type), membersOf(members.metadata));
  const details = withoutEmpty({ ...body.details, ...withoutEmpty({ project, location }) });
  return { format, time: isoTime(members.time ?? members.timestamp), event: members, ...body, details };
}

function cloudEvent(members: Members): ShownEvent {
  const {
    specversion: _,
    id: _id,
    type,
    time,
    data,
    source,
    datacontenttype: _type,
    subject,
    ...extensions
  } = members;
  const [, kind = 'event', action] =
    /(?:^|\.)(logging|operation|lifecycle)(?:\.(.*))?$/.exec(String(type)) ?? [];
  const body = bodyOf(kind, { action, ...membersOf(data) });
  const details = withoutEmpty({ ...body.details, source, ...extensions });
  return {
    format: 'cloudevents',
    time: isoTime(time),
    event: members,
    ...body,
    text: body.text || [type, subject].filter(Boolean).join(' '),
    details,
  };
}

function ibmEvent(members: Members): ShownEvent {
  const context = membersOf(members.context);
  const { action, message, outcome, target_name } = membersOf(context.activity);
  const { crn, name, region_id } = membersOf(members.event_properties);
  return {
    format: 'ibm-resource-lifecycle',
    type: 'lifecycle',
    time: isoTime(members.timestamp),
    text: String(action ?? members.event_type),
    by: firstText(context.subject_name, context.subject_id),
    details: withoutEmpty({ outcome, name: name ?? target_name, message, crn, region_id }),
    event: members,
  };
}
