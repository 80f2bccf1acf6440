/** What the constructor takes and what it refuses. */

import { describe, expect, it } from 'vitest';
import winston from 'winston';
import { EventTransport, SettingsError } from '../../src/index.js';

const create = (options: object) => () => new EventTransport(options).destroy();

describe('options', () => {
  it('with a wrong target throw a SettingsError from the constructor', () => {
    expect(create({ targets: [{ name: 'a', address: 'ftp://x' }] })).toThrow(SettingsError);
  });

  it.each<[string, object]>([
    ['memory', { memory: 5 }],
    ['memory.maxEvents', { memory: { maxEvents: 0 } }],
    ['memory.maxBytes', { memory: { maxBytes: 'x' } }],
    ['shutdownTimeoutMs', { shutdownTimeoutMs: -1 }],
    ['shutdownTimeoutMs', { shutdownTimeoutMs: Number.NaN }],
    ['location', { location: 5 }],
    ['spool', { spool: '/var/lib/svc/spool' }],
    ['spool.directory', { spool: {} }],
    ['settings', { settings: 5 }],
    ['settings', { settings: { current: {} } }],
  ])('that are wrong throw a TypeError that names them: %s', (name, options) => {
    expect(create(options)).toThrow(TypeError);
    expect(create(options)).toThrow(`\`${name}\``);
  });

  it('with settings that nobody can follow say what is there instead', () => {
    expect(create({ settings: { current: {}, subscribe: 'often' } })).toThrow(
      /^Expected `settings` to be a SettingsStore, .*, got an object whose `subscribe` is `often`$/,
    );
  });

  it.each<[string, object]>([
    ['`target` is not an option; did you mean `targets`?', { target: [] }],
    ['`shutdown_timeout_ms` is not an option; did you mean `shutdownTimeoutMs`?', { shutdown_timeout_ms: 5 }],
    ['`handleException` is not an option; did you mean `handleExceptions`?', { handleException: true }],
    ['`memory.maxEvent` is not an option; did you mean `memory.maxEvents`?', { memory: { maxEvent: 5 } }],
    ['`spool.dir` is not an option; there are: `spool.directory`', { spool: { dir: '/tmp' } }],
    [
      '`address` is not an option; it is a key of a log target: `targets: [{ name, address }]`',
      { address: 'https://siem.example.com' },
    ],
    [
      '`retry_count` is not an option; it is a key of a log target: `targets: [{ name, address, retry_count }]`',
      { retry_count: 5 },
    ],
    ['`agent` is not an option; there are: `targets`, `settings`', { agent: {} }],
  ])('that nobody knows throw a TypeError that says what was meant: %s', (message, options) => {
    expect(create(options)).toThrow(TypeError);
    expect(create(options)).toThrow(message);
  });

  it('of every Winston transport are taken', () => {
    const format = winston.format.json();
    expect(
      create({ format, level: 'warn', silent: false, handleExceptions: false, handleRejections: false }),
    ).not.toThrow();
  });
});
