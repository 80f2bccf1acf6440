/** A real browser on a real console: the page as it is built, the API behind it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { type ConsoleServer, type ConsoleSetup, startConsole } from './console.js';
import { programPath } from './programs.js';

const built = new URL('../../dist/console/page-files.js', import.meta.url);

/** Serves the page from where the build put it; all else goes to the console under test. */
async function withBuiltPage(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const { PageFiles } = (await import(
    pathToFileURL(built.pathname).href
  )) as typeof import('../../src/console/page-files.js');
  const files = new PageFiles();
  return (request: IncomingMessage, response: ServerResponse) => {
    const [, file] = /^\/ui\/([^?]*)/.exec(request.url ?? '') ?? [];
    if (file === undefined) handle(request, response);
    else files.answer(file, request, response).catch(() => response.writeHead(404).end());
  };
}

/** A console with the page as it was built. */
export async function startPage(setup: ConsoleSetup = {}): Promise<ConsoleServer> {
  let handle: Parameters<typeof withBuiltPage>[0] = () => {};
  const listener = await withBuiltPage((request, response) => handle(request, response));
  return startConsole({
    ...setup,
    listener: (own) => {
      handle = own.handle;
      return listener;
    },
  });
}

/** One for all tests of a file: each of them has a context of its own, with nothing left of the others. */
let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

interface Visit {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Goes to a place in the page: `#/events`. */
  go(place: string): Promise<void>;
  /** What axe finds that is serious or worse. */
  seriousFindings(): Promise<string[]>;
}

/** Opens the page. At the end of the test nothing may have been reported that should not be. */
export async function visit(
  origin: string,
  place = '',
  { scheme = 'light', width = 1440, height = 900 }: Visit = {},
): Promise<Visitor> {
  browser ??= chromium.launch({
    executablePath: programPath('chromium') ?? '',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await (await browser).newContext({ colorScheme: scheme, viewport: { width, height } });
  const complaints: string[] = [];
  const page = await context.newPage();
  context.setDefaultTimeout(45_000);
  page.on('pageerror', (error) => complaints.push(`${error}`));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // Chromium reports every answer that is an error, and every one that does not come.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(`asks ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  const go = async (where: string) => {
    await page.goto(`${origin}/ui/${where}`);
  };
  await go(place);
  return {
    page,
    context,
    go,
    seriousFindings: async () => {
      await page.evaluate(axe.source);
      return page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: axe has put itself there
        const { violations } = await (globalThis as any).axe.run((globalThis as any).document, {
          resultTypes: ['violations'],
        });
        return violations
          .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
          .map(
            ({ id, nodes }: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
              `${id}: ${nodes
                .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`)
                .join('; ')
                .slice(0, 900)}`,
          );
      });
    },
  };
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds that its thread was at work. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/**
 * Milliseconds of processor time of each task of a page's main thread while `ms` go by. On the clock a task is as long
 * as whatever else the machine does makes it.
 */
export async function tasksAtWork(page: Page, ms: number): Promise<number[]> {
  const open = page.context().browser() as Browser;
  await open.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.waitForTimeout(ms);
  const { traceEvents } = JSON.parse(String(await open.stopTracing())) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const named = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const mains = new Set(named.map(threadOf));
  return traceEvents.flatMap((event) => {
    const isTask = event.name === 'RunTask' && mains.has(threadOf(event));
    return isTask && event.tdur !== undefined ? [event.tdur / 1000] : [];
  });
}
