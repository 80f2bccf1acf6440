/**
 * LXD's events: `{"type","timestamp","metadata","location"?,"project"?}`, as LXD's and Incus's clients decode them.
 * What a lifecycle event has and LXD does not (further entities, metadata, outcome, message) is in its context.
 */

import {
  type Context,
  contextOf,
  type Event,
  type LifecycleEvent,
  type LoggingEvent,
} from '../model/event.js';
import type { Level } from '../model/level.js';
import { bodyFormats, jsonEnvelopes } from './envelope.js';
import { allTypes, type BuiltInFormat, writeText } from './format.js';
import { noOptions } from './no-options.js';

/** What LXD and Incus send. */
export const lxd = {
  types: allTypes,
  bodyFormats,
  options: noOptions,
  bareBytes: 512,
  createWriter: () => writeText(encodeLxd),
  createEnvelope: (bodyFormat) => jsonEnvelopes[bodyFormat],
} satisfies BuiltInFormat;

/** LXD's names of levels; others make its clients stop. */
const levelNames: Readonly<Record<Level, string>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  ERROR: 'error',
};

/** Encodes one event. */
export function encodeLxd(event: Event): string {
  const { type, time, location } = event;
  const project = event.type === 'logging' ? undefined : event.project;
  return (
    `{"type":"${type}","timestamp":"${time}","metadata":${metadataOf(event)}` +
    `${location === undefined ? '' : `,"location":${JSON.stringify(location)}`}` +
    `${project === undefined ? '' : `,"project":${JSON.stringify(project)}`}}`
  );
}

function metadataOf(event: Event): string {
  switch (event.type) {
    case 'logging':
      return loggingMetadata(event);
    case 'lifecycle':
      return lifecycleMetadata(event);
    case 'operation':
      return JSON.stringify(event.operation);
  }
}

function loggingMetadata(event: LoggingEvent): string {
  const { message, level } = event;
  return `{"message":${JSON.stringify(message)},"level":"${levelNames[level]}","context":${JSON.stringify(withNamedKeys(contextOf(event)))}}`;
}

function lifecycleMetadata({
  action,
  entities,
  requestor,
  metadata,
  context,
  name,
  project,
  outcome,
  message,
}: LifecycleEvent): string {
  const [source = '', ...further] = entities;
  const extra = {
    ...(further.length > 0 && { entities: further }),
    ...(metadata !== undefined && { metadata }),
    ...(outcome !== undefined && { outcome }),
    ...(message !== undefined && { message }),
  };
  const hasContext = context !== undefined || Object.keys(extra).length > 0;
  return JSON.stringify({
    action,
    source: withProject(source, project),
    context: hasContext ? merged(withNamedKeys(context ?? {}), extra) : undefined,
    requestor: requestor && {
      username: requestor.username,
      protocol: requestor.protocol,
      address: requestor.address,
    },
    name,
    project,
  });
}

/** LXD names the project in the URL of what was acted upon, unless it is the default one. */
function withProject(source: string, project: string | undefined): string {
  if (source === '' || !project || project === 'default' || /[?&]project=/.test(source)) return source;
  return `${source}${source.includes('?') ? '&' : '?'}project=${encodeURIComponent(project.toWellFormed())}`;
}

/** `lxc monitor --pretty` takes an empty key for the end of the one before, and stumbles over what follows. */
function withNamedKeys(context: Context): Context {
  if (context[''] === undefined) return context;
  const { '': unnamed, ...named } = context;
  return merged(named, { '-': unnamed }) as Context;
}

/** What is given as context keeps its keys; ours get out of their way. */
function merged(context: Context, extra: Readonly<Record<string, unknown>>): object {
  const both: Record<string, unknown> = { ...context };
  for (const [name, value] of Object.entries(extra)) {
    let key = name;
    while (Object.hasOwn(both, key)) key += '_';
    both[key] = value;
  }
  return both;
}
