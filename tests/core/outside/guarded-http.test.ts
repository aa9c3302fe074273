import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { tlsFields, tlsOf } from '#connectors/tls.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { httpWith, outside } from '#core/outside/guarded-http.ts';
import { certificate, privateKey } from '../../fakes/loopback-tls.ts';

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const config = z.object(tlsFields);

beforeAll(() => {
  Object.assign(process.env, {
    DATABASE_URL: 'postgresql://rekey_app:sample@127.0.0.1:1/none',
    REKEY_URL: 'http://localhost:3000',
    REKEY_MASTER_KEYS: `m1:${key(1)}`,
    REKEY_FINGERPRINT_KEY: key(2),
    REKEY_SESSION_KEY: key(3),
    REKEY_TOKEN_KEY: key(5),
    REKEY_AUDIT_KEY: key(4),
  });
});
afterAll(() => outside().http.close());

test('a system without TLS settings of its own is reached by the shared client', () => {
  expect(tlsOf(config.parse({}))).toBeNull();
  expect(httpWith(tlsOf(config.parse({})))).toBe(outside().http);
});

test('each set of TLS settings has one client, which no other set shares', () => {
  const plain = tlsOf(config.parse({ ca: certificate }));
  const shown = tlsOf(
    config.parse({ ca: certificate, clientCertificate: certificate, clientKey: privateKey }),
  );
  expect(httpWith(plain)).toBe(httpWith(tlsOf(config.parse({ ca: certificate }))));
  expect(httpWith(plain)).not.toBe(outside().http);
  expect(httpWith(shown)).not.toBe(httpWith(plain));
});

test('TLS settings are pasted as lines, the key write-only, and what is no PEM is refused', () => {
  const form = drawForm(config);
  expect(form.every(({ rare }) => rare)).toBe(true);
  const types = Object.fromEntries(form.map(({ name, type }) => [name, type]));
  expect(types).toEqual({ ca: 'lines', clientCertificate: 'lines', clientKey: 'secret' });
  expect(config.safeParse({ ca: 'not a certificate' }).success).toBe(false);
});

test('a key whose line ends were lost in a field of one line is whole again', () => {
  for (const end of ['', ' ', '\r\n']) {
    const pasted = privateKey.replaceAll('\n', end);
    expect(config.parse({ clientKey: pasted }).clientKey?.expose().trim()).toBe(privateKey);
  }
  expect(config.safeParse({ clientKey: 'no key' }).success).toBe(false);
});

test('the key is found behind its parameters; a certificate or an encrypted key in its place is refused', () => {
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  expect(
    config
      .parse({ clientKey: `${parameters}${privateKey}` })
      .clientKey?.expose()
      .trim(),
  ).toBe(privateKey);
  const encrypted = privateKey.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY');
  const legacy = privateKey.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n');
  for (const wrong of [certificate, encrypted, legacy]) {
    expect(config.safeParse({ clientKey: wrong }).success).toBe(false);
  }
});
