/** The console: one mount for everything that operators do. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PresentListener } from '../event-stream/audiences.js';
import { Entrance } from '../event-stream/entrance.js';
import { refuseUpgrade } from '../event-stream/upgrade.js';
import { discardBody } from '../http/discard-body.js';
import { asHttpError, HttpError, sendError, sendSuccess, sendWritten } from '../http/envelope.js';
import { type ReadableRequest, readJsonBody } from '../http/json-body.js';
import { checkSite } from '../http/same-origin.js';
import { Turnstile } from '../http/turnstile.js';
import { AuditTrail } from './audit-trail.js';
import { DeadLetterOffice } from './dead-letter-office.js';
import { History } from './history.js';
import { type Allowance, checkAllowance, identifyOperator, type Operator } from './operator.js';
import { type ConsoleOptions, parseConsoleOptions } from './options.js';
import { PageFiles } from './page-files.js';
import { pathBelow } from './paths.js';
import { createRoutes, describeConsole, findRoute, methodOf } from './routes.js';
import { SettingsDesk } from './settings-desk.js';
import { SharedAnswers } from './shared-answers.js';
import { StatusBoard } from './status-board.js';

const API = '/1.0';
const EVENTS = '/1.0/events';
const PAGE = '/ui/';

/** A request, as `node:http`, Express and Connect hand it on. */
export interface ConsoleRequest extends ReadableRequest {
  /** The URL before a framework took the path off where it mounted the handler. */
  originalUrl?: string | undefined;
}

/** Serves a console; its methods can be used detached. */
export interface Console {
  /** Handles a request; calls `next` for those of other paths. */
  readonly handle: (request: ConsoleRequest, response: ServerResponse, next?: () => void) => void;
  /** For the event `upgrade` of a `node:http` or `node:https` server. Other paths than ours are answered with 404. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Sends those who listen to events away for whom `isUnwanted`: their rights were withdrawn. Returns how many. */
  readonly disconnect: (isUnwanted: (listener: PresentListener) => boolean) => number;
  /** Says goodbye to all who listen to events, and takes no new ones. The transport goes on. */
  readonly close: () => void;
}

/**
 * Serves the operations API, the settings API, the event stream and the page.
 * @throws TypeError when an option is wrong
 */
