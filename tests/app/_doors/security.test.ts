import { expect, test } from 'vitest';
import {
  BODY_LIMIT,
  contentSecurityPolicy,
  newNonce,
  refuseEarly,
  securityHeaders,
} from '#app/_doors/security.ts';

const ours = 'https://rekey.example.com';
const post = (headers: Record<string, string>, url = '/credentials') =>
  refuseEarly({ method: 'POST', url, headers }, ours);

test('scripts run with the nonce of this answer only: nothing inline, nothing evaluated, nothing from elsewhere', () => {
  const csp = contentSecurityPolicy('n1', false);
  const script = csp.split('; ').find((part) => part.startsWith('script-src'));
  expect(script).toBe(`script-src 'self' 'nonce-n1' 'strict-dynamic'`);
  for (const part of [
    `frame-ancestors 'none'`,
    `form-action 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
  ]) {
    expect(csp.split('; ')).toContain(part);
  }
});

test('a nonce has 128 random bits, as Next takes it', () => {
  expect(newNonce()).toMatch(/^[A-Za-z0-9+/]{22}==$/);
  expect(newNonce()).not.toBe(newNonce());
});

test('browsers are told to stay with https where the address is https, and only there', () => {
  expect(securityHeaders('x', true)).toHaveProperty('strict-transport-security');
  expect(securityHeaders('x', false)).not.toHaveProperty('strict-transport-security');
});

test.each(['https://evil.example', 'null', 'http://rekey.example.com', `${ours}.evil.example`])(
  'a change sent by a page of %s is refused, with a cookie or without',
  (origin) => {
    expect(post({ origin })).toMatchObject({ status: 403 });
    expect(post({ origin, cookie: 'rekey-session=x' })).toMatchObject({ status: 403 });
  },
);

test('a change that carries a cookie and does not say where it is from is refused', () => {
  expect(post({ cookie: 'rekey-session=x' })).toMatchObject({ status: 403 });
});

test('our own pages, readers and programs with a token are let through', () => {
  expect(post({ origin: ours, cookie: 'rekey-session=x' })).toBeNull();
  expect(refuseEarly({ method: 'GET', url: '/', headers: { cookie: 'x=y' } }, ours)).toBeNull();
  expect(post({ origin: 'https://tool.example' }, '/api/v1/credentials')).toBeNull();
  expect(post({}, '/oauth/token')).toBeNull();
});

test('a body that is too long, or does not say how long it is, is refused before it is read', () => {
  expect(post({ origin: ours, 'content-length': String(BODY_LIMIT) })).toBeNull();
  expect(post({ origin: ours, 'content-length': String(BODY_LIMIT + 1) })).toMatchObject({ status: 413 });
  expect(post({ origin: ours, 'transfer-encoding': 'chunked' })).toMatchObject({ status: 411 });
});
