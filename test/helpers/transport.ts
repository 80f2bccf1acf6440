/** Transports for tests: closed at the end of the test, every event accounted for. */

import { expect, onTestFinished } from 'vitest';
import winston from 'winston';
import { EventTransport, type EventTransportOptions, type LogTarget, type Report } from '../../src/index.js';
import { Conditions } from './conditions.js';

export interface TestTransport {
  readonly transport: EventTransport;
  readonly logger: winston.Logger;
  readonly reports: Report[];
  readonly warnings: Error[];
  /** Resolves with the first report, past or to come, of a type and, where given, for which `matches` holds. */
  report<Type extends Report['type']>(
    type: Type,
    matches?: (report: Extract<Report, { type: Type }>) => boolean,
  ): Promise<Extract<Report, { type: Type }>>;
}

/** A transport with a logger of its own, which logs everything with a pass-through format. */
export function createTestTransport(
  targets: readonly LogTarget[] = [],
  options: Omit<EventTransportOptions, 'targets'> = {},
  loggerOptions: winston.LoggerOptions = {},
): TestTransport {
  const given = options.settings === undefined ? { ...options, targets } : options;
  const transport = new EventTransport({ shutdownTimeoutMs: 30_000, ...given });
  const reports: Report[] = [];
  const warnings: Error[] = [];
  const conditions = new Conditions();
  transport.on('report', (report: Report) => {
    reports.push(report);
    conditions.look();
  });
  transport.on('warn', (warning: Error) => warnings.push(warning));
  transport.on('error', (error) => {
    throw new Error('The transport emitted `error`', { cause: error });
  });
  const logger = winston.createLogger({
    format: winston.format((info) => info)(),
    ...loggerOptions,
    transports: [transport],
  });
  onTestFinished(async () => {
    expectConservation(transport);
    transport.destroy();
    expectConservation(transport);
  });
  return {
    transport,
    logger,
    reports,
    warnings,
    report: async (type, matches = () => true) => {
      const find = () => reports.find((report) => report.type === type && matches(report as never));
      await conditions.until(() => find() !== undefined);
      return find() as never;
    },
  };
}

/** accepted = delivered + pending + dropped + dead, for every target. */
export function expectConservation(transport: EventTransport): void {
  for (const target of transport.status().targets) {
    const dropped = Object.values(target.dropped).reduce((sum, count) => sum + count, 0);
    const accounted = target.delivered + target.pending.events + dropped + target.dead;
    expect({ target: target.name, events: accounted }).toEqual({
      target: target.name,
      events: target.accepted,
    });
  }
}

/** The status of the only target, or of the one with this name. */
export function statusOf(transport: EventTransport, name?: string) {
  const { targets } = transport.status();
  const found = name === undefined ? targets[0] : targets.find((target) => target.name === name);
  if (found === undefined) throw new Error(`No target ${name}`);
  return found;
}

/** A target that is quick to send, to retry and to give up. */
export function quickTarget(address: string, settings: Partial<LogTarget> = {}): LogTarget {
  return { name: 'siem', address, level: 'DEBUG', batch_wait: '5ms', retry_timeout: '10ms', ...settings };
}