export function createConsole(options: ConsoleOptions): Console {
  const {
    transport,
    store,
    authorize,
    base,
    challenge,
    metrics,
    projects,
    bodyTimeoutMs,
    admission,
    tap,
    steering,
  } = parseConsoleOptions(options);
  const turnstile = new Turnstile();
  const answers = new SharedAnswers();
  const office = new DeadLetterOffice(transport, new AuditTrail(transport));
  const desk = store && new SettingsDesk(store, transport);
  const entrance = new Entrance({
    tap,
    projects,
    ...admission,
    turnstile,
    authorize: async (request, facts) => {
      const who = await authorize(request, facts);
      const allow: readonly Allowance[] | undefined = who && typeof who === 'object' ? who.allow : undefined;
      return allow === undefined || allow.includes('read') ? who : undefined;
    },
  });
  // Its timer begins to run when nothing can be wrong any more.
  const history = new History(() => transport.status().targets);
  const board = new StatusBoard({ status: () => transport.status(), steering, history });
  const page = new PageFiles();
  const ping = (name: string) => transport.ping(name);
  const routes = createRoutes({ answers, board, office, desk, steering, metrics, ping });

  const identify = async (request: IncomingMessage): Promise<Operator> => {
    const operator = await identifyOperator(request, authorize, admission.authorizeTimeoutMs);
    // Nobody is offered what there is not.
    return desk ? operator : { ...operator, allow: operator.allow.filter((each) => each !== 'settings') };
  };

  async function answer(request: ConsoleRequest, response: ServerResponse, url: URL): Promise<void> {
    const { pathname: path } = url;
    if (path === '' || path === '/') return sendSuccess(response, [API], {});
    if (path === '/ui') return redirect(response, `${base}${PAGE}`);
    if (path.startsWith(PAGE)) return page.answer(path.slice(PAGE.length), request, response);
    const route = path === API ? undefined : findRoute(routes, path);
    const attempt: Attempt = { url, path, route };
    try {
      await answerApi(request, response, attempt);
    } catch (error) {
      if (aimsAtSettings(route, request.method)) desk?.refused(request, error, attempt.operator?.requestor);
      throw error;
    }
  }

  async function answerApi(
    request: ConsoleRequest,
    response: ServerResponse,
    attempt: Attempt,
  ): Promise<void> {
    const { url, path, route } = attempt;
    checkSite(request, admission.hosts);
    if (path === EVENTS) return answerEvents(request, response);
    const asked = answers.asked();
    await turnstile.pass();
    if (path === API) return answerRoot(request, response);
    const operator = await identify(request);
    attempt.operator = operator;
    // `authorize` may have taken its time, and be done with all who ask in the same instant.
    await turnstile.passAgain();
    if (route === undefined) throw new HttpError(404, 'Not found');
    const { allow, answer: act } = methodOf(route.methods, request.method);
    checkAllowance(operator, allow);
    const body = () => readJsonBody(request, bodyTimeoutMs);
    const { searchParams: query } = url;
    const answered = await act({ request, operator, query, name: route.name, asked, body });
    await turnstile.passAgain();
    if ('written' in answered) sendWritten(response, answered.written, answered.headers);
    else sendSuccess(response, answered.metadata, answered.headers ?? {});
  }

  async function answerRoot(request: ConsoleRequest, response: ServerResponse): Promise<void> {
    methodOf(rootMethods, request.method);
    const operator = await identify(request).catch(nobody);
    await turnstile.passAgain();
    if (operator) checkAllowance(operator, rootMethods.GET.allow);
    sendSuccess(response, describeConsole(operator, steering.location), {});
  }

  async function answerEvents(request: ConsoleRequest, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET') throw new HttpError(405, 'The method is not GET', { allow: 'GET' });
    if (/\btext\/event-stream\b/.test(request.headers.accept ?? ''))
      return entrance.stream(request, response);
    await entrance.check(request);
    throw new HttpError(400, 'The client asks neither for a WebSocket nor for `text/event-stream`');
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (pathBelow(base, request)?.replace(/[?#].*/s, '') !== EVENTS) throw new HttpError(404, 'Not found');
    await entrance.upgrade(request, socket, head);
  }

  const explain = (error: unknown): HttpError => {
    const known = asHttpError(error);
    if (known.status !== 401 || challenge === undefined) return known;
    return new HttpError(401, known.message, { ...known.headers, 'www-authenticate': challenge });
  };

  return {
    handle(request, response, next) {
      const below = pathBelow(base, request);
      // The root belongs to whoever comes next, if anybody does.
      if (next && (below === undefined || /^\/?([?#]|$)/.test(below))) {
        next();
        return;
      }
      const answered = below === undefined ? notFound() : answer(request, response, parseUrl(below));
      answered
        .catch((error: unknown) => sendError(response, explain(error)))
        .finally(() => discardBody(request));
    },
    handleUpgrade(request, socket, head) {
      socket.on('error', () => {}); // it may break while `authorize` is at work
      upgrade(request, socket, head).catch((error) => refuseUpgrade(request, socket, explain(error)));
    },
    disconnect: (isUnwanted) => entrance.disconnect(isUnwanted),
    close() {
      history.close();
      entrance.close();
    },
  };
}

/** A request of the API, and who makes it once that is known. */
interface Attempt {
  readonly url: URL;
  readonly path: string;
  readonly route: ReturnType<typeof findRoute>;
  operator?: Operator;
}

function aimsAtSettings(route: Attempt['route'], method: string | undefined): boolean {
  const { methods = {} } = route ?? {};
  return method !== undefined && Object.hasOwn(methods, method) && methods[method]?.allow === 'settings';
}

const rootMethods = { GET: { allow: 'read', answer: async () => ({ metadata: {} }) } } as const;

function parseUrl(below: string): URL {
  // A path that begins with two slashes would be a host.
  return new URL(`http://console${below.startsWith('/') ? '' : '/'}${below}`);
}

/** Somebody who may nothing may still ask what this is. */
function nobody(error: unknown): undefined {
  const { status } = asHttpError(error);
  if (status !== 401 && status !== 403) throw error;
}

async function notFound(): Promise<never> {
  throw new HttpError(404, 'Not found');
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { location, 'content-length': 0 });
  response.end();
}
