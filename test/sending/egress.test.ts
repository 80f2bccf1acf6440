/** The guard on ways out: every spelling of an address, names that come to it, and what may be said of ranges. */

import { describe, expect, it } from 'vitest';
import { EventTransport } from '../../src/index.js';
import { Egress, type EgressOptions } from '../../src/sending/egress.js';
import { answerNames } from '../helpers/names.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

/** Pings `host`, where a receiver of ours might be, under these options; the code of the error, or `delivered`. */
async function reach(host: string, port: number, egress?: EgressOptions): Promise<string> {
  const target = quickTarget(`http://${host}:${port}/1.0/log`, { timeout: '10s' });
  const { transport } = createTestTransport([target], egress && { egress });
  const { error } = await transport.ping('siem');
  return error?.code ?? 'delivered';
}

const loopback = [
  ...['127.0.0.1', '127.0.0.1.', '127.1', '127.0.1', '127.255.255.254', '127.0.0.2', '127.000.000.001'],
  ...['2130706433', '017700000001', '0x7f000001', '0x7f.1', '0x7f.0.0.1', '0177.0.0.1', '0177.1'],
  ...['0x7F.0x0.0x0.0x1', '127.0.0x1', '１２７.0.0.1', '127。0。0。1'],
  ...['localhost', 'LOCALHOST'],
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::0001]', '[0000::1]', '[::0.0.0.1]'],
  ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:0001]', '[::FFFF:7F00:0001]'],
  ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]'],
  ...['[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]'],
  ...['[2002:7f00:1::]', '[2002:7f00:0001::1]', '[2001:0:1:2:3:4:80ff:fffe]', '[2001:db8::5efe:127.0.0.1]'],
];

const never = [
  ...['169.254.169.254', '169.254.169.254.', '2852039166', '0xa9fea9fe', '0xa9.254.0xa9.254', '025177524776'],
  ...['0251.0376.0251.0376', '169.254.43518', '169.16689662', '169.254.0.1', '169.254.170.2'],
  ...['[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[::a9fe:a9fe]', '[64:ff9b::a9fe:a9fe]'],
  ...['[64:ff9b::169.254.169.254]', '[2002:a9fe:a9fe::]', '[2002:a9fe:a9fe::1]', '[::ffff:0:a9fe:a9fe]'],
  ...['[fe80::1]', '[fe80::a9fe:a9fe]', '[febf::1]', '[fd00:ec2::254]', '[fd00:0ec2:0:0:0:0:0:0254]'],
  ...['100.100.100.200', '1684301000', '[::ffff:100.100.100.200]', '192.0.0.192', '168.63.129.16'],
  ...['0', '0.0.0.0', '0.0.0.1', '0x0', '[::]', '[::ffff:0.0.0.0]', '[::ffff:0:0]'],
  ...['224.0.0.1', '239.255.255.250', '[ff02::1]', '[::ffff:224.0.0.1]', '255.255.255.255', '4294967295'],
];

describe('addresses that nobody sends events to', () => {
  it.each(never)('http://%s is not reached, unless that is allowed', async (host) => {
    const { port } = await startReceiver();
    expect(await reach(host, port)).toBe('EGRESS_DENIED');
  });

  it('loopback and private ones are not among them', async () => {
    const receiver = await startReceiver();
    expect(await reach('127.0.0.1', receiver.port)).toBe('delivered');
    expect(await reach('localhost', receiver.port)).toBe('delivered');
    const egress = new Egress();
    for (const address of [
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      'fc00::1',
      '::1',
      '8.8.8.8',
    ])
      expect({ address, allows: egress.allows(address) }).toEqual({ address, allows: true });
  });
});

