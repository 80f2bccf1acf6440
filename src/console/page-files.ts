/** The page and its files, as the build left them: they hold no data, so nobody is asked. */

import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { HttpError } from '../http/envelope.js';

const directory = fileURLToPath(new URL('./app/', import.meta.url));
/** The page makes its forms of it. */
const schema = fileURLToPath(new URL('../settings.schema.json', import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Scripts and styles of our own only, connections to where the page came from only, and no way for a text to become
 * a script.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const securityHeaders = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

interface PageFile {
  readonly type: string;
  /** By content encoding. */
  readonly bodies: Readonly<Record<'br' | 'gzip' | 'identity', Buffer>>;
}

/** Reads the files when the first of them is asked for, and keeps them: a hundred kilobytes in all. */
export class PageFiles {
  #files: Promise<ReadonlyMap<string, PageFile>> | undefined;

  /**
   * Answers with the file at `path`, which is relative to the page.
   * @throws HttpError 404, 405
   */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError(405, 'The method is not one of GET, HEAD', { allow: 'GET, HEAD' });
    }
    this.#files ??= readFiles();
    const file = (await this.#files).get(path === '' ? 'index.html' : path);
    if (file === undefined) throw new HttpError(404, 'Not found');
    const encoding = encodingFor(request);
    const body = file.bodies[encoding];
    response.writeHead(200, {
      ...securityHeaders,
      'content-type': file.type,
      'content-length': body.length,
      ...(encoding !== 'identity' && { 'content-encoding': encoding }),
      vary: 'accept-encoding',
      // Names of assets hold a hash of what is in them.
      'cache-control': path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(body);
  }
}

async function readFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && extname(entry.name) in contentTypes)
    .map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string, name: string): Promise<[string, PageFile]> => [
    name,
    await readPageFile(path),
  ];
  return new Map(
    await Promise.all([
      ...paths.map((path) => read(path, relative(directory, path).replaceAll(sep, '/'))),
      read(schema, basename(schema)),
    ]),
  );
}

async function readPageFile(path: string): Promise<PageFile> {
  const identity = await readFile(path);
  const [br, gzipped] = await Promise.all([promisify(brotliCompress)(identity), promisify(gzip)(identity)]);
  const type = contentTypes[extname(path)] ?? 'application/octet-stream';
  return { type, bodies: { br, gzip: gzipped, identity } };
}

function encodingFor({ headers }: IncomingMessage): keyof PageFile['bodies'] {
  const accepted = String(headers['accept-encoding'] ?? '')
    .split(',')
    .filter((each) => !/;\s*q=0(\.0*)?\s*$/.test(each))
    .map((each) => each.split(';')[0]?.trim());
  return (['br', 'gzip'] as const).find((each) => accepted.includes(each)) ?? 'identity';
}
