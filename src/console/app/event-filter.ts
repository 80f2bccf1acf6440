/** Which live events somebody wants to see. */

import type { Settings, StreamEvent } from './types.js';

/** Whether an event is to be seen. */
export type Accepts = (event: StreamEvent) => boolean;

export interface EventFilter {
  readonly level: string;
  /** An action, or a glob of actions. */
  readonly action: string;
  readonly text: string;
  /** Settings of the target whose events are wanted. */
  readonly target: Settings | undefined;
}

/** From the least severe, as the stream names them. */
export const levels = ['debug', 'info', 'warning', 'error'] as const;

export function createFilter({ level, action, text, target }: EventFilter): Accepts {
  const severity = rank(level);
  const isAction = action.trim() === '' ? undefined : globs([action.trim()]);
  const wanted = text.trim().toLowerCase();
  const isForTarget = target && takenBy(target);
  return (event) => {
    if (event.type === 'logging' && rank(event.metadata.level ?? '') < severity) return false;
    if (isAction && !(event.type === 'lifecycle' && isAction(event.metadata.action ?? ''))) return false;
    if (isForTarget && !isForTarget(event)) return false;
    return wanted === '' || `${textOf(event)}\n${event.location ?? ''}`.toLowerCase().includes(wanted);
  };
}

/** What a target takes, as its settings say. */
export function takenBy(settings: Settings): Accepts {
  const scopes = texts(settings.scopes);
  const severity = rank(String(settings.level ?? 'WARN').toLowerCase());
  const actions = texts(settings.lifecycle_actions);
  const projects = texts(settings.lifecycle_projects);
  const isAction = actions.length === 0 ? () => true : globs(actions);
  return ({ type, project, metadata }) => {
    if (!scopes.includes(type)) return false;
    if (type === 'logging') return rank(metadata.level ?? '') >= severity;
    if (projects.length > 0 && project && !projects.includes(project)) return false;
    return type === 'operation' || isAction(metadata.action ?? '');
  };
}

/** What tells an event from others, in a line. */
export function textOf({ type, metadata }: StreamEvent): string {
  if (type === 'logging') return metadata.message ?? '';
  if (type === 'operation') return [metadata.description, metadata.status].filter(Boolean).join(': ');
  return [metadata.action, metadata.source].filter(Boolean).join(' ');
}

function rank(level: string): number {
  const known: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, warning: 2, error: 3 };
  return known[level] ?? 0;
}

/** `*` is anything, `?` one character, all else itself. */
function globs(patterns: readonly string[]): (action: string) => boolean {
  const wild: Readonly<Record<string, string>> = { '*': '.*', '?': '.' };
  const all = patterns.map((pattern) => {
    const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (sign) => wild[sign] ?? `\\${sign}`);
    return new RegExp(`^${source}$`, 'su');
  });
  return (action) => all.some((each) => each.test(action));
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
