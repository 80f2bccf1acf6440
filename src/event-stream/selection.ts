/** Which events a client asks for: the query of `/1.0/events`, by LXD's rules, with LXD's words for what is wrong. */

import { HttpError } from '../http/envelope.js';
import { type Event, type EventType, eventTypes } from '../model/event.js';

const DEFAULT_PROJECT = 'default';
/** Types that newer servers have events of. Here there are none, which is no reason to refuse their clients. */
const foreignTypes: ReadonlySet<string> = new Set(['security', 'ovn', 'network-acl']);

/** Events of some types, of one project or all. */
export interface Selection {
  /** None twice, in a fixed order. */
  readonly types: readonly EventType[];
  /** `undefined`: all of them. */
  readonly project: string | undefined;
}

/** What a client could ask for. */
export interface Choices {
  /** What this client may see. */
  readonly types: readonly EventType[];
  /** Names that are known beside `default`; `undefined`: any. */
  readonly projects: Iterable<string> | undefined;
  /** Names of projects that this client may see; `undefined`: all. */
  readonly allowed: readonly string[] | undefined;
}

/**
 * Reads the query of a URL.
 * @throws HttpError 400, 403 or 404
 */
export function parseSelection(url: string | undefined, choices: Choices): Selection {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url ?? '')?.[1]);
  return { project: projectIn(query, choices), types: typesIn(query, choices) };
}

/** Whether a listener with this selection gets an event. What belongs to no project is for all. */
export function isSelected({ types, project }: Selection, event: Event): boolean {
  if (!types.includes(event.type)) return false;
  if (project === undefined || event.type === 'logging') return true;
  return event.project === undefined || event.project === '' || event.project === project;
}

function projectIn(query: URLSearchParams, { projects, allowed }: Choices): string | undefined {
  const [name, all] = [query.get('project') ?? '', query.get('all-projects') ?? ''];
  const project = name === '' ? DEFAULT_PROJECT : name;
  if (/^(true|1|yes|on)$/i.test(all)) {
    if (name === '' && allowed === undefined) return undefined;
    if (name === '') throw new HttpError(403, 'not authorized');
    throw new HttpError(400, 'Cannot specify a project when requesting all projects');
  }
  const isKnown = projects === undefined || project === DEFAULT_PROJECT || [...projects].includes(project);
  if (!isKnown) throw new HttpError(404, 'Project not found');
  if (allowed?.includes(project) === false) throw new HttpError(403, 'not authorized');
  return project;
}

function typesIn(query: URLSearchParams, { types }: Choices): readonly EventType[] {
  const list = query.get('type') ?? '';
  const given = list === '' ? types : list.split(',');
  const asked = given.filter((type) => !foreignTypes.has(type)).map(parseType);
  // Nothing to ask for, or something that is not for this client.
  if (given.length === 0 || asked.some((type) => !types.includes(type))) {
    throw new HttpError(403, 'not authorized');
  }
  return eventTypes.filter((type) => asked.includes(type));
}

function parseType(text: string): EventType {
  const type = eventTypes.find((each) => each === text);
  if (type === undefined) throw new HttpError(400, `${JSON.stringify(text)} isn't a supported event type`);
  return type;
}
