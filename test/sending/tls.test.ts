/** TLS against real HTTPS servers: whom a target trusts, and how a refusal reads. */

import { once } from 'node:events';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Certificate, createCa, createCertificate } from '../helpers/certificates.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

let ca: Certificate;
let otherCa: Certificate;
let server: Certificate;

beforeAll(async () => {
  [ca, otherCa] = await Promise.all([createCa(), createCa('Other CA')]);
  server = await createCertificate({ ca });
});

/** Logs one event to an HTTPS server with `certificate`; the code of the error, or `delivered`. */
async function deliverTo(certificate: Certificate, ca_cert: string, settings = {}): Promise<string> {
  const receiver = await startReceiver(200, certificate);
  const target = quickTarget(receiver.address, { ca_cert, retry_count: 1, retry_timeout: '1h', ...settings });
  const { transport, logger, report } = createTestTransport([target]);
  logger.error('one');
  const outcome = await Promise.race([
    report('batchDelivered').then(() => 'delivered'),
    report('targetDown').then((down) => down.error.code),
  ]);
  expect(statusOf(transport).lastError?.code ?? 'delivered').toBe(outcome);
  const ping = await transport.ping('siem');
  expect(ping.error?.code ?? 'delivered').toBe(outcome);
  return outcome;
}

it('`https:` where `http:` is spoken reads as that, on one line', async () => {
  const receiver = await startReceiver();
  const address = receiver.address.replace('http:', 'https:');
  const { transport, logger, report } = createTestTransport([
    quickTarget(address, { retry_count: 1, retry_timeout: '1h' }),
  ]);
  const warned = once(transport, 'warn');
  logger.error('one');
  expect((await report('targetDown')).error).toEqual({
    code: 'EPROTO',
    message: expect.stringMatching(/^TLS failed: [\w ]+$/),
  });
  const [warning] = await warned;
  expect(warning.message).toMatch(/ Check `http:` or `https:` in its `address`[^\n]*$/);
});

describe('ca_cert', () => {
  it('makes a server trusted that its CA signed', async () => {
    expect(await deliverTo(server, ca.cert)).toBe('delivered');
  });

  it('may hold several certificates and text between them', async () => {
    expect(await deliverTo(server, `other\n${otherCa.cert}\nours\n${ca.cert}\n`)).toBe('delivered');
  });

  it('refuses a server that another CA signed', async () => {
    expect(await deliverTo(server, otherCa.cert)).toBe('UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
  });

  it('is needed for a CA that the system does not know', async () => {
    expect(await deliverTo(server, '')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('refuses an expired certificate', async () => {
    const expired = await createCertificate({ ca, expired: true });
    expect(await deliverTo(expired, ca.cert)).toBe('CERT_HAS_EXPIRED');
  });

  it('refuses a certificate for another host', async () => {
    const elsewhere = await createCertificate({ ca, hosts: ['elsewhere.example'] });
    expect(await deliverTo(elsewhere, ca.cert)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('a server certificate given as ca_cert', () => {
  it('is trusted when it signed itself, whatever host name it bears', async () => {
    const pinned = await createCertificate({ hosts: ['elsewhere.example'] });
    expect(await deliverTo(pinned, pinned.cert)).toBe('delivered');
  });

  it('is trusted when somebody unknown signed it, whatever host name it bears', async () => {
    const pinned = await createCertificate({ ca, hosts: ['elsewhere.example'] });
    expect(await deliverTo(pinned, pinned.cert)).toBe('delivered');
  });

  it('trusts no other certificate of the same name', async () => {
    const [pinned, impostor] = [await createCertificate(), await createCertificate()];
    expect(await deliverTo(impostor, pinned.cert)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('is refused once it has expired', async () => {
    const pinned = await createCertificate({ expired: true });
    expect(await deliverTo(pinned, pinned.cert)).toBe('CERT_HAS_EXPIRED');
  });

  it('lets no other server through whose host name does not match', async () => {
    const pinned = await createCertificate();
    const elsewhere = await createCertificate({ ca, hosts: ['elsewhere.example'] });
    expect(await deliverTo(elsewhere, `${pinned.cert}${ca.cert}`)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('mutual TLS', () => {
  it('presents client_cert', async () => {
    const client = await createCertificate({ ca, name: 'client' });
    const receiver = await startReceiver(200, {
      ...server,
      ca: ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { ca_cert: ca.cert, client_cert: client.cert, client_key: client.key }),
    ]);
    logger.error('one');
    expect((await transport.flush({ timeoutMs: 30_000 })).delivered).toBe(true);
  });

  it('is a failure that may pass when the server refuses the client', async () => {
    const receiver = await startReceiver(200, {
      ...server,
      ca: ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const { transport, logger, report } = createTestTransport([
      quickTarget(receiver.address, { ca_cert: ca.cert, retry_count: 1, retry_timeout: '1h' }),
    ]);
    logger.error('one');
    await report('targetDown');
    expect(statusOf(transport).pending.events).toBe(1);
  });
});

describe('tls_min_version', () => {
  it('refuses a server that speaks only an older version', async () => {
    const old = { ...server, maxVersion: 'TLSv1.2' as const };
    const receiver = await startReceiver(200, old);
    const target = quickTarget(receiver.address, {
      ca_cert: ca.cert,
      tls_min_version: 'TLSv1.3',
      retry_count: 1,
      retry_timeout: '1h',
    });
    const { logger, report } = createTestTransport([target]);
    logger.error('one');
    expect((await report('targetDown')).error.code).toMatch(/^(EPROTO|ERR_SSL_.*)$/);
  });
});

it('NODE_TLS_REJECT_UNAUTHORIZED turns nothing off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await deliverTo(server, otherCa.cert)).toBe('UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
  const pinned = await createCertificate({ hosts: ['elsewhere.example'] });
  expect(await deliverTo(server, pinned.cert)).toMatch(/^UNABLE_TO_/);
});
