/** `log-targets send`: one record through a real transport, until it is delivered. */

import type { TargetStatus } from '../../delivery/status.js';
import type { EventTransport } from '../../winston/transport.js';
import { countOf } from '../count.js';
import { Failure } from '../failure.js';
import { alignColumns } from '../table.js';
import { inOneLine, note, paintFor, print, printJson } from '../terminal.js';
import { hintFor } from './delivery-error.js';
import { transportFor } from './transport.js';
import { settingsIn } from './validate.js';

/** The options of the command. */
export interface SendOptions {
  readonly message?: string;
  readonly level: string;
  readonly lifecycle?: string;
  readonly entity?: readonly string[];
  /** Longest wait for delivery, in milliseconds. */
  readonly timeout: number;
  readonly secretsDirectory?: string;
  readonly json?: boolean;
}

/** Ends with 1 when nobody takes it, or when it does not arrive everywhere. */
export async function send(file: string, options: SendOptions): Promise<void> {
  const settings = settingsIn(file);
  const { log_targets } = settings;
  const transport = transportFor(settings, options.secretsDirectory);
  let isOver = false;
  transport.on('warn', ({ message }) => isOver || note(inOneLine(message)));
  if (options.lifecycle === undefined) writeRecord(transport, options);
  else await transport.lifecycle(options.lifecycle, detailsOf(options));
  if (options.lifecycle !== undefined && options.message !== undefined) writeRecord(transport, options);
  if (transport.status().accepted === 0) {
    transport.destroy();
    throw new Failure('No target takes it', { hint: whyNot(log_targets, options) });
  }
  await transport.flush({ timeoutMs: options.timeout });
  const { targets } = transport.status();
  isOver = true; // what is dropped from here on was never meant to stay
  const isDelivered = targets.every(({ accepted, delivered }) => accepted === delivered);
  transport.destroy();
  if (options.json) printJson({ delivered: isDelivered, targets });
  else for (const line of linesOf(targets)) print(line);
  if (!isDelivered) process.exitCode = 1;
}

function writeRecord(transport: EventTransport, { message, level }: SendOptions): void {
  const name = level.toLowerCase();
  transport.write({
    level: name,
    message: message ?? 'Test record of `log-targets send`',
    [Symbol.for('level')]: name,
  });
}

function detailsOf({ entity }: SendOptions) {
  return { entities: [...(entity ?? [])] };
}

function whyNot(
  targets: readonly { readonly name: string; readonly level: string }[],
  { level, lifecycle }: SendOptions,
): string {
  if (targets.length === 0) return 'The file has no log targets.';
  if (lifecycle !== undefined) return 'See `scopes`, `lifecycle_actions` and `enabled` of the targets.';
  const levels = targets.map((target) => `${target.name} from ${target.level} on`).join(', ');
  return `Its level is ${level.toUpperCase()}; they take: ${levels}. See also \`scopes\` and \`enabled\`.`;
}

function linesOf(targets: readonly TargetStatus[]): string[] {
  const paint = paintFor(process.stdout);
  return alignColumns(
    targets.map(({ name, accepted, delivered, pending, dead, lastError }) => {
      if (accepted === 0) return [name, paint('dim', 'not for it')];
      if (delivered === accepted) return [name, paint('green', 'delivered')];
      const left =
        pending.events > 0
          ? `${countOf(pending.events, 'event')} not delivered in time`
          : dead > 0
            ? 'refused'
            : 'dropped';
      const error = lastError && inOneLine(`${lastError.code}: ${lastError.message}`);
      const hint = lastError && hintFor(lastError.code);
      return [name, paint('red', 'failed'), [left, error, hint].filter(Boolean).join('; ')];
    }),
  );
}
