import { afterEach, expect, test } from 'vitest';
import { authentik } from '#connectors/issuers/authentik.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type FakeAuthentik, fakeAuthentik } from '#tests/fakes/authentik.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

const connector = authentik as Required<typeof authentik>;
const chosen = new Plaintext('a-value-of-our-own');
const wish = { rotationId: 'rotation-1', chosen };
const first = { clientSecret: new Plaintext('first-secret') };
const fakes: FakeAuthentik[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function there(place: Record<string, unknown> = {}) {
  const fake = await fakeAuthentik();
  fakes.push(fake);
  const config = authentik.config.parse({ baseUrl: `${fake.url}/`, apiToken: fake.apiToken });
  return {
    fake,
    call: callWith(config, authentik.place.parse({ provider: 7, clientId: 'fleet', ...place })),
  };
}

const failure = (act: () => Promise<unknown>) =>
  failureOf(act, /first-secret|first-api-token|a-value-of-our-own/);

test('setting a secret, even twice, changes nothing else of the provider, and nothing of its siblings', async () => {
  const { fake, call } = await there();
  const [fleet, sibling] = structuredClone(fake.providers);
  await connector.issue(call, wish);
  await connector.issue(call, wish);
  expect(fake.providers).toEqual([{ ...fleet, client_secret: chosen.expose() }, sibling]);
});

test('the old secret ends at once, and a wrong one is rejected although authentik calls it no invalid client', async () => {
  const { call } = await there();
  expect(await connector.verify(call, first)).toBe('accepted');
  const { fields } = await connector.issue(call, wish);
  expect(await connector.verify(call, first)).toBe('rejected');
  expect(await connector.verify(call, fields)).toBe('accepted');
});

test('a check changes nothing, although it asks for a change', async () => {
  const { fake, call } = await there();
  const before = structuredClone(fake.providers);
  await connector.check(call);
  expect(fake.providers).toEqual(before);
  expect(fake.seen).toContain('PATCH /api/v3/providers/oauth2/7/');
});

test('the permission that is missing is named, for viewing and for changing', async () => {
  const { fake, call } = await there();
  for (const [may, permission] of [
    ['nothing', 'Can view'],
    ['view', 'Can change'],
  ] as const) {
    fake.may = may;
    const error = await failure(() => connector.check(call));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(`lacks the permission ${permission} OAuth2/OpenID Provider`);
  }
});

test('a provider with another client ID is refused before anything is written to it', async () => {
  const { fake, call } = await there({ provider: 8 });
  for (const act of [() => connector.issue(call, wish), () => connector.readBack(call, 'secret')]) {
    expect((await failure(act)).message).toContain('The provider 8 has the client ID sibling, not fleet');
  }
  expect(fake.seen.some((line) => line.startsWith('PATCH'))).toBe(false);
});

test('a public provider and one that is not there are refused', async () => {
  const { fake, call } = await there();
  fake.provider(7).client_type = 'public';
  expect((await failure(() => connector.check(call))).message).toContain('of the client type public');
  const missing = await there({ provider: 9 });
  expect(await failure(() => connector.check(missing.call))).toMatchObject({
    retry: 'never',
    because: undefined,
  });
});

test('a secret that authentik does not show names the field', async () => {
  const { fake, call } = await there();
  Reflect.deleteProperty(fake.provider(7), 'client_secret');
  expect((await failure(() => connector.readBack(call, 'secret'))).message).toContain(
    'has no field `client_secret`',
  );
});

test('an answer that was lost can be asked for again, because the value is ours', async () => {
  const { fake, call } = await there();
  fake.trouble = 'cut_after';
  fake.troubled = ({ method }) => method === 'PATCH';
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  fake.trouble = 'none';
  expect((await connector.readBack(call, 'secret')).clientSecret?.equals(chosen)).toBe(true);
});

test('an answer that does not say whether the secret is right is no verdict', async () => {
  const { fake, call } = await there();
  for (const trouble of ['odd_json', 'html', 'unavailable', 'limited'] as const) {
    fake.trouble = trouble;
    await failure(() => connector.verify(call, first));
  }
});

test('a limit is kept to for as long as authentik asks', async () => {
  const { fake, call } = await there();
  fake.trouble = 'limited';
  expect(await failure(() => connector.issue(call, wish))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 7,
  });
});

test('browsing lists the confidential providers by name, and no secret', async () => {
  const { fake, call } = await there();
  fake.provider(8).client_type = 'public';
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ place, label }) => [place, label])).toEqual([
    [{ provider: 7, clientId: 'fleet' }, 'Provider 7 (fleet)'],
  ]);
  expect(JSON.stringify(found)).not.toContain('first-secret');
});
