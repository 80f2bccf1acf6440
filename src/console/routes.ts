/** The console's resources: what each answers, and what one must be allowed for it. */

import { describeServer } from '../event-stream/api-root.js';
import { HttpError, writeSuccess } from '../http/envelope.js';
import type { ReadableRequest } from '../http/json-body.js';
import type { PingResult } from '../sending/ping.js';
import type { Steering } from '../targets/steering.js';
import { type DeadLetterOffice, parsePage } from './dead-letter-office.js';
import type { Allowance, Operator } from './operator.js';
import type { MetricsRegistry } from './options.js';
import type { Changed, SettingsDesk } from './settings-desk.js';
import type { SharedAnswers } from './shared-answers.js';
import { toSnakeCase } from './snake-case.js';
import type { StatusBoard } from './status-board.js';

/** A request that may have an answer. */
interface Call {
  readonly request: ReadableRequest;
  readonly operator: Operator;
  readonly query: URLSearchParams;
  /** Of the target in the path. */
  readonly name: string;
  /** Its place among all questions. */
  readonly asked: number;
  body(): Promise<unknown>;
}

/** What goes into the envelope, and headers beside it. */
interface Answer {
  readonly metadata: object;
  readonly headers?: Record<string, string>;
}

/** An answer that is for many, written down once. JSON, unless its headers say otherwise. */
interface Written {
  readonly written: Buffer;
  readonly headers: Record<string, string>;
}

/** What a method does to a resource. */
export interface Method {
  readonly allow: Allowance;
  readonly answer: (call: Call) => Promise<Answer | Written>;
}

/** A resource: `:name` in its path stands for a target. */
export interface Route {
  readonly path: string;
  readonly methods: Readonly<Record<string, Method>>;
}

/** What the resources are made of. */
export interface Parts {
  readonly answers: SharedAnswers;
  readonly board: StatusBoard;
  readonly office: DeadLetterOffice;
  /** There is none where targets are fixed. */
  readonly desk: SettingsDesk | undefined;
  readonly steering: Steering;
  readonly metrics: MetricsRegistry | undefined;
  readonly ping: (name: string) => Promise<PingResult>;
}

const method = (allow: Allowance, answering: (call: Call) => Promise<object> | object): Method => ({
  allow,
  answer: async (call) => ({ metadata: await answering(call) }),
});

/** The table of resources. */
export function createRoutes(parts: Parts): Route[] {
  const { answers, board, office, desk, steering, ping } = parts;
  const look = (asked: number) => answers.get('look', asked, () => board.look());
  /** Reads what `make` makes for `key`, for all who ask the same in one instant. */
  const read = (
    { asked }: Call,
    key: readonly unknown[],
    make: (asked: number) => Promise<Answer> | Answer,
  ): Promise<Written> =>
    answers.get(JSON.stringify(key), asked, async (all) => {
      const { metadata, headers = {} } = await make(all);
      return { written: writeSuccess(metadata), headers };
    });
  return [
    {
      path: '/1.0/log-targets',
      methods: {
        GET: {
          allow: 'read',
          answer: (call) => {
            const withHistory = call.query.get('history') === 'true';
            return read(call, ['statuses', withHistory], async (asked) => ({
              metadata: board.list(await look(asked), withHistory),
            }));
          },
        },
        ...ofSettings(parts, {
          POST: async (desk, { request, operator, body }) =>
            desk.addTarget({ request, requestor: operator.requestor }, await body()),
        }),
      },
    },
    {
      path: '/1.0/log-targets/check',
      methods: desk
        ? {
            POST: method('settings', async ({ body }) =>
              shownPing(await steering.check(desk.resolve(await body()))),
            ),
          }
        : {},
    },
    {
      path: '/1.0/log-targets/:name',
      methods: {
        GET: {
          allow: 'read',
          answer: (call) =>
            read(call, ['target', call.name], async (asked) => ({
              metadata: board.show(await look(asked), call.name),
              headers: desk ? { etag: desk.etag } : {},
            })),
        },
        ...ofSettings(parts, {
          PATCH: async (desk, { request, operator, name, body }) =>
            desk.patchTarget({ request, requestor: operator.requestor }, name, await body()),
          DELETE: (desk, { request, operator, name }) =>
            desk.removeTarget({ request, requestor: operator.requestor }, name),
        }),
      },
    },
    {
      path: '/1.0/log-targets/:name/ping',
      methods: {
        POST: method('ping', async ({ name }) => {
          board.checkName(name);
          return shownPing(await ping(name));
        }),
      },
    },
    {
      path: '/1.0/log-targets/:name/retry',
      methods: {
        POST: method('ping', ({ name }) => {
          board.checkName(name);
          steering.retry(name);
          return {};
        }),
      },
    },
    {
      path: '/1.0/log-targets/:name/dead-letters',
      methods: {
        GET: {
          allow: 'read',
          answer: async (call) => {
            const { name, query, operator } = call;
            board.checkName(name);
            const page = parsePage(query);
            const written = await read(call, ['dead-letters', name, page], async () => ({
              metadata: await office.list(name, page),
            }));
            office.wereRead(name, operator.requestor);
            return written;
          },
        },
        DELETE: method('replay', async ({ name, operator, body }) => {
          board.checkName(name);
          return office.discard(name, await body(), operator.requestor);
        }),
      },
    },
    {
      path: '/1.0/log-targets/:name/dead-letters/replay',
      methods: {
        POST: method('replay', async ({ name, operator, body }) => {
          board.checkName(name);
          return office.replay(name, await body(), operator.requestor);
        }),
      },
    },
    {
      path: '/1.0/system/settings',
      methods: desk
        ? {
            GET: {
              allow: 'read',
              answer: (call) =>
                read(call, ['settings'], () => {
                  const { metadata, etag } = desk.read();
                  return { metadata, headers: { etag } };
                }),
            },
            ...ofSettings(parts, {
              PUT: async (desk, { request, operator, body }) =>
                desk.replaceAll({ request, requestor: operator.requestor }, await body()),
              PATCH: async (desk, { request, operator, body }) =>
                desk.patchAll({ request, requestor: operator.requestor }, await body()),
            }),
          }
        : {},
    },
    { path: '/1.0/metrics', methods: parts.metrics ? { GET: readMetrics(parts.metrics, answers) } : {} },
  ];
}

