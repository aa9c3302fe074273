import { afterEach, expect, test } from 'vitest';
import { okta } from '#connectors/issuers/okta.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { type FakeOkta, fakeOkta } from '../worlds/okta.ts';

const fakes: FakeOkta[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = okta as Required<typeof okta>;
const chosen = new Plaintext('c'.repeat(64));
const wish = { rotationId: 'rotation-1', chosen };
const PATH = '/api/v1/apps/0oaOrders/credentials/secrets';

async function org(place: object = {}) {
  const fake = await fakeOkta();
  fakes.push(fake);
  const config = okta.config.parse({ address: fake.url, apiToken: fake.apiToken });
  const call = callWith(config, okta.place.parse({ appId: '0oaOrders', ...place }));
  const orders = fake.apps.get('0oaOrders');
  const first = orders?.secrets[0];
  if (orders === undefined || first === undefined) throw new Error('the fake has no application');
  return { fake, call, orders, first, old: { clientSecret: new Plaintext(first.value) } };
}

test('check names the permission that the role of the token lacks', async () => {
  const { call, fake } = await org();
  fake.roles = ['READ_ONLY_ADMIN', 'ORG_ADMIN'];
  const error = await failure(() => okta.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('READ_ONLY_ADMIN, ORG_ADMIN only');
  expect(error.message).toContain('okta.apps.manage');
});

test.each([[['CUSTOM']], [['READ_ONLY_ADMIN', 'SUPER_ADMIN']], [null]])(
  'check passes with the roles %j, of which it cannot say that they lack it',
  async (roles) => {
    const { call, fake } = await org();
    fake.roles = roles;
    await okta.check(call);
    expect(fake.seen.every((one) => one.startsWith('GET '))).toBe(true);
  },
);

test('check compares the client ID and the way to sign in', async () => {
  const other = await org({ clientId: 'another' });
  expect((await failure(() => okta.check(other.call))).message).toContain(
    '0oaOrders at Okta and another here',
  );
  const { call, orders } = await org();
  orders.method = 'private_key_jwt';
  expect((await failure(() => okta.check(call))).message).toContain('private_key_jwt at Okta');
});

test('a place with a scope names a custom authorization server, because the org’s own gives no tokens for secrets', () => {
  const { error } = okta.place.safeParse({ appId: '0oa1', scope: 'orders' });
  expect(error?.issues[0]?.message).toContain('private_key_jwt');
  expect(
    okta.place.safeParse({ appId: '0oa1', scope: 'orders', authorizationServer: 'default' }).success,
  ).toBe(true);
});

test('a permission taken away meanwhile is named when a secret is added', async () => {
  const { call, fake } = await org();
  fake.mayManage = false;
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('E0000006, okta.apps.manage');
});

test.each([true, false])(
  'a secret whose answer was lost is found again and none is added (lists show values: %s)',
  async (showsValues) => {
    const { call, fake, orders, old } = await org();
    fake.showsValues = showsValues;
    fake.trouble = ({ method, path }) => (method === 'POST' && path === PATH ? 'cut_after' : undefined);
    expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
    expect(orders.secrets).toHaveLength(2);
    fake.trouble = () => undefined;
    const issued = await connector.issue(call, wish);
    expect(issued.externalId).toBe(orders.secrets[1]?.id);
    expect(orders.secrets).toHaveLength(2);
    expect(await okta.verify(call, issued.fields)).toBe('accepted');
    expect(await okta.verify(call, old)).toBe('accepted');
  },
);

test('a lost secret that is not accepted everywhere yet is no conflict, and is found a moment later', async () => {
  const { call, fake, orders } = await org();
  fake.trouble = ({ method, path }) => (method === 'POST' && path === PATH ? 'cut_after' : undefined);
  await failure(() => connector.issue(call, wish));
  for (const secret of orders.secrets.slice(1)) secret.created = new Date().toISOString();
  fake.trouble = ({ path }) =>
    path.endsWith('/introspect') ? [401, { error: 'invalid_client' }] : undefined;
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'later', because: undefined, retryAfterSeconds: 10 });
  fake.trouble = () => undefined;
  expect((await connector.issue(call, wish)).externalId).toBe(orders.secrets[1]?.id);
});

test.each([true, false])(
  'two other secrets are a conflict that names them, the inactive one too (lists show values: %s)',
  async (showsValues) => {
    const { call, fake, orders, first } = await org();
    fake.showsValues = showsValues;
    orders.secrets.push({ ...first, id: 'ocsByHand', value: 'by hand', status: 'INACTIVE' });
    const error = await failure(() => connector.issue(call, wish));
    expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
    expect(error.message).toContain(`${first.id}, ocsByHand (inactive) are there`);
    expect(fake.seen).not.toContain(`POST ${PATH}`);
  },
);

