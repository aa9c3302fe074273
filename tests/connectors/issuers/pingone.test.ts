import { afterEach, expect, test } from 'vitest';
import { pingone } from '#connectors/issuers/pingone.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import {
  app,
  BILLING,
  type FakePingOne,
  fakePingOne,
  fault,
  ORDERS,
  pingoneEntered,
  WORKER,
} from '../worlds/pingone.ts';

const fakes: FakePingOne[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = pingone as Required<typeof pingone>;
const HOUR = 3_600_000;
const wish = (rotationId = 'rotation-1', ms = HOUR) => ({
  rotationId,
  previousEndsAt: new Date(Date.now() + ms),
});

async function environment(place: object = {}) {
  const fake = await fakePingOne();
  fakes.push(fake);
  const entered = pingoneEntered(fake);
  const config = pingone.config.parse(entered.config);
  const call = callWith(config, pingone.place.parse({ ...entered.place, ...place }));
  const orders = fake.apps.get(ORDERS);
  if (orders === undefined) throw new Error('the fake has no application');
  return { fake, call, orders, old: { clientSecret: new Plaintext(orders.secret) } };
}

const onPost = (asked: { method: string; path: string }) =>
  asked.method === 'POST' && asked.path.startsWith('/v1/');

test.each([
  ['applications:read:secret', 'check'],
  ['applications:read:application', 'check'],
  ['applications:update:secret', 'issue'],
  ['applications:delete:secret', 'revoke'],
])('a missing %s is named by %s', async (permission, act) => {
  const { call, fake, old } = await environment();
  if (act === 'revoke') await connector.issue(call, wish());
  fake.permissions = fake.permissions.filter((one) => one !== permission);
  const acts: Record<string, () => Promise<unknown>> = {
    check: () => pingone.check(call),
    issue: () => connector.issue(call, wish()),
    revoke: () => connector.revoke(call, 'secret', old),
  };
  const error = await failure(acts[act] ?? (async () => undefined));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain(`lacks the permission ${permission} here (ACCESS_FAILED)`);
});

test('check refuses a worker that would rotate itself, and an application that cannot prove its secret', async () => {
  const itself = await environment({ applicationId: WORKER });
  expect((await failure(() => pingone.check(itself.call))).message).toContain('cannot read its own secret');
  const { call, fake, orders } = await environment();
  orders.tokenEndpointAuthMethod = 'PRIVATE_KEY_JWT';
  expect((await failure(() => pingone.check(call))).message).toContain('PRIVATE_KEY_JWT at PingOne');
  orders.tokenEndpointAuthMethod = 'CLIENT_SECRET_BASIC';
  orders.grantTypes = ['AUTHORIZATION_CODE'];
  expect((await failure(() => pingone.check(call))).message).toContain('CLIENT_CREDENTIALS');
  expect(fake.seen.filter((one) => one.includes('/v1/') && !one.startsWith('GET '))).toEqual([]);
});

test('the previous secret works until the time that was set, as PingOne repeats it', async () => {
  const { call, orders, old } = await environment();
  const wished = wish();
  const issued = await connector.issue(call, wished);
  expect(issued.previousEndsAt?.toISOString()).toBe(orders.previous?.expiresAt);
  const off = Math.abs((issued.previousEndsAt?.getTime() ?? 0) - wished.previousEndsAt.getTime());
  expect(off).toBeLessThan(1_000);
  expect(await pingone.verify(call, old)).toBe('accepted');
  expect(await pingone.verify(call, issued.fields)).toBe('accepted');
});

test.each([
  ['a minute or less', 30_000],
  ['more than 30 days', 40 * 24 * HOUR],
])('an end in %s is moved to what PingOne takes', async (_words, ms) => {
  const { call, orders } = await environment();
  await connector.issue(call, wish('rotation-1', ms));
  const left = Date.parse(orders.previous?.expiresAt ?? '') - Date.now();
  expect(left).toBeGreaterThan(60_000);
  expect(left).toBeLessThan(30 * 24 * HOUR);
});

test('the secret in use is never ended by a rotation without an end', async () => {
  const { call, orders, old } = await environment();
  await connector.issue(call, { rotationId: 'rotation-1' });
  expect(Date.parse(orders.previous?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 24 * HOUR);
  expect(await pingone.verify(call, old)).toBe('accepted');
});

test('a secret whose answer was lost is found again, and the one in use stays', async () => {
  const { call, fake, orders, old } = await environment();
  fake.trouble = (asked) => (onPost(asked) ? 'cut_after' : undefined);
  expect((await failure(() => connector.issue(call, wish()))).retry).toBe('unknown');
  const made = orders.secret;
  fake.trouble = () => undefined;
  const issued = await connector.issue(call, wish('rotation-1', 2 * HOUR));
  expect(issued.fields.clientSecret?.expose()).toBe(made);
  expect(issued.previousEndsAt?.toISOString()).toBe(orders.previous?.expiresAt);
  expect(await pingone.verify(call, old)).toBe('accepted');
});

test('a previous secret of somebody else is a conflict, because issuing would end it at once', async () => {
  const { call, fake, orders, old } = await environment();
  await connector.issue(call, wish('rotation-0'));
  const error = await failure(() => connector.issue(call, wish('rotation-1')));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`works until ${orders.previous?.expiresAt}`);
  expect(fake.seen.filter((one) => one.startsWith('POST /v1/'))).toHaveLength(1);
  expect(await pingone.verify(call, old)).toBe('accepted');
});

test('a previous secret that has ended is in nobody’s way, although it is still shown', async () => {
  const { call, fake, orders } = await environment();
  await connector.issue(call, wish('rotation-0'));
  if (orders.previous) orders.previous.expiresAt = new Date(Date.now() - 1).toISOString();
  const ended = { secret: orders.secret, previous: orders.previous };
  fake.trouble = ({ method, path }) =>
    method === 'GET' && path.endsWith('/secret') ? [200, ended] : undefined;
  await connector.issue(call, wish('rotation-1'));
  expect(orders.previous?.secret).toBeDefined();
});

test('revoking ends the previous secret only where it is this version', async () => {
  const { call, orders, old } = await environment();
  const issued = await connector.issue(call, wish());
  await connector.revoke(call, 'secret#older', { clientSecret: new Plaintext('an older one') });
  expect(orders.previous).toBeDefined();
  const current = await failure(() => connector.revoke(call, issued.externalId, issued.fields));
  expect(current).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(current.message).toContain(`works until ${orders.previous?.expiresAt} only`);
  expect((await failure(() => connector.revoke(call, 'secret'))).message).toContain(
    'value of secret is not known',
  );
  await connector.revoke(call, 'secret', old);
  expect(await pingone.verify(call, old)).toBe('rejected');
  expect(await pingone.verify(call, issued.fields)).toBe('accepted');
});

test('a previous secret that is not shown is neither taken for gone nor deleted', async () => {
  const { call, fake, orders, old } = await environment();
  const expiresAt = new Date(Date.now() + HOUR).toISOString();
  fake.trouble = ({ path }) =>
    path.endsWith('/secret') ? [200, { secret: 'x', previous: { expiresAt } }] : undefined;
  expect((await failure(() => connector.revoke(call, 'secret', old))).retry).toBe('never');
  expect((await failure(() => connector.issue(call, wish()))).because).toBe('conflict');
  expect(orders.secret).toBe(old.clientSecret.expose());
});

test('a missing application is never taken for a revoked secret', async () => {
  const { call, old } = await environment();
  const nowhere = {
    ...call,
    place: { ...call.place, applicationId: '00000000-0000-4000-8000-00000000ffff' },
  };
  const error = await failure(() => connector.revoke(nowhere, 'secret', old));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('no such application');
});

test('other applications stay as they were', async () => {
  const { call, fake, old } = await environment();
  const before = JSON.stringify(fake.apps.get(BILLING));
  await connector.issue(call, wish());
  await connector.revoke(call, 'secret', old);
  expect(JSON.stringify(fake.apps.get(BILLING))).toBe(before);
});

test('a body of another form names the field', async () => {
  const { call, fake } = await environment();
  fake.trouble = (asked) => (onPost(asked) ? [200, { previous: null }] : undefined);
  const error = await failure(() => connector.issue(call, wish()));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('has no field `secret`');
});

test('an empty success where a body is documented may have taken effect', async () => {
  const { call, fake } = await environment();
  fake.trouble = (asked) => (onPost(asked) ? [204] : undefined);
  const error = await failure(() => connector.issue(call, wish()));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('answered 204 (empty), which is not documented');
});

test('throttling is later, after the seconds that are named', async () => {
  const { call, fake } = await environment();
  const [, body] = fault(429, 'REQUEST_LIMITED');
  fake.trouble = (asked) => (onPost(asked) ? [429, body, { 'retry-after': '7' }] : undefined);
  expect(await failure(() => connector.issue(call, wish()))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 7,
  });
});

test('browse lists all pages of applications that have a secret, and follows no link to another host', async () => {
  const { call, fake } = await environment();
  for (let n = 0; n < 120; n += 1) fake.apps.set(`app-${n}`, app(`app-${n}`));
  fake.apps.set('single', { ...app('single'), tokenEndpointAuthMethod: 'NONE' });
  const found = await connector.browse({ ...call, place: null });
  expect(found).toHaveLength(122);
  expect(found[0]).toMatchObject({ place: { applicationId: ORDERS, auth: 'basic' }, label: 'orders' });
});
