import { expect, test } from 'vitest';
import { aBrowser } from '#tests/demo/browser.ts';
import { aScout, webUser } from '#tests/demo/world.ts';

test('a person signs in, rotates a client without an API and sees the new secret once', async () => {
  const scout = await aScout({ hasApi: false, maxLive: 1 });
  const browser = aBrowser(scout.url);
  const { clientSecret: old } = await scout.first();
  await browser.open('/app');
  const tools = await browser.submit('/app/sign-in', webUser);
  expect(tools.text).toContain('Developer Tools');
  expect(tools.text).toContain('Rotate Secret');
  expect(tools.text).toContain('immediate and cannot be reverted');
  expect(tools.text).not.toContain(old);
  const rotated = await browser.submit('/app/developer-tools/sample/rotate');
  const secret =
    /id="secret-sample" readonly autocomplete="off" value="([^"]+)"/.exec(rotated.text)?.[1] ?? '';
  expect(await scout.signsIn(secret)).toBe(true);
  expect(await scout.signsIn(old)).toBe(false);
  expect((await browser.open('/app/developer-tools')).text).not.toContain(secret);
});

test('a rotation in the web app replaces every live secret', async () => {
  const scout = await aScout({ maxLive: 2 });
  const { clientSecret: first } = await scout.first();
  const { secret: second } = await scout.issued();
  const browser = await signedIn(scout.url);
  await browser.submit('/app/developer-tools/sample/rotate');
  expect(await scout.signsIn(first)).toBe(false);
  expect(await scout.signsIn(second)).toBe(false);
  expect(await scout.list()).toHaveLength(1);
});

test('a wrong password or email signs nobody in', async () => {
  const scout = await aScout();
  const browser = aBrowser(scout.url);
  await browser.open('/app/sign-in');
  const wrongPassword = await browser.submit('/app/sign-in', { ...webUser, password: 'guess' });
  expect(wrongPassword.status).toBe(401);
  expect(wrongPassword.text).toContain('is wrong');
  expect((await browser.submit('/app/sign-in', { ...webUser, email: 'eve@example.test' })).status).toBe(401);
  expect((await browser.open('/app/developer-tools')).text).not.toContain('Rotate Secret');
});

test('a form without the right csrf token changes nothing', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  const browser = await signedIn(scout.url);
  for (const csrf of ['', 'forged']) {
    expect((await browser.submit('/app/developer-tools/sample/rotate', { csrf })).status).toBe(403);
  }
  expect(await scout.signsIn(clientSecret)).toBe(true);
});

test('a visitor who is not signed in rotates nothing, even with a csrf token of their own', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  const browser = aBrowser(scout.url);
  await browser.open('/app/sign-in');
  expect((await browser.submit('/app/developer-tools/sample/rotate')).status).toBe(403);
  expect(await scout.signsIn(clientSecret)).toBe(true);
});

test('signing in changes the session id, and signing out ends the session', async () => {
  const scout = await aScout();
  const browser = aBrowser(scout.url);
  await browser.open('/app/sign-in');
  const before = browser.cookie();
  await browser.submit('/app/sign-in', webUser);
  const during = browser.cookie();
  expect(during).not.toBe(before);
  await browser.submit('/app/sign-out');
  const replayed = await fetch(`${scout.url}/app/developer-tools`, {
    headers: { cookie: during },
    redirect: 'manual',
  });
  expect(replayed.headers.get('location')).toBe('/app/sign-in');
});

test('pages are kept by no cache, run no foreign script and sit in no frame', async () => {
  const scout = await aScout();
  const { headers } = await fetch(`${scout.url}/app/sign-in`);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict; Path=\/app$/);
});

async function signedIn(url: string) {
  const browser = aBrowser(url);
  await browser.open('/app/sign-in');
  await browser.submit('/app/sign-in', webUser);
  return browser;
}
