import { afterEach, expect, test } from 'vitest';
import { rfc7592 } from '#connectors/issuers/rfc7592.ts';
import { type FakeRegistration, fakeRegistration } from '#tests/fakes/registration.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

const connector = rfc7592 as Required<typeof rfc7592>;
const wish = { rotationId: 'rotation-1' };
const fakes: FakeRegistration[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function there(change: Partial<FakeRegistration> = {}) {
  const fake = Object.assign(await fakeRegistration(), change);
  fakes.push(fake);
  const config = rfc7592.config.parse({ tokenUrl: `${fake.url}/token` });
  const registrationUri = `${fake.url}/register/fleet`;
  const place = { clientId: 'fleet', registrationUri, registrationToken: fake.token };
  return { fake, call: callWith(config, rfc7592.place.parse(place)) };
}

const failure = (act: () => Promise<unknown>) => failureOf(act, /first-secret|first-registration-token/);

test('an update sends back all metadata as it was read, and nothing that the RFC forbids', async () => {
  const { fake, call } = await there();
  const { client_secret: _old, ...before } = fake.client;
  await connector.issue(call, wish);
  const { client_secret: _new, ...after } = fake.client;
  expect(after).toEqual(before);
  expect(Object.keys(fake.updated ?? {}).sort()).toEqual(
    ['client_id', 'client_name', 'client_name#de', 'client_secret', 'redirect_uris', 'vendor_setting'].sort(),
  );
});

test('a replaced registration token comes along as a secret of the place, and works for the next rotation', async () => {
  const { fake, call } = await there();
  const first = await connector.issue(call, wish);
  expect(first.placeSecrets?.registrationToken?.expose()).toBe(fake.token);
  const registrationToken = first.placeSecrets?.registrationToken ?? call.place.registrationToken;
  const next = await connector.issue(
    { ...call, place: { ...call.place, registrationToken } },
    { rotationId: 'rotation-2' },
  );
  expect(await connector.verify(call, next.fields)).toBe('accepted');
  expect(await connector.verify(call, first.fields)).toBe('rejected');
});

test('a token that stays the same is not stored again', async () => {
  const { call } = await there({ rotatesToken: 'never' });
  expect(await connector.issue(call, wish)).not.toHaveProperty('placeSecrets');
});

test('a token that is replaced by the reading is the one that updates and is kept', async () => {
  const { fake, call } = await there({ rotatesToken: 'always' });
  const issued = await connector.issue(call, wish);
  expect(issued.placeSecrets?.registrationToken?.expose()).toBe(fake.token);
});

test('where readings replace the token, a check says that it is void instead of losing it in silence', async () => {
  for (const act of [connector.check, connector.readBack]) {
    const { call } = await there({ rotatesToken: 'always' });
    const error = await failure(() => act(call, 'secret'));
    expect(error.retry).toBe('never');
    expect(error.message).toContain('with every reading, so the stored one is void now');
  }
});

test('a server that keeps the secret on an update is told from one that rotates, with the state of the token', async () => {
  const kept = await there({ rotatesSecret: false, rotatesToken: 'never' });
  const error = await failure(() => connector.issue(kept.call, wish));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/does not rotate secrets on an update.* Nothing was changed\.$/);
  const replaced = await there({ rotatesSecret: false });
  expect((await failure(() => connector.issue(replaced.call, wish))).message).toContain('enter a new one');
});

test('a server without updates is told from a broken one', async () => {
  const { call } = await there({ refusesUpdates: 405 });
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: undefined });
  expect(error.message).toContain('takes no updates of registrations (405)');
});

test('the configuration endpoint of another client is refused before anything is sent to it', async () => {
  const { fake, call } = await there();
  const other = { ...call, place: { ...call.place, clientId: 'another' } };
  expect((await failure(() => connector.issue(other, wish))).message).toContain('belongs to another client');
  expect(fake.seen).toEqual(['GET /register/fleet']);
});

test.each(['cut_after', 'unavailable', 'odd_json', 'html'] as const)(
  'an update with the answer lost to "%s" is unknown although its method is PUT, because it may have made a secret',
  async (trouble) => {
    const { fake, call } = await there();
    fake.trouble = trouble;
    fake.troubled = ({ method }) => method === 'PUT';
    expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  },
);

test('after a lost answer the secret is read back, and a token lost with it is named', async () => {
  for (const rotatesToken of ['never', 'on update'] as const) {
    const { fake, call } = await there({ rotatesToken });
    fake.trouble = 'cut_after';
    fake.troubled = ({ method }) => method === 'PUT';
    await failure(() => connector.issue(call, wish));
    if (rotatesToken === 'never') {
      const fields = await connector.readBack(call, 'secret');
      expect(fields.clientSecret?.expose()).toBe(fake.client.client_secret);
    } else {
      const error = await failure(() => connector.readBack(call, 'secret'));
      expect(error.because).toBe('permission');
      expect(error.message).toContain('the token that replaced it was lost too');
    }
  }
});

test('an answer without a secret names the field', async () => {
  const { fake, call } = await there();
  fake.trouble = 'odd_json';
  expect((await failure(() => connector.check(call))).message).toMatch(
    /The answer of the client configuration endpoint has no field `client_id`/,
  );
});

test('a secret that ends says when', async () => {
  const { fake, call } = await there();
  fake.client.client_secret_expires_at = 1_998_205_020;
  expect((await connector.issue(call, wish)).expiresAt?.toISOString()).toBe('2033-04-27T08:57:00.000Z');
});

test('a limit is kept to for as long as the server asks', async () => {
  const { fake, call } = await there();
  fake.trouble = 'limited';
  expect(await failure(() => connector.issue(call, wish))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 7,
  });
});
