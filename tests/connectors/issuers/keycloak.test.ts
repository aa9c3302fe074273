import { afterEach, expect, test } from 'vitest';
import { keycloak } from '#connectors/issuers/keycloak.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type FakeKeycloak, fakeKeycloak } from '#tests/fakes/keycloak.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

const connector = keycloak as Required<typeof keycloak>;
const wish = { rotationId: 'rotation-1' };
const chosen = new Plaintext('a-value-of-our-own');
const fakes: FakeKeycloak[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function there(place: Record<string, unknown> = {}) {
  const fake = await fakeKeycloak();
  fakes.push(fake);
  const config = keycloak.config.parse({
    baseUrl: fake.url,
    adminClientId: 'rekey',
    adminClientSecret: fake.adminSecret,
  });
  return {
    fake,
    call: callWith(config, keycloak.place.parse({ realm: 'shop', clientId: 'fleet', ...place })),
  };
}

/** Under a policy that has already given the secret an expiration time. */
async function underPolicy() {
  const world = await there({ mode: 'rotation policy' });
  world.fake.policy = true;
  world.fake.client('fleet').attributes['client.secret.expiration.time'] = '1998205020';
  const initial = { clientSecret: new Plaintext(world.fake.client('fleet').secret) };
  return { ...world, initial };
}

const failure = (act: () => Promise<unknown>) =>
  failureOf(act, /first-secret|admin-client-secret|admin-access-token/);

test('setting a secret changes nothing else of the client, and nothing of its siblings', async () => {
  const { fake, call } = await there();
  const before = structuredClone(fake.clients);
  await connector.issue(call, { ...wish, chosen });
  await connector.issue(call, { ...wish, chosen });
  const [fleet, sibling] = before;
  expect(fake.clients).toEqual([{ ...fleet, secret: chosen.expose() }, sibling]);
});

test.each([
  ['replace', 'replaced', there],
  ['rotation policy', 'revoked', underPolicy],
])(
  'in the mode %s a secret is %s and authorization data and the roles of the service account stay',
  async (mode, _done, world) => {
    const { fake, call } = await world();
    const fleet = fake.client('fleet');
    fleet.authorization = { resources: ['invoices'], policies: ['accountants only'] };
    const issued = await connector.issue(call, mode === 'replace' ? { ...wish, chosen } : wish);
    if (mode !== 'replace') await connector.revoke(call, issued.externalId, issued.fields);
    expect(fake.seen.some((line) => line.startsWith('PUT /admin'))).toBe(true);
    expect(fleet.authorization).toEqual({ resources: ['invoices'], policies: ['accountants only'] });
    expect(fleet.serviceAccountRoles).toEqual(['stock-reader']);
  },
);

test('authorization that is off stays off when a secret is set', async () => {
  const { fake, call } = await there();
  await connector.issue(call, { ...wish, chosen });
  expect(fake.client('fleet').authorization).toBeUndefined();
});

test('check names the role that is missing, as the admin console calls it', async () => {
  const { fake, call } = await there();
  for (const role of ['view-clients', 'none'] as const) {
    fake.role = role;
    const error = await failure(() => connector.check(call));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain('the admin client rekey lacks the role manage-clients of shop-realm');
  }
  expect(fake.seen.every((request) => !request.startsWith('PUT'))).toBe(true);
});

test('a client that is not there, or not to be seen, is named together with the role', async () => {
  const { fake, call } = await there({ clientId: 'nobody' });
  expect((await failure(() => connector.check(call))).message).toMatch(/no client nobody .* manage-clients/);
  fake.role = 'query-clients';
  const seen = { ...call, place: { ...call.place, clientId: 'fleet' } };
  expect((await failure(() => connector.check(seen))).message).toContain('that the stored sign-in can see');
});

test('a client whose secret could not be tried is refused, and its sign-in is unknown instead of rejected', async () => {
  const { fake, call } = await there();
  const fields = { clientSecret: new Plaintext(fake.client('fleet').secret) };
  fake.client('fleet').serviceAccountsEnabled = false;
  expect((await failure(() => connector.check(call))).message).toContain('service accounts off');
  expect((await failure(() => connector.issue(call, { ...wish, chosen }))).retry).toBe('never');
  expect(await connector.verify(call, fields)).toBe('unknown');
  fake.client('fleet').publicClient = true;
  expect((await failure(() => connector.check(call))).message).toContain('does not sign in with a secret');
});

test('without a sign of the rotation policy nothing is issued, because the old secret would end at once', async () => {
  const { fake, call } = await there({ mode: 'rotation policy' });
  for (const act of [() => connector.check(call), () => connector.issue(call, wish)]) {
    expect((await failure(act)).message).toContain('the old secret would end at once');
  }
  expect(fake.client('fleet').secret).toBe('first-secret');
});

test('under the policy the old secret works on, and its end is the one that Keycloak set', async () => {
  const { call, initial } = await underPolicy();
  const previousEndsAt = new Date(Date.now() + 60_000);
  const issued = await connector.issue(call, { ...wish, previousEndsAt });
  const days = ((issued.previousEndsAt?.getTime() ?? 0) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(1.9);
  expect(days).toBeLessThan(2.1);
  expect(await connector.verify(call, initial)).toBe('accepted');
  expect(await connector.verify(call, issued.fields)).toBe('accepted');
});

test('a third secret is refused as a conflict, because it would end the rotated one that may be in use', async () => {
  const { fake, call, initial } = await underPolicy();
  await connector.issue(call, wish);
  const { secret } = fake.client('fleet');
  const error = await failure(() => connector.issue(call, { rotationId: 'rotation-2' }));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toMatch(/its current secret and its rotated secret are live, .* until 20/);
  expect(fake.client('fleet').secret).toBe(secret);
  expect(await connector.verify(call, initial)).toBe('accepted');
});

test('a rotated secret whose time is over takes no slot', async () => {
  const { fake, call } = await underPolicy();
  await connector.issue(call, wish);
  fake.client('fleet').attributes['client.secret.rotated.expiration.time'] = '1700000000';
  await connector.issue(call, { rotationId: 'rotation-2' });
});

test('an issue with the answer lost is unknown, and the next try ends no secret that is in use', async () => {
  const { fake, call, initial } = await underPolicy();
  fake.trouble = 'cut_after';
  fake.troubled = ({ method, path }) => method === 'POST' && path.endsWith('/client-secret');
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  fake.trouble = 'none';
  expect((await failure(() => connector.issue(call, wish))).because).toBe('conflict');
  expect(await connector.verify(call, initial)).toBe('accepted');
});

test('a secret that was issued is not lost where only its predecessor’s end cannot be read', async () => {
  const { fake, call } = await underPolicy();
  fake.trouble = 'unavailable';
  fake.troubled = ({ method, path }) =>
    method === 'GET' && path.endsWith('/clients') && fake.seen.some((line) => line.startsWith('POST /admin'));
  const issued = await connector.issue(call, wish);
  expect(issued.previousEndsAt).toBeUndefined();
  expect(issued.fields.clientSecret?.expose()).toBe(fake.client('fleet').secret);
});

test('revoking the current secret makes the rotated one current again', async () => {
  const { fake, call, initial } = await underPolicy();
  const { externalId, fields } = await connector.issue(call, wish);
  await connector.revoke(call, externalId, fields);
  expect(await connector.verify(call, fields)).toBe('rejected');
  expect(await connector.verify(call, initial)).toBe('accepted');
  expect(fake.client('fleet').attributes['client.secret.rotated']).toBeUndefined();
  await connector.issue(call, { rotationId: 'rotation-2' });
});

test('the only secret is never revoked, nor one whose value is not known', async () => {
  const { call, initial } = await underPolicy();
  expect(await failure(() => connector.revoke(call, 'secret#imported', initial))).toMatchObject({
    because: 'conflict',
  });
  const error = await failure(() => connector.revoke(call, 'secret#imported'));
  expect(error.message).toContain('without its value secret#imported cannot be revoked');
  expect(await connector.verify(call, initial)).toBe('accepted');
});

test('an answer of another form names its field, and says that the secret may be there', async () => {
  const { fake, call } = await underPolicy();
  fake.trouble = 'odd_json';
  fake.troubled = ({ method, path }) => method === 'POST' && path.endsWith('/client-secret');
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('has no field `value`');
});

test('a limit is kept to for as long as Keycloak asks', async () => {
  const { fake, call } = await there();
  fake.trouble = 'limited';
  expect(await failure(() => connector.check(call))).toMatchObject({ retry: 'later', retryAfterSeconds: 7 });
});

test('browsing lists the clients that sign in with a secret, and no secret', async () => {
  const { fake, call } = await there();
  fake.client('sibling').publicClient = true;
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ place }) => place)).toEqual([{ realm: 'shop', clientId: 'fleet' }]);
  expect(JSON.stringify(found)).not.toContain('first-secret');
  fake.role = 'none';
  expect((await failure(() => connector.browse({ ...call, place: null }))).because).toBe('permission');
});
