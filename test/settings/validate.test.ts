import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { SettingsError } from '../../src/index.js';
import { problemsOf as problemsOfSettings, validateTargets } from '../../src/settings/validate.js';
import { type Certificate, createCertificate } from '../helpers/certificates.js';
import { cpuMs } from '../helpers/cpu-time.js';

const valid = { name: 'siem', address: 'https://siem.example.com/1.0/log' };
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

let own: Certificate;
let other: Certificate;

beforeAll(async () => {
  [own, other] = await Promise.all([createCertificate(), createCertificate()]);
});

function problemsOf(...targets: unknown[]) {
  try {
    validateTargets(targets);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('a log target', () => {
  const defaults = {
    ...valid,
    type: 'webhook',
    level: 'WARN',
    username: '',
    password: '',
    ca_cert: '',
    retry_count: 3,
    retry_timeout: '10s',
    scopes: ['lifecycle', 'logging'],
    enabled: true,
    concurrency: 1,
    lifecycle_actions: [],
    lifecycle_projects: [],
    event_format: 'migration-manager',
    format_options: {},
    body_format: 'array',
    batch_size: 5000,
    batch_bytes: 1048576,
    batch_wait: '200ms',
    timeout: '15s',
    compression: 'none',
    headers: {},
    bearer_token: '',
    signing_secrets: [],
    client_cert: '',
    client_key: '',
    tls_min_version: 'TLSv1.2',
    auth_scheme: 'Bearer',
    proxy: '',
    proxy_username: '',
    proxy_password: '',
    password_file: '',
    bearer_token_file: '',
    client_key_file: '',
    signing_secrets_file: '',
  };

  it('has the documented defaults', () => {
    expect(validateTargets([valid])).toEqual([defaults]);
  });

  it.each([null, '', 0, [], undefined])('takes %j for the default, at every optional key', (empty) => {
    const keys = Object.keys(defaults).filter((key) => key !== 'name' && key !== 'address');
    const given = { ...valid, ...Object.fromEntries(keys.map((key) => [key, empty])) };
    expect(validateTargets([given])).toEqual([defaults]);
  });

  it("takes what Migration Manager's command line sends", () => {
    const given = {
      ...valid,
      type: 'webhook',
      level: 'warn',
      username: '',
      password: '',
      ca_cert: '',
      retry_count: 0,
      retry_timeout: '0s',
      scopes: null,
    };
    expect(validateTargets([given])).toEqual([defaults]);
  });

  it('is complete and canonical: validating it again changes nothing', () => {
    const [complete] = validateTargets([
      {
        ...valid,
        level: 'debug',
        retry_timeout: '90s',
        batch_wait: '0s',
        timeout: '1500ms',
        headers: { 'X-A': 'b' },
        signing_secrets: [secret],
        lifecycle_actions: ['instance-*'],
        client_cert: own.cert,
        client_key: own.key,
        ca_cert: own.cert + other.cert,
      },
    ]);
    expect(complete).toMatchObject({
      level: 'DEBUG',
      retry_timeout: '1m30s',
      batch_wait: '0s',
      timeout: '1.5s',
    });
    expect(validateTargets([complete])).toEqual([complete]);
  });

  it.each<[string, unknown, string]>([
    ['name', undefined, 'nothing'],
    ['name', 'a b', 'a b'],
    ['name', '-a', 'ASCII letter or digit'],
    ['name', 'ä', 'ASCII letter'],
    ['name', '日本', 'ASCII letter'],
    ['name', 'a/b', 'a/b'],
    ['name', 'a$b', 'a$b'],
    ['name', 'ä'.repeat(33), '64 bytes'],
    ['type', 'syslog', '`webhook`'],
    ['level', 'LOUD', '`DEBUG`, `INFO`, `WARN`, `ERROR`'],
    ['level', 5, '`5`'],
    ['address', undefined, 'nothing'],
    ['address', 'siem.example.com', 'siem.example.com'],
    ['address', 'ftp://x/', 'ftp://x/'],
    ['address', 'https://', 'https://'],
    ['username', 'a:b', 'a string that is not shown'],
    ['password', 5, 'a number that is not shown'],
    ['ca_cert', 'no certificate', 'PEM'],
    ['ca_cert', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'PEM'],
    ['retry_count', -1, '`-1`'],
    ['retry_count', 1.5, '`1.5`'],
    ['retry_count', '3', '`3`'],
    ['retry_timeout', '10', 'missing unit'],
    ['retry_timeout', '-1s', 'negative'],
    ['retry_timeout', 10, '`10`'],
    ['scopes', 'logging', 'a string'],
    ['scopes', {}, 'an object'],
    ['enabled', 'yes', '`yes`'],
    ['concurrency', 1000, 'from 1 to 256'],
    ['event_format', 'xml', '`migration-manager`'],
    ['body_format', 'xml', '`ndjson`'],
    ['batch_size', -5, '`-5`'],
    ['batch_bytes', 100, 'from 256'],
    ['batch_wait', 'soon', 'Go duration'],
    ['timeout', true, '`true`'],
    ['compression', 'br', '`gzip`'],
    ['headers', 'x: y', 'not shown'],
    ['bearer_token', 'a\nb', 'a string that is not shown'],
    ['client_key', 'no key', 'passphrase'],
    ['tls_min_version', 'TLSv1.1', '`TLSv1.3`'],
  ])('with a wrong %s is refused: %j', (key, value, shown) => {
    const [problem, ...rest] = problemsOf({ ...valid, [key]: value }).filter(({ path }) =>
      path.endsWith(`.${key}`),
    );
    expect(rest).toEqual([]);
    expect(problem?.path).toBe(`log_targets[0].${key}`);
    expect(problem?.message).toContain(`Expected \`${key}\` to be `);
    expect(problem?.message).toContain(shown);
  });

  it.each<[string, unknown]>([
    ['log_targets[0].scopes[1]', { scopes: ['logging', 'all'] }],
    ['log_targets[0].signing_secrets[0]', { signing_secrets: ['whsec_short'] }],
    ['log_targets[0].signing_secrets[1]', { signing_secrets: [secret, secret.slice(6)] }],
    ['log_targets[0].headers.Authorization', { headers: { Authorization: 'x' } }],
    ['log_targets[0].headers.content-type', { headers: { 'content-type': 'x' } }],
    ['log_targets[0].headers.webhook-id', { headers: { 'webhook-id': 'x' } }],
    ['log_targets[0].headers.a b', { headers: { 'a b': 'x' } }],
    ['log_targets[0].headers.x-a', { headers: { 'x-a': 'a\r\nb' } }],
    ['log_targets[0].headers.x-a', { headers: { 'x-a': 5 } }],
    ['log_targets[0].format_options.foo', { format_options: { foo: 1 } }],
    ['log_targets[0].lifecycle_actions[0]', { lifecycle_actions: [''] }],
    ['log_targets[0].lifecycle_actions[1]', { lifecycle_actions: ['instance-*', '!instance-deleted'] }],
    ['log_targets[0].lifecycle_projects[0]', { lifecycle_projects: [''] }],
    ['log_targets[0].retry_cuont', { retry_cuont: 3 }],
    ['log_targets[0].bearer_token', { bearer_token: 't', username: 'u' }],
    ['log_targets[0].bearer_token', { bearer_token: 't', password: 'p' }],
  ])('has its problem at %s', (path, extra) => {
    expect(problemsOf({ ...valid, ...(extra as object) }).map((problem) => problem.path)).toEqual([path]);
  });

  it('needs client_cert and client_key together, and matching', () => {
    expect(problemsOf({ ...valid, client_cert: own.cert })[0]?.path).toBe('log_targets[0].client_key');
    expect(problemsOf({ ...valid, client_key: own.key })[0]?.path).toBe('log_targets[0].client_cert');
    expect(problemsOf({ ...valid, client_cert: own.cert, client_key: other.key })[0]?.path).toBe(
      'log_targets[0].client_key',
    );
  });

  it.each([undefined, null, 5, 'https://u:s3cret@x/', [], true])(
    'that is %j is refused as a whole',
    (target) => {
      const [problem] = problemsOf(valid, target);
      expect(problem?.path).toMatch(/^log_targets\[1\]/);
      expect(problem?.message).not.toContain('s3cret');
    },
  );
});

describe('a list of log targets', () => {
  it('has all problems of all targets reported together, in one line', () => {
    const error = (() => {
      try {
        return validateTargets([
          { ...valid, retry_count: -1, level: 'LOUD' },
          { ...valid, address: 'x', bearer_token: 't', username: 'u' },
        ]);
      } catch (thrown) {
        return thrown as SettingsError;
      }
    })() as SettingsError;
    expect(error.problems.map(({ path }) => path).sort()).toEqual([
      'log_targets[0].level',
      'log_targets[0].retry_count',
      'log_targets[1].address',
      'log_targets[1].bearer_token',
      'log_targets[1].name',
    ]);
    for (const { path } of error.problems) expect(error.message).toContain(path.replace('log_', ''));
    expect(error.message).toContain('targets[0].retry_count (`siem`): Expected `retry_count` to be');
    expect(error.message).not.toContain('log_targets');
    expect(error.message).not.toContain('\n');
    expect(error.code).toBe('SETTINGS_INVALID');
  });

  it.each([undefined, null, {}, 'targets', 5])('that is %j is refused', (given) => {
    expect(() => validateTargets(given)).toThrow(SettingsError);
  });

  it('shows no secret in any message', () => {
    const canary = 'c4n4ry';
    const problems = problemsOf(
      {
        ...valid,
        password: [canary],
        bearer_token: `${canary}\n`,
        client_key: canary,
        signing_secrets: [canary],
      },
      {
        ...valid,
        name: 'b',
        address: `https://u:${canary}@h/`,
        headers: { 'x-a': `${canary}\n` },
        pasword: canary,
      },
      {
        ...valid,
        name: 'c',
        address: `u:${canary}/@h:99999`,
        signing_secrets: { [canary]: 1 },
        username: 'u',
        bearer_token: canary,
      },
      { ...valid, name: 'd', address: `ftp://h/?token=${canary}` },
      {
        ...valid,
        name: 'e',
        ca_cert: `-----BEGIN PRIVATE KEY-----${canary}`,
        client_cert: canary,
        client_key: canary,
      },
    );
    expect(problems.length).toBeGreaterThan(9);
    expect(JSON.stringify(problems)).not.toContain(canary);
  });
});

it.each([
  ['bearerToken', 'bearer_token'],
  ['retry_cuont', 'retry_count'],
  ['adress', 'address'],
  ['URL', undefined],
  ['format', undefined],
])('the unknown key %s is told with what was meant: %s', (key, meant) => {
  const [problem] = problemsOf({ ...valid, [key]: 'x' });
  expect(problem?.path).toBe(`log_targets[0].${key}`);
  if (meant === undefined) expect(problem?.message).not.toContain('did you mean');
  else expect(problem?.message).toContain(`did you mean \`${meant}\`?`);
  expect(problemsOfSettings({ logLevel: 'INFO' })[0]?.message).toContain('did you mean `log_level`?');
});

it.each<[string, object, string]>([
  ['name', { name: 'si\u0007em' }, 'U+0007'],
  ['address', { address: 'https://siem.example.com/\r\n' }, 'U+000D'],
  ['headers.x-a', { headers: { 'x-a': 'a\nb' } }, 'U+000A'],
  ['bearer_token', { bearer_token: 'c4n4ry\n' }, 'U+000A'],
])('a control character in %s is named as the reason', (path, extra, name) => {
  const [problem] = problemsOf({ ...valid, ...extra });
  expect(problem?.path).toBe(`log_targets[0].${path}`);
  expect(problem?.message).toContain(`which has the control character ${name}`);
  expect(problem?.message).not.toContain('c4n4ry');
});

it.each<[string, unknown]>([
  ['many targets of the wrong kind', Array(160_000).fill(0)],
  ['many targets of one name', Array(1000).fill(valid)],
  ['text where a list belongs', '[{"password":"c4n4ry"}]'],
])('%s are refused quickly, in few words', (_what, targets) => {
  let problems: ReturnType<typeof problemsOfSettings> = [];
  const ms = cpuMs(() => {
    problems = problemsOfSettings({ log_targets: targets });
  });
  expect(ms).toBeLessThan(2000);
  const error = new SettingsError(problems);
  expect(error.message.length).toBeLessThan(20_000);
  expect(error.message).not.toContain('c4n4ry');
});

it('a key that may be anything is not shown', () => {
  const body = '{"log_targets":[{"password":"c4n4ry"}]}';
  expect(JSON.stringify(problemsOfSettings({ [body]: '' }))).not.toContain('c4n4ry');
});

it('any JSON value at all gives targets, which validate to themselves, or a SettingsError', () => {
  const keys = Object.keys(validateTargets([valid])[0] ?? {});
  const wild = fc.record(
    Object.fromEntries(
      keys.map((key) => [key, fc.oneof(fc.jsonValue(), fc.constantFrom('', 0, null, [], '10s', 'debug'))]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.array(wild, { maxLength: 3 })), (given) => {
      try {
        const targets = validateTargets(given);
        expect(validateTargets(targets)).toEqual(targets);
      } catch (error) {
        expect(error).toBeInstanceOf(SettingsError);
        expect((error as SettingsError).problems.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
});

it.each(['http://unix/log', 'https://UNIX/log', 'http://unix:8080/var/run/docker.sock:/containers'])(
  'the host of %s is that of sockets, and refused with a word',
  (address) => {
    expect(() => validateTargets([{ name: 'a', address }])).toThrow(/a host other than `unix`/);
  },
);

it.each(['http://unix.example.com/', 'http://unix./', 'http://unix2/'])('that of %s is not', (address) => {
  expect(validateTargets([{ name: 'a', address }])).toMatchObject([{ address }]);
});
