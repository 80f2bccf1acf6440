/** A console of canned answers, for what a real one does not do when it is told to. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Request {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** What is answered: metadata, or a status with the text of an error, or with a body that is no console's. */
type Answer = { metadata: unknown } | { status: number; error: string } | { status: number; raw: string };

/** Answers by method and path, `GET /1.0/log-targets`; others are a 404. */
export async function startContractServer(
  answers: Readonly<Record<string, Answer>>,
  listen: string | number = 0,
): Promise<{ readonly url: string; readonly requests: readonly Request[] }> {
  const requests: Request[] = [];
  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    const body = await json(request).catch(() => undefined);
    requests.push({ line, headers: request.headers, body });
    const answer = answers[line] ?? answers['*'] ?? { status: 404, error: 'not found' };
    if ('raw' in answer) {
      response.writeHead(answer.status, { 'content-type': 'text/html' }).end(answer.raw);
      return;
    }
    const envelope =
      'metadata' in answer
        ? {
            type: 'sync',
            status: 'Success',
            status_code: 200,
            error_code: 0,
            error: '',
            metadata: answer.metadata,
          }
        : {
            type: 'error',
            status: '',
            status_code: 0,
            error_code: answer.status,
            error: answer.error,
            metadata: null,
          };
    const status = 'metadata' in answer ? 200 : answer.status;
    response
      .writeHead(status, { 'content-type': 'application/json', etag: '"tag"' })
      .end(JSON.stringify(envelope));
  });
  server.listen(listen);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const url =
    typeof address === 'string' ? `unix:${address}` : `http://127.0.0.1:${(address as AddressInfo).port}`;
  return { url, requests };
}
