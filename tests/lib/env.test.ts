import { expect, test } from 'vitest';
import { EnvError, parseEnv } from '#lib/env.ts';

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

const complete = {
  DATABASE_URL: 'postgresql://rekey_app:pw@127.0.0.1:5432/rekey',
  REKEY_URL: 'https://rekey.example.com',
  REKEY_MASTER_KEYS: `m2:${key(2)},m1:${key(1)}`,
  REKEY_FINGERPRINT_KEY: key(3),
  REKEY_SESSION_KEY: key(4),
  REKEY_TOKEN_KEY: key(5),
  REKEY_AUDIT_KEY: key(5),
};

function refusal(source: Record<string, string | undefined>): string {
  try {
    parseEnv(source);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvError);
    return String(error);
  }
  throw new Error('The environment was accepted.');
}

test('a complete environment is read, with defaults for what has a safe one', () => {
  const env = parseEnv(complete);
  expect(env.REKEY_URL.origin).toBe('https://rekey.example.com');
  expect(env.PORT).toBe(3000);
  expect(env.REKEY_BIND).toBe('127.0.0.1');
  expect(env.REKEY_LOG_LEVEL).toBe('info');
  expect(env.REKEY_ALLOW_HOSTS).toEqual([]);
  expect(env.REKEY_FILE_ROOTS).toEqual([]);
  expect(env.REDIS_URL).toBeUndefined();
});

test('master keys keep the order they are written in, so the first one seals', () => {
  const keys = parseEnv(complete).REKEY_MASTER_KEYS;
  expect([...keys.keys()]).toEqual(['m2', 'm1']);
  expect(keys.get('m1')).toEqual(Buffer.alloc(32, 1));
});

test('an empty environment is refused once, and every value it needs is named', () => {
  const said = refusal({});
  for (const name of Object.keys(complete)) {
    expect(said).toContain(name);
  }
  expect(said).toContain('DATABASE_URL is not set');
});

test.each(Object.keys(complete))('no fallback stands in for a missing or empty %s', (name) => {
  expect(refusal({ ...complete, [name]: undefined })).toContain(name);
  expect(refusal({ ...complete, [name]: '' })).toContain(name);
});

test.each([
  ['REKEY_FINGERPRINT_KEY', Buffer.alloc(31, 1).toString('base64')],
  ['REKEY_SESSION_KEY', 'a-password-that-somebody-typed'],
  ['REKEY_SESSION_KEY', Buffer.alloc(33, 1).toString('base64')],
  ['REKEY_MASTER_KEYS', `m1:${Buffer.alloc(16, 1).toString('base64')}`],
  ['REKEY_MASTER_KEYS', key(1)],
  ['REKEY_MASTER_KEYS', `M 1:${key(1)}`],
  ['REKEY_MASTER_KEYS', `m1:${key(1)},m2:short-key`],
  ['REKEY_MASTER_KEYS', `m1:${key(1)},m1:${key(2)}`],
  ['REKEY_MASTER_KEYS', ','],
])('a weak or malformed %s is refused by name and its value is not repeated', (name, value) => {
  const said = refusal({ ...complete, [name]: value });
  expect(said).toContain(`${name}: `);
  if (value.length > 1) {
    expect(said).not.toContain(value);
  }
});

test.each([
  ['DATABASE_URL', 'mysql://root:canary-pw@db/rekey'],
  ['REKEY_MIGRATION_URL', 'canary-pw'],
  ['REDIS_URL', 'http://:canary-pw@redis'],
  ['REKEY_AUDIT_WEBHOOK', 'ftp://canary-pw@witness'],
  ['REKEY_AUDIT_STORE_ACCESS', 'canary-pw'],
  ['REKEY_AUDIT_STREAM', 'syslog://canary-pw'],
  ['REKEY_AUDIT_STREAM', 'https://user:canary-pw@siem'],
  ['REKEY_AUDIT_STREAM', 'https://siem/canary-pw,https://siem:443/other'],
  ['REKEY_AUDIT_STREAM_CA', '/nowhere/canary-pw'],
  ['REKEY_URL', 'not an address'],
  ['REKEY_URL', 'javascript:alert(1)'],
  ['PORT', '70000'],
  ['PORT', 'http'],
  ['REKEY_BIND', 'everywhere.example'],
  ['REKEY_LOG_LEVEL', 'loud'],
])('%s=%s is refused by name and its value is not repeated', (name, value) => {
  const said = refusal({ ...complete, [name]: value });
  expect(said).toContain(name);
  expect(said).not.toContain(value);
  expect(said).not.toContain('canary-pw');
});

test('lists are split at commas, and folders become whole paths', () => {
  const env = parseEnv({
    ...complete,
    REKEY_ALLOW_HOSTS: ' 127.0.0.1:4600 , 10.0.0.0/8,,',
    REKEY_FILE_ROOTS: '/srv/a/../b,relative',
  });
  expect(env.REKEY_ALLOW_HOSTS).toEqual(['127.0.0.1:4600', '10.0.0.0/8']);
  expect(env.REKEY_FILE_ROOTS).toEqual(['/srv/b', `${process.cwd()}/relative`]);
});
