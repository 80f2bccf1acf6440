/** Log records as services write them, and what other senders send: the usual names are looked for. */

import { type Body, bodyOf } from './event-body.js';
import {
  firstText,
  isoTime,
  levelText,
  type Members,
  membersOf,
  type ShownEvent,
  withoutEmpty,
} from './shown-event.js';

/** Reads an event without an envelope, be it an object with the fields of the Elastic Common Schema, or any JSON. */
export function plainEvent(event: unknown): ShownEvent {
  if (typeof event === 'string') return { format: 'text', type: 'event', text: event, details: {}, event };
  const members = membersOf(event);
  const shown = { format: 'json', time: timeIn(members), event };
  const type = typeIn(members);
  const isAudit = type === 'lifecycle' || type === 'operation';
  return { ...shown, ...(isAudit ? audit(members, type) : record(members, type, event)) };
}

const timeKeys = ['timestamp', 'time', '@timestamp', 'ts', 'dt'];

function timeIn(members: Members): string | undefined {
  return timeKeys.map((key) => isoTime(members[key])).find((time) => time !== undefined);
}

function typeIn({ type, action, event }: Members): string | undefined {
  const named = firstText(action, membersOf(event).action);
  return (
    firstText(type) ?? (named === undefined ? undefined : named === 'operation' ? 'operation' : 'lifecycle')
  );
}

function record(members: Members, type: string | undefined, event: unknown): Body {
  const { id: _, type: _type, level, severity, 'log.level': dotted, log, message, msg, ...rest } = members;
  const text = firstText(message, msg);
  if (text === undefined && type !== 'logging') {
    return { type: 'event', text: JSON.stringify(event ?? null), details: {} };
  }
  const { context, labels, ecs: _ecs, event: inner, ...others } = withoutTime(rest);
  const { id: _id, kind: _kind, ...told } = membersOf(inner);
  return {
    type: 'logging',
    level: levelText(level ?? dotted ?? membersOf(log).level ?? severity),
    text: text ?? '',
    details: withoutEmpty({
      ...(type !== 'logging' && { type }),
      ...membersOf(context),
      ...membersOf(labels),
      ...others,
      event: told,
    }),
  };
}

function audit(members: Members, type: string): Body {
  const {
    id: _,
    type: _type,
    ecs: _ecs,
    event,
    message,
    user,
    source,
    labels,
    ...rest
  } = withoutTime(members);
  const { action, outcome } = membersOf(event);
  // Under the event's own type stands what an event of Elastic has no field for.
  const { [type]: own, ...others } = rest;
  const { protocol, ...inner } = membersOf(own);
  const username = membersOf(user).name;
  const requestor =
    username === undefined ? undefined : { protocol, username, address: membersOf(source).address };
  const context = { ...membersOf(rest.context), ...membersOf(labels) };
  const known = {
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
    ...(requestor && { requestor }),
  };
  const body = bodyOf(type, {
    ...others,
    ...inner,
    ...known,
    context,
    ...(typeof source === 'string' && { source }),
  });
  const isRepeated = typeof message !== 'string' || message === body.text;
  return { ...body, details: withoutEmpty({ ...body.details, ...(!isRepeated && { message }) }) };
}

function withoutTime(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([key]) => !timeKeys.includes(key)));
}
