/** `log-targets listen` receives what targets send, whatever the format, and answers as their servers do. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import got from 'got';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builtInFormats } from '../../src/formats/table.js';
import type { EventFormat, EventType, LogTarget } from '../../src/index.js';
import { runCommand, startListen } from '../helpers/command.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

/** The target that `listen` prints for settings files. */
function targetIn(output: string): LogTarget {
  const [, yaml = ''] = /In a settings file:\n(.*)\n {2}In JavaScript:/s.exec(output) ?? [];
  return (parse(yaml.replace(/^ {4}/gm, '')) as { log_targets: LogTarget[] }).log_targets[0]!;
}

/** Without the time of day. */
const linesOf = (output: string) =>
  [...output.matchAll(/^[-\d]{2}:[-\d]{2}:[-\d]{2}\.[-\d]{3} {2}(.*)$/gm)].map(([, line]) => line);

const post = (address: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  got.post(address, {
    body,
    headers: { 'content-type': 'application/json', ...headers },
    throwHttpErrors: false,
    retry: { limit: 0 },
  });

describe('listen', () => {
  it('prints one aligned line for each event of a logger', async () => {
    const { address, printed, written, interrupt } = await startListen();
    const { logger, transport } = createTestTransport([quickTarget(address, { compression: 'gzip' })]);
    logger.info('Start https listener', { addr: '[::]:6443' });
    logger.error('two\nlines \u001b[31m');
    await logger.lifecycle('batch-started', {
      entities: ['/1.0/batches/b1'],
      requestor: 'tls/a57be4e2 (10.0.0.101)',
      metadata: { size: 3 },
    });
    await transport.flush();
    await printed('batch-started');
    expect(linesOf(written.output)).toEqual([
      'INFO       Start https listener  addr=[::]:6443',
      'ERROR      two\\nlines \ufffd[31m',
      'lifecycle  batch-started /1.0/batches/b1  by tls/a57be4e2 (10.0.0.101) metadata={"size":3}',
    ]);
    expect(await interrupt()).toMatchObject({ exitCode: 0, errors: '' });
  });

  /** What a format cannot do without. */
  const neededOptions: Readonly<Record<string, object>> = {
    cloudevents: { source: '/svc', type_prefix: 'com.example' },
    'ibm-resource-lifecycle': { account_id: 'a', region_id: 'r', service: 's' },
    otlp: { resource: { 'service.name': 'svc' } },
  };

  it.each([...builtInFormats])('reads %s as a target sends it, in every body', async (name, format) => {
    const { address, printed, written } = await startListen();
    const { logger, transport } = createTestTransport(
      format.bodyFormats.map((body_format) =>
        quickTarget(address, {
          name: body_format,
          body_format,
          event_format: name as EventFormat,
          ...(neededOptions[name] && { format_options: neededOptions[name] as never }),
          scopes: [...format.types],
        }),
      ),
    );
    logger.warn('hello', { a: 'b' });
    await logger.lifecycle('instance.create', {
      entities: ['/1.0/instances/c1'],
      requestor: 'tls/ops (10.0.0.1)',
    });
    logger.operation({ description: 'Copying' }).done();
    expect(await transport.flush()).toMatchObject({ delivered: true });
    const copies = format.bodyFormats.length;
    const isLast = format.types.includes('operation') ? /Copying: Success/g : /instance\.create/g;
    await eventually(() => expect(written.output.match(isLast)).toHaveLength(copies));
    await printed('\n');
    const lines = linesOf(written.output);
    const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line ?? '')).length;
    const times = (type: EventType) => (format.types.includes(type) ? copies : 0);
    expect(count(/^WARN {7}hello {2}(.* )?a=b/)).toBe(times('logging'));
    expect(count(/^lifecycle {2}\S*instance\.create\b.* {2}by (tls\/)?ops/)).toBe(times('lifecycle'));
    expect(count(/^operation {2}Copying: Running\b/)).toBe(times('operation'));
    expect(count(/^operation {2}Copying: Success\b/)).toBe(times('operation'));
    expect(lines).toHaveLength(times('logging') + times('lifecycle') + 2 * times('operation'));
    expect(written.errors).toBe('');
  });

  it('prints the settings of a target that reaches it, secrets and certificate included', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const { written, printed } = await startListen(['--https', '--user', "ops:it's", '--secret', secret]);
    const target = targetIn(written.output);
    expect(target).toMatchObject({
      name: 'listen',
      username: 'ops',
      password: "it's",
      signing_secrets: [secret],
    });
    const [, code = ''] = /new EventTransport\((\{.*?\n\s*\}\] \})\)/s.exec(written.output) ?? [];
    expect(new Function(`return ${code}`)().targets).toEqual([target]);
    const { transport } = createTestTransport([target]);
    expect(await transport.ping('listen')).toMatchObject({ ok: true, status: 200 });
    await printed('Test event for log target listen');
  });

  it('with --json writes an event a line, and nothing else', async () => {
    const { address, printed, written } = await startListen(['--json']);
    await post(
      address,
      JSON.stringify([
        {
          time: '2026-01-01T00:00:00Z',
          type: 'logging',
          metadata: { message: 'm', level: 'INFO', context: {} },
        },
      ]),
    );
    await printed('\n');
    expect(JSON.parse(written.output)).toEqual({
      format: 'migration-manager',
      type: 'logging',
      time: '2026-01-01T00:00:00.000Z',
      level: 'INFO',
      text: 'm',
      details: {},
      event: {
        time: '2026-01-01T00:00:00Z',
        type: 'logging',
        metadata: { message: 'm', level: 'INFO', context: {} },
      },
    });
  });

  it('answers each protocol as its servers do', async () => {
    const { address, printed, written } = await startListen();
    const origin = new URL(address).origin;
    const loki = await post(
      `${origin}/loki/api/v1/push`,
      JSON.stringify({
        streams: [
          {
            stream: { level: 'warn', app: 'svc' },
            values: [['1700000000000000000', 'from loki', { user: 'u1' }]],
          },
        ],
      }),
    );
    expect([loki.statusCode, loki.body]).toEqual([204, '']);
    const otlp = await post(
      `${origin}/v1/logs`,
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'svc' } }] },
            scopeLogs: [
              {
                logRecords: [
                  {
                    timeUnixNano: '1700000000000000000',
                    severityNumber: 17,
                    body: { stringValue: 'from otlp' },
                    attributes: [{ key: 'n', value: { intValue: '3' } }],
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
    expect([otlp.statusCode, otlp.body]).toEqual([200, '{}\n']);
    const hec = await post(
      `${origin}/services/collector/event`,
      '{"time":1700000000.5,"event":"first"}{"event":{"message":"second","level":"info"},"fields":{"a":"}{"}}',
    );
    expect([hec.statusCode, JSON.parse(hec.body)]).toEqual([200, { text: 'Success', code: 0 }]);
    const bulk = await post(
      `${origin}/logs/_bulk`,
      '{"create":{"_id":"1"}}\n{"@timestamp":"2026-01-01T00:00:00Z","message":"from bulk","log.level":"error"}\n',
      { 'content-type': 'application/x-ndjson' },
    );
    expect(JSON.parse(bulk.body)).toMatchObject({
      errors: false,
      items: [{ create: { _id: '1', status: 201 } }],
    });
    await printed('from bulk');
    expect(linesOf(written.output)).toEqual([
      'WARN       from loki  app=svc user=u1',
      'ERROR      from otlp  n=3 service.name=svc',
      'logging    first',
      'INFO       second  a=}{',
      'ERROR      from bulk',
    ]);
  });

  it('says what is wrong with a request, and answers it so', async () => {
    const { address, told, written } = await startListen();
    expect((await got(address, { throwHttpErrors: false })).statusCode).toBe(405);
    expect((await post(address, '{"a":')).statusCode).toBe(400);
    expect((await post(address, '{}', { 'content-encoding': 'gzip' })).statusCode).toBe(400);
    expect((await post(address, '{}', { 'content-encoding': 'br' })).statusCode).toBe(415);
    expect((await post(address, 'x', { 'content-type': 'application/x-protobuf' })).statusCode).toBe(400);
    await told('Protobuf');
    expect(written.errors.split('\n')).toEqual([
      '405 GET /1.0/log: GET is not for events: POST is',
      '400 POST /1.0/log: JSON text 1 of the body cannot be read',
      '400 POST /1.0/log: the body is no gzip, although `content-encoding` says so',
      '415 POST /1.0/log: `content-encoding` is `br`, and only `gzip` is read here',
      '400 POST /1.0/log: Protobuf is not read here, only JSON',
      '',
    ]);
    expect(linesOf(written.output)).toEqual([]);
  });

  it('gives the answers of --answer in turn, the last one for good, and prints what was taken', async () => {
    const { address, told, printed, written } = await startListen(['--answer', '503:3s,200,429']);
    const answers = [];
    for (const message of ['a', 'b', 'c', 'd'])
      answers.push(await post(address, JSON.stringify({ message })));
    expect(answers.map(({ statusCode, headers }) => [statusCode, headers['retry-after']])).toEqual([
      [503, '3'],
      [200, undefined],
      [429, undefined],
      [429, undefined],
    ]);
    await printed('b');
    await told(/(429.*\n){2}/);
    expect(linesOf(written.output)).toEqual(['logging    b']);
    expect(written.errors).toMatch(
      '503 POST /1.0/log: 1 event not taken, as told by --answer (Retry-After: 3)',
    );
  });

  it('passes requests on unchanged with --forward-to, and gives the answer back', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(201, { 'x-from': 'receiver', 'content-type': 'text/plain' }).end('thanks');
    });
    const { address, printed } = await startListen(['--forward-to', new URL(receiver.address).origin]);
    const body = gzipSync('{"message":"on its way"}');
    const answer = await post(`${address}?a=b`, body, { 'content-encoding': 'gzip', 'X-Given': 'Value' });
    expect([answer.statusCode, answer.headers['x-from'], answer.body]).toEqual([201, 'receiver', 'thanks']);
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', url: '/1.0/log?a=b', raw: body });
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-encoding': 'gzip',
      'x-given': 'Value',
      host: new URL(receiver.address).host,
    });
    await printed('on its way');
  });

  it('answers 502 while nobody is there to forward to', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    const { address, told } = await startListen(['--forward-to', `${receiver.address}/exact`]);
    expect((await post(address, '{"message":"lost"}')).statusCode).toBe(502);
    await told(/502 POST \/1\.0\/log: http:\S+ does not answer \(ECONNREFUSED\)/);
  });

  it('appends events to a file with --save', async () => {
    const file = join(temporaryDirectory(), 'events.ndjson');
    writeFileSync(file, '{"before":true}\n');
    const { address, printed, interrupt } = await startListen(['--save', file]);
    await post(address, '{"message":"one"}\n{"message":"two"}\n', { 'content-type': 'application/x-ndjson' });
    await printed('two');
    await interrupt();
    expect(readFileSync(file, 'utf8')).toBe('{"before":true}\n{"message":"one"}\n{"message":"two"}\n');
  });

  it.skipIf(!existsSync('/dev/full'))('takes nothing that it cannot save (needs /dev/full)', async () => {
    const { address, told, written } = await startListen(['--save', '/dev/full']);
    expect((await post(address, '{"message":"lost"}')).statusCode).toBe(500);
    await told(/500 POST \/1\.0\/log: .*ENOSPC/);
    expect(linesOf(written.output)).toEqual([]);
  });

  it('ends with 1 when its port is in use, its file cannot be written or its host is none of this machine', async () => {
    const receiver = await startReceiver();
    const failures = await Promise.all([
      runCommand(['listen', '--port', String(receiver.port)]),
      runCommand(['listen', '--port', '0', '--save', temporaryDirectory()]),
      runCommand(['listen', '--port', '0', '--host', '203.0.113.1']),
    ]);
    expect(failures.map(({ exitCode, output }) => [exitCode, output])).toEqual([
      [1, ''],
      [1, ''],
      [1, ''],
    ]);
    expect(failures[0]?.errors).toMatch(/is in use\nTake another one with --port/);
    expect(failures[1]?.errors).toMatch('cannot be written (EISDIR)');
    expect(failures[2]?.errors).toMatch('203.0.113.1 is no address of this machine');
  });

  it('ends by SIGTERM as by Ctrl-C', async () => {
    const { child, result } = await startListen();
    child.kill('SIGTERM');
    expect((await result).exitCode).toBe(0);
  });

  it('ends quietly when nobody reads any more', async () => {
    const command = await startListen();
    command.child.stdout?.destroy();
    while (command.child.exitCode === null) {
      await post(command.address, '{"message":"unread"}').catch(() => undefined);
    }
    expect(await command.result).toMatchObject({ exitCode: 0, errors: '' });
  });
});