/**
 * What is answered to `GET /1.0`, also to somebody who may nothing: clients ask before they show who they are.
 * @param location of this member, for those who may read
 */
export function describeConsole(operator: Operator | undefined, location: string | undefined): object {
  const allow = operator?.allow ?? [];
  const member = location !== undefined && allow.includes('read') ? { location } : {};
  return { ...describeServer(operator?.requestor), allow, ...member };
}

type SettingsAct = (desk: SettingsDesk, call: Call) => Changed;

/** Methods that change settings answer with the tag of what is in force then. */
function ofSettings({ desk }: Parts, acts: Readonly<Record<string, SettingsAct>>): Record<string, Method> {
  if (desk === undefined) return {};
  const methods = Object.entries(acts).map(([name, act]): [string, Method] => [
    name,
    {
      allow: 'settings',
      answer: async (call) => {
        const etag = await act(desk, call);
        return { metadata: {}, headers: etag === undefined ? {} : { etag } };
      },
    },
  ]);
  return Object.fromEntries(methods);
}

function readMetrics(metrics: MetricsRegistry, answers: SharedAnswers): Method {
  return {
    allow: 'read',
    answer: async ({ asked }) => ({
      written: await answers.get('metrics', asked, async () => Buffer.from(await metrics.metrics())),
      headers: { 'content-type': metrics.contentType },
    }),
  };
}

function shownPing(result: PingResult): object {
  return toSnakeCase(result) as object;
}

/** Finds the resource at a path. */
export function findRoute(
  routes: readonly Route[],
  path: string,
): { readonly methods: Readonly<Record<string, Method>>; readonly name: string } | undefined {
  const given = path.split('/').map(decode);
  let methods: Readonly<Record<string, Method>> = {};
  let name = '';
  for (const route of routes) {
    const parts = route.path.split('/');
    if (parts.length !== given.length) continue;
    const fits = parts.every((part, index) => part === given[index] || (part === ':name' && given[index]));
    if (!fits) continue;
    // A target may be named like a resource of ours: each keeps the methods that the other does not have.
    methods = { ...route.methods, ...methods };
    if (parts.includes(':name')) name = given[parts.indexOf(':name')] ?? '';
  }
  return Object.keys(methods).length === 0 ? undefined : { methods, name };
}

/** `undefined` for an escape that is none. */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** @throws HttpError 405 */
export function methodOf(methods: Readonly<Record<string, Method>>, name: string | undefined): Method {
  const method = methods[name === 'HEAD' ? 'GET' : (name ?? '')];
  if (method && Object.hasOwn(methods, name === 'HEAD' ? 'GET' : (name ?? ''))) return method;
  const known = Object.keys(methods).sort();
  const allow = (known.includes('GET') ? [...known, 'HEAD'].sort() : known).join(', ');
  throw new HttpError(405, `The method is not one of ${allow}`, { allow });
}