describe('a range that is denied', () => {
  it.each(loopback)('http://%s is not reached where loopback is denied', async (host) => {
    const receiver = await startReceiver();
    expect(await reach(host, receiver.port, { deny: ['loopback', '0.0.0.0/8'] })).toBe('EGRESS_DENIED');
    expect(receiver.connections).toBe(0);
  });

  it('is denied to names that come to it, at the moment of the connection', async () => {
    const receiver = await startReceiver();
    answerNames({
      'rebound.test': ['127.0.0.1'],
      'mapped.test': ['::ffff:127.0.0.1'],
      'scoped.test': ['fe80::1%eth0'],
      'both.test': ['169.254.169.254', '127.0.0.1'],
      '169.254.169.254.name.test': ['169.254.169.254'],
    });
    const deny = { deny: ['loopback'] };
    expect(await reach('rebound.test', receiver.port, deny)).toBe('EGRESS_DENIED');
    expect(await reach('rebound.test.', receiver.port, deny)).toBe('ENOTFOUND');
    expect(await reach('mapped.test', receiver.port, deny)).toBe('EGRESS_DENIED');
    expect(await reach('both.test', receiver.port, deny)).toBe('EGRESS_DENIED');
    expect(await reach('scoped.test', receiver.port)).toBe('EGRESS_DENIED');
    expect(await reach('169.254.169.254.name.test', receiver.port)).toBe('EGRESS_DENIED');
    expect(receiver.connections).toBe(0);
    // Of several addresses those are used that may be.
    expect(await reach('both.test', receiver.port)).toBe('delivered');
  });

  it('is denied after a name came to an address that is allowed', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200, { connection: 'close' }).end();
    });
    const { transport, logger, report } = createTestTransport(
      [quickTarget(`http://rebinding.test:${receiver.port}/`, { retry_timeout: '1h' })],
      { egress: { deny: ['127.0.0.2/32'] } },
    );
    answerNames({ 'rebinding.test': ['127.0.0.1'] });
    logger.error('one');
    await transport.flush();
    answerNames({ 'rebinding.test': ['127.0.0.2'] });
    logger.error('two');
    expect((await report('targetDown')).error.code).toBe('EGRESS_DENIED');
    expect(receiver.names()).toEqual(['one']);
    expect(receiver.connections).toBe(1);
  });

  it('is a wrong configuration: the target is down at once, and its events are kept', async () => {
    const receiver = await startReceiver();
    const { transport, logger, report, reports } = createTestTransport(
      [quickTarget(receiver.address, { retry_timeout: '1h' })],
      { egress: { deny: ['loopback'] } },
    );
    logger.error('one');
    const { error } = await report('targetDown');
    expect(error).toEqual({
      code: 'EGRESS_DENIED',
      message: 'connections to 127.0.0.1 are not allowed here',
    });
    expect(statusOf(transport)).toMatchObject({ state: 'down', attempts: 1, pending: { events: 1 } });
    expect(reports.filter(({ type }) => type === 'batchRetried')).toEqual([]);
    expect(receiver.connections).toBe(0);
  });
});

describe('what is allowed and what is denied', () => {
  const rules: [EgressOptions, string, boolean][] = [
    [{ allow: ['169.254.169.254'] }, '169.254.169.254', true],
    [{ allow: ['169.254.169.254'] }, '::ffff:169.254.169.254', true],
    [{ allow: ['169.254.169.254'] }, '169.254.169.253', false],
    [{ allow: ['link-local'] }, 'fe80::1', true],
    [{ allow: ['metadata'] }, 'fd00:ec2::254', true],
    [{ allow: ['metadata'] }, '169.254.1.1', false],
    [{ allow: ['private'] }, '100.100.100.200', false],
    [{ allow: ['private'] }, 'fd00:ec2::254', false],
    [{ deny: ['private'] }, '10.1.2.3', false],
    [{ deny: ['private'] }, '172.31.255.255', false],
    [{ deny: ['private'] }, '172.32.0.0', true],
    [{ deny: ['private'] }, '192.168.0.1', false],
    [{ deny: ['private'] }, 'fd12::1', false],
    [{ deny: ['private'] }, '2002:c0a8:1::', false],
    [{ deny: ['private'] }, '127.0.0.1', true],
    [{ deny: ['private'], allow: ['10.1.2.0/24'] }, '10.1.2.3', true],
    [{ deny: ['private'], allow: ['10.1.2.0/24'] }, '10.1.3.3', false],
    [{ deny: ['10.1.2.3'], allow: ['10.0.0.0/8'] }, '10.1.2.3', false],
    [{ deny: ['0.0.0.0/0', '::/0'], allow: ['192.0.2.0/24'] }, '192.0.2.1', true],
    [{ deny: ['0.0.0.0/0', '::/0'], allow: ['192.0.2.0/24'] }, '::ffff:192.0.2.1', true],
    [{ deny: ['0.0.0.0/0', '::/0'], allow: ['192.0.2.0/24'] }, '8.8.8.8', false],
    [{ deny: ['0.0.0.0/0', '::/0'], allow: ['192.0.2.0/24'] }, '2001:db8::1', false],
    [{ deny: ['::ffff:10.0.0.0/104'] }, '10.1.2.3', false],
    [{ deny: ['2001:db8::/32'] }, '2001:db8::1', false],
    [{}, 'receiver.test', false],
  ];

  it.each(rules)('%j: %s', (options, address, allows) => {
    expect(new Egress(options).allows(address)).toBe(allows);
  });

  it.each([
    [{ deny: ['10.0.0.0/33'] }, 'egress.deny[0]'],
    [{ deny: ['loopback', 'localhost'] }, 'egress.deny[1]'],
    [{ allow: ['10.1'] }, 'egress.allow[0]'],
    [{ allow: ['10.0.0.0/8/8'] }, 'egress.allow[0]'],
    [{ allow: [''] }, 'egress.allow[0]'],
    [{ allow: [7] }, 'egress.allow[0]'],
    [{ allow: ['constructor'] }, 'egress.allow[0]'],
    [{ allow: 'private' }, 'egress.allow'],
    [{ denied: [] }, 'egress.denied'],
    ['private', 'egress'],
  ])('%j is a TypeError that names %s', (egress, name) => {
    const create = () => new EventTransport({ egress: egress as never });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`\`${name}\``);
  });
});
