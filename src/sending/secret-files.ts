/** Secrets in files: read anew when they have changed, and from nowhere but their directory. */

import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { validateHeaderValue } from 'node:http';
import { resolve, sep } from 'node:path';
import { type Problem, SettingsError } from '../errors.js';
import { timerMs } from '../model/duration.js';
import { isKeyOf, isPrivateKey } from '../settings/pem.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { fileKeys, isSigningSecret } from '../settings/way-keys.js';
import { AttemptError } from './attempt-error.js';
import { lookInTime } from './look-in-time.js';

/** No secret is longer. */
const MAX_BYTES = 64 * 1024;

/** Longest that a file may take to be read, or an attempt where that is shorter: a dead NFS takes for ever. */
const MAX_READ_MS = 5000;

/**
 * A pipe would block until somebody writes into it; a link was followed before, and one that takes the file's place
 * meanwhile is not. Neither is known everywhere.
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Each of them signs each request. */
const MAX_SIGNING_SECRETS = 10;

type FileKey = (typeof fileKeys)[keyof typeof fileKeys];

/** What was read of a file, and when that was, as far as its file system tells. */
interface Reading {
  readonly version: string;
  readonly text: string;
}

/**
 * @param list where the targets stand
 * @throws SettingsError that names each key whose file is to be looked for nowhere
 */
export function checkSecretFiles(
  targets: readonly LogTargetSettings[],
  directory: string | undefined,
  list = 'log_targets',
): void {
  if (directory !== undefined) return;
  const problems = targets.flatMap((settings, index): Problem[] =>
    filesOf(settings).map(({ key }) => ({
      path: `log_targets[${index}].${key}`,
      target: settings.name,
      message: `\`${key}\` needs the transport's option \`secretsDirectory\``,
    })),
  );
  if (problems.length > 0) throw new SettingsError(problems, { list });
}

/** Whether any of a target's secrets is in a file. */
export function hasSecretFiles(settings: LogTargetSettings): boolean {
  return filesOf(settings).length > 0;
}

/** The secrets of one target. */
export class SecretFiles {
  readonly #settings: LogTargetSettings;
  readonly #directory: string | undefined;
  readonly #readings = new Map<FileKey, Reading>();
  #complete: LogTargetSettings | undefined;
  #pending: Promise<LogTargetSettings> | undefined;

  /** @param directory without one, no file can be read */
  constructor(settings: LogTargetSettings, directory: string | undefined) {
    this.#settings = settings;
    this.#directory = directory;
  }

  /**
   * The settings with what is in the files; the same object as long as nothing in them has changed.
   * @returns rejects with an AttemptError when one cannot be read, or holds no secret of its kind
   */
  read(): Promise<LogTargetSettings> {
    this.#pending ??= this.#read().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #read(): Promise<LogTargetSettings> {
    const readings = await Promise.all(
      filesOf(this.#settings).map(async ({ key, file }) => [key, await this.#readInTime(key, file)] as const),
    );
    const hasChanged = readings.some(([key, reading]) => this.#readings.get(key) !== reading);
    if (this.#complete && !hasChanged) return this.#complete;
    const texts = Object.fromEntries(readings.map(([key, { text }]) => [key, text]));
    const complete = completeWith(this.#settings, texts);
    for (const [key, reading] of readings) this.#readings.set(key, reading);
    this.#complete = complete;
    return complete;
  }

  async #readInTime(key: FileKey, file: string): Promise<Reading> {
    const root = this.#directory;
    if (root === undefined) throw unreadable(key, file, 'the transport has no `secretsDirectory`');
    const path = resolve(root, file);
    const timeoutMs = Math.min(MAX_READ_MS, timerMs(this.#settings.timeout));
    const reading = await lookInTime(path, timeoutMs, () => this.#readFile(key, file, { root, path }));
    if (reading === undefined) throw unreadable(key, file, `it does not answer within ${timeoutMs} ms`);
    return reading;
  }

  /** The reading that there was, where the file is still the same. */
  async #readFile(
    key: FileKey,
    file: string,
    { root, path }: { readonly root: string; readonly path: string },
  ): Promise<Reading> {
    try {
      const before = this.#readings.get(key);
      if (before?.version === versionOf(await stat(path))) return before;
      const [directory, real] = await Promise.all([realpath(root), realpath(path)]);
      if (!real.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`)) {
        throw unreadable(key, file, 'it is outside of `secretsDirectory`');
      }
      const handle = await open(real, OPEN_FLAGS);
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) throw unreadable(key, file, 'it is no file');
        if (stats.size > MAX_BYTES) throw unreadable(key, file, `it has more than ${MAX_BYTES} bytes`);
        return { version: versionOf(stats), text: await handle.readFile('utf8') };
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof AttemptError) throw error;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'of an unknown reason';
      throw unreadable(key, file, code);
    }
  }
}

function filesOf(settings: LogTargetSettings): { key: FileKey; file: string }[] {
  return Object.values(fileKeys)
    .map((key) => ({ key, file: settings[key] }))
    .filter(({ file }) => file !== '');
}

/** A file that was replaced is another one, also when it was written within the same millisecond. */
function versionOf({ dev, ino, size, mtimeMs, ctimeMs }: Awaited<ReturnType<typeof stat>>): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join();
}

function completeWith(
  settings: LogTargetSettings,
  texts: Partial<Record<FileKey, string>>,
): LogTargetSettings {
  const value = (key: FileKey, expected: string, accepts: (text: string) => boolean) => {
    // Editors, and `echo`, end a file with a new line.
    const text = texts[key]?.replace(/\r?\n$/, '');
    if (text === undefined) return undefined;
    if (text === '') throw unreadable(key, settings[key], 'it is empty');
    if (!accepts(text)) throw unreadable(key, settings[key], `it holds ${expected}`);
    return text;
  };
  const password = value('password_file', 'more than one line', (text) => !/[\r\n]/.test(text));
  const bearer_token = value('bearer_token_file', 'what no header can hold', isHeaderValue);
  const client_key = value('client_key_file', 'no private key that needs no passphrase', isPrivateKey);
  const { client_cert } = settings;
  if (client_key !== undefined && !isKeyOf(client_cert, client_key)) {
    throw unreadable(
      'client_key_file',
      settings.client_key_file,
      'it holds another key than that of `client_cert`',
    );
  }
  const signing_secrets = value(
    'signing_secrets_file',
    `a line that is no signing secret, or more than ${MAX_SIGNING_SECRETS}`,
    (text) => linesOf(text).length <= MAX_SIGNING_SECRETS && linesOf(text).every(isSigningSecret),
  );
  return {
    ...settings,
    ...(password !== undefined && { password }),
    ...(bearer_token !== undefined && { bearer_token }),
    ...(client_key !== undefined && { client_key }),
    ...(signing_secrets !== undefined && { signing_secrets: linesOf(signing_secrets) }),
  };
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isHeaderValue(text: string): boolean {
  try {
    validateHeaderValue('x', text);
    return true;
  } catch {
    return false;
  }
}

function unreadable(key: FileKey, file: string, why: string): AttemptError {
  const message = `\`${key}\`, ${JSON.stringify(file)}, cannot be read: ${why}`;
  return new AttemptError('SECRET_UNREADABLE', message, 'misconfigured');
}
