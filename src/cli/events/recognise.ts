/** Tells by its shape which format an event is in, and reads what people want to see of it. */

import {
  firstText,
  isoTime,
  levelText,
  type Members,
  membersOf,
  requestorText,
  type ShownEvent,
  withoutEmpty,
} from './shown-event.js';

/** Reads one event, in any format that has an envelope of its own, or as plain JSON. */
export function recogniseEvent(event: unknown): ShownEvent {
  const members = membersOf(event);
  if (typeof members.specversion === 'string') return cloudEvent(members);
  if ('event_type' in members && 'event_properties' in members) return ibmEvent(members);
  if ('metadata' in members && typeof members.type === 'string') {
    const format = 'timestamp' in members ? 'lxd' : 'migration-manager';
    if (format === 'lxd' || 'time' in members) return envelopeEvent(format, members);
  }
  return plainEvent(event);
}

/** Migration Manager's and LXD's: `{ time | timestamp, type, metadata }`. */
function envelopeEvent(format: string, members: Members): ShownEvent {
  const { type, location, project } = members;
  const body = bodyOf(String(type), membersOf(members.metadata));
  const details = withoutEmpty({ ...body.details, project, location });
  return { format, time: isoTime(members.time ?? members.timestamp), event: members, ...body, details };
}

type Body = Pick<ShownEvent, 'type' | 'level' | 'text' | 'by' | 'details'>;

/** What the three types have in them, under the names that all formats with such a part share. */
function bodyOf(type: string, members: Members): Body {
  switch (type) {
    case 'logging': {
      const { message, level, context, ...rest } = members;
      return {
        type,
        level: levelText(level),
        text: String(message ?? ''),
        details: { ...membersOf(context), ...rest },
      };
    }
    case 'lifecycle': {
      const { action, entities, source, requestor, context, ...rest } = members;
      const paths = Array.isArray(entities) ? entities : [source].filter(Boolean);
      return {
        type,
        text: [String(action ?? ''), ...paths.map(String)].join(' '),
        by: requestorText(requestor),
        details: { ...membersOf(context), ...rest },
      };
    }
    case 'operation': {
      const { id, description, status, err, metadata, location } = members;
      return {
        type,
        text: [description, status].filter(Boolean).join(': '),
        details: { id, err, metadata, location },
      };
    }
    default:
      return { type, text: '', details: members };
  }
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

/** Log records as services write them, and what other senders send: the usual names are looked for. */
function plainEvent(event: unknown): ShownEvent {
  if (typeof event === 'string') return { format: 'text', type: 'event', text: event, details: {}, event };
  const {
    timestamp,
    time,
    ts,
    '@timestamp': at,
    dt,
    type,
    level,
    severity,
    log,
    message,
    msg,
    ...rest
  } = membersOf(event);
  const { '@timestamp': _, 'log.level': dotted, ecs: _ecs, event: inner, ...others } = rest as Members;
  const action = firstText(rest.action, membersOf(inner).action);
  const kind = firstText(type) ?? (action === undefined ? 'logging' : 'lifecycle');
  const shown = { format: 'json', time: isoTime(timestamp ?? time ?? ts ?? at ?? dt), event };
  if (kind === 'lifecycle' || kind === 'operation') {
    const body = bodyOf(kind, { ...others, action, metadata: others.metadata });
    const { action: _action, ...details } = body.details;
    return { ...shown, ...body, details: withoutEmpty({ ...details, message }) };
  }
  const text = firstText(message, msg);
  return {
    ...shown,
    type: text === undefined ? 'event' : 'logging',
    level: levelText(level ?? dotted ?? membersOf(log).level ?? severity),
    text: text ?? JSON.stringify(event ?? null),
    details: text === undefined ? {} : withoutEmpty({ ...others, event: inner }),
  };
}
