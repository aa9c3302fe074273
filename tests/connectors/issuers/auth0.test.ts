import { afterEach, expect, test } from 'vitest';
import { auth0 } from '#connectors/issuers/auth0.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { auth0Entered, type FakeAuth0, fakeAuth0 } from '../worlds/auth0.ts';

const fakes: FakeAuth0[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = auth0 as Required<typeof auth0>;
const chosen = new Plaintext('c'.repeat(64));
const wish = { rotationId: 'rotation-1', chosen };

async function tenant(change: { config?: object; place?: object } = {}) {
  const fake = await fakeAuth0();
  fakes.push(fake);
  const { config, place } = auth0Entered(fake);
  const call = callWith(
    auth0.config.parse({ ...config, ...change.config }),
    auth0.place.parse({ ...place, ...change.place }),
  );
  const orders = fake.clients.get('orders');
  if (orders === undefined) throw new Error('the fake has no client `orders`');
  return { fake, call, orders };
}

test.each(['read:clients', 'update:clients', 'update:client_keys', 'read:client_keys'])(
  'check names the missing scope %s',
  async (scope) => {
    const { call, fake } = await tenant();
    fake.scopes = fake.scopes.filter((one) => one !== scope);
    const error = await failure(() => auth0.check(call));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(`lacks the scope ${scope} of`);
  },
);

test('the right to read secrets is asked for only where it is said to be there', async () => {
  const { call, fake } = await tenant({ config: { readsSecrets: false } });
  fake.scopes = ['read:clients', 'update:clients', 'update:client_keys'];
  await auth0.check(call);
  expect(auth0.can(call.config, call.place).readBack).toBe(false);
  const error = await failure(() => connector.readBack(call, 'client_secret#rotation-1'));
  expect(error.message).toContain('lacks the scope read:client_keys of');
});

test('check refuses an application that cannot prove its secret, and says what to change', async () => {
  const { call, orders } = await tenant();
  orders.token_endpoint_auth_method = null;
  expect((await failure(() => auth0.check(call))).message).toContain('something other than a secret');
  orders.token_endpoint_auth_method = 'client_secret_basic';
  expect((await failure(() => auth0.check(call))).message).toContain('client_secret_basic at Auth0');
  orders.token_endpoint_auth_method = 'client_secret_post';
  orders.grant_types = ['authorization_code'];
  expect((await failure(() => auth0.check(call))).message).toContain('client_credentials');
});

test('check changes nothing', async () => {
  const { call, fake } = await tenant();
  await auth0.check(call);
  expect(fake.seen).not.toContain('PATCH /api/v2/clients/orders');
});

test('an application that is not there is named as such', async () => {
  const { call } = await tenant({ place: { clientId: 'nobody' } });
  expect((await failure(() => auth0.check(call))).message).toContain('no application with this client ID');
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('never');
});

test('a scope taken away meanwhile is named when the secret is set', async () => {
  const { call, fake } = await tenant();
  fake.scopes = ['read:clients', 'update:clients'];
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('update:client_keys');
});

test('after a lost answer the same value is set again, and no other application is touched', async () => {
  const { call, fake, orders } = await tenant();
  const billing = JSON.stringify(fake.clients.get('billing'));
  fake.trouble = ({ method }) => (method === 'PATCH' ? 'cut_after' : undefined);
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  expect(orders.client_secret).toBe(chosen.expose());
  fake.trouble = () => undefined;
  const issued = await connector.issue(call, wish);
  expect(issued.externalId).toBe('client_secret#rotation-1');
  expect(await auth0.verify(call, issued.fields)).toBe('accepted');
  expect(orders).toMatchObject({ name: 'The orders', grant_types: ['client_credentials'] });
  expect(JSON.stringify(fake.clients.get('billing'))).toBe(billing);
});

test('a rate limit is later, at the moment that its own header names', async () => {
  const { call, fake } = await tenant();
  const reset = String(Math.floor(Date.now() / 1000) + 40);
  fake.trouble = ({ method }) =>
    method === 'PATCH'
      ? [429, { errorCode: 'too_many_requests' }, { 'x-ratelimit-reset': reset }]
      : undefined;
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('later');
  expect(error.retryAfterSeconds).toBeGreaterThan(35);
  expect(error.retryAfterSeconds).toBeLessThanOrEqual(40);
});

test('a body of another form names the field, and the secret may have been set', async () => {
  const { call, fake } = await tenant();
  fake.trouble = ({ method }) => (method === 'PATCH' ? [200, { id: 'x' }] : undefined);
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('has no field `client_id`');
});

test('a wrong secret is told from an application that gets no token at all', async () => {
  const { call, orders } = await tenant();
  const right = { clientSecret: new Plaintext(orders.client_secret) };
  expect(await auth0.verify(call, { clientSecret: chosen })).toBe('rejected');
  expect(await auth0.verify(call, right)).toBe('accepted');
  const elsewhere = { ...call, place: { ...call.place, audience: 'https://not-granted.example' } };
  const error = await failure(() => auth0.verify(elsewhere, right));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('authorize it for the audience');
});

test('a wrong secret of the management application is a matter of permission', async () => {
  const { call } = await tenant({ config: { clientSecret: 'wrong' } });
  expect(await failure(() => auth0.check(call))).toMatchObject({ retry: 'never', because: 'permission' });
});

test('no value is set where none was chosen', async () => {
  const { call, fake } = await tenant();
  expect((await failure(() => connector.issue(call, { rotationId: 'r' }))).retry).toBe('never');
  expect(fake.seen).toEqual([]);
});

test('browse lists every application over several pages', async () => {
  const { call, fake, orders } = await tenant();
  for (let n = 0; n < 130; n += 1) fake.clients.set(`c${n}`, { ...orders, client_id: `c${n}`, name: '' });
  const found = await connector.browse({ ...call, place: null });
  expect(found).toHaveLength(132);
  expect(found[0]).toMatchObject({ place: { clientId: 'orders' }, label: 'The orders' });
  expect(found[131]?.label).toBe('c129');
});