test('a slot taken between looking and adding is the same conflict', async () => {
  const { call, fake, orders, first } = await org();
  fake.trouble = ({ method, path }) => {
    if (method === 'POST' && path === PATH)
      orders.secrets.push({ ...first, id: 'ocsByHand', value: 'by hand' });
    return undefined;
  };
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`${first.id}, ocsByHand are there`);
});

test('our secret that was deactivated meanwhile is activated again', async () => {
  const { call, fake, orders } = await org();
  fake.showsValues = true;
  await connector.issue(call, wish);
  const ours = orders.secrets[1];
  if (ours) ours.status = 'INACTIVE';
  const again = await connector.issue(call, wish);
  expect(await okta.verify(call, again.fields)).toBe('accepted');
});

test('the older call that ends the secret in use is never made', async () => {
  const { call, fake, first } = await org();
  await connector.issue(call, wish);
  await connector.revoke(call, first.id);
  expect(fake.seen.filter((one) => one.includes('newSecret') || one.includes('/oauth2/v1/clients'))).toEqual(
    [],
  );
  expect(fake.seen.filter((one) => !one.startsWith('GET '))).toEqual([
    `POST ${PATH}`,
    `POST ${PATH}/${first.id}/lifecycle/deactivate`,
    `DELETE ${PATH}/${first.id}`,
  ]);
});

test('the only active secret is not revoked', async () => {
  const { call, orders, first, old } = await org();
  orders.secrets.push({ ...first, id: 'ocsByHand', value: 'by hand', status: 'INACTIVE' });
  expect(await failure(() => connector.revoke(call, first.id))).toMatchObject({
    retry: 'never',
    because: 'conflict',
  });
  expect(await okta.verify(call, old)).toBe('accepted');
});

test('a revocation cut after the deactivation is finished by the next one', async () => {
  const { call, fake, orders, first } = await org();
  await connector.issue(call, wish);
  fake.trouble = ({ method }) => (method === 'DELETE' ? 'cut' : undefined);
  expect((await failure(() => connector.revoke(call, first.id))).retry).toBe('later');
  expect(first.status).toBe('INACTIVE');
  fake.trouble = () => undefined;
  await connector.revoke(call, first.id);
  expect(orders.secrets.map(({ id }) => id)).not.toContain(first.id);
  expect(fake.seen.filter((one) => one.endsWith('/deactivate'))).toHaveLength(1);
});

test('only a secret missing from the list counts as revoked: a missing application does not', async () => {
  const { call } = await org();
  await connector.revoke(call, 'ocsNeverWas');
  const nowhere = { ...call, place: { ...call.place, appId: '0oaNobody' } };
  expect((await failure(() => connector.revoke(nowhere, 'ocsNeverWas'))).retry).toBe('never');
});

test('other applications stay as they were', async () => {
  const { call, fake, first } = await org();
  const before = JSON.stringify(fake.apps.get('0oaBilling'));
  await connector.issue(call, wish);
  await connector.revoke(call, first.id);
  expect(JSON.stringify(fake.apps.get('0oaBilling'))).toBe(before);
});

test('a rate limit is later, at the moment that its own header names', async () => {
  const { call, fake } = await org();
  const reset = String(Math.floor(Date.now() / 1000) + 40);
  fake.trouble = () => [429, { errorCode: 'E0000047' }, { 'x-rate-limit-reset': reset }];
  for (const act of [() => connector.listSecrets(call), () => okta.verify(call, { clientSecret: chosen })]) {
    const error = await failure(act);
    expect(error.retry).toBe('later');
    expect(error.retryAfterSeconds).toBeGreaterThan(35);
  }
});

test('a body of another form names the field', async () => {
  const { call, fake } = await org();
  fake.trouble = () => [200, [{ id: 'ocs1', created: '2026-01-01T00:00:00.000Z' }]];
  const error = await failure(() => connector.listSecrets(call));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('has no field `0.status`');
});

test.each([
  { auth: 'post' },
  { authorizationServer: 'default' },
  { authorizationServer: 'default', scope: 'orders', auth: 'post' },
])('a secret is proven with %j', async (place) => {
  const { call, fake, old } = await org(place);
  expect(await okta.verify(call, old)).toBe('accepted');
  expect(await okta.verify(call, { clientSecret: chosen })).toBe('rejected');
  const server = place.authorizationServer ? '/oauth2/default' : '/oauth2';
  expect(fake.seen[0]).toBe(`POST ${server}/v1/${place.scope ? 'token' : 'introspect'}`);
});

test('browse lists the applications as places', async () => {
  const { call } = await org();
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ place, label }) => ({ ...place, label }))).toEqual([
    { appId: '0oaOrders', label: 'orders' },
    { appId: '0oaBilling', label: 'billing' },
  ]);
});
