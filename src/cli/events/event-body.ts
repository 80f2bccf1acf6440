/** What people want to see of an event, from its type and its own keys. */

import { levelText, type Members, membersOf, requestorText, type ShownEvent } from './shown-event.js';

/** What is known of an event from its type and its own keys. */
export type Body = Pick<ShownEvent, 'type' | 'level' | 'text' | 'by' | 'details'>;

/** What the three types have in them, under the names that all formats with such a part share. */
export function bodyOf(type: string, members: Members): Body {
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
