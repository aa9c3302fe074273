import { afterEach, expect, test } from 'vitest';
import { hydra } from '#connectors/issuers/hydra.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type FakeHydra, fakeHydra } from '#tests/fakes/hydra.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

const connector = hydra as Required<typeof hydra>;
const chosen = new Plaintext('a-value-of-our-own');
const wish = { rotationId: 'rotation-1', chosen };
const fakes: FakeHydra[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function there(place: Record<string, unknown> = {}, config: Record<string, unknown> = {}) {
  const fake = await fakeHydra();
  fakes.push(fake);
  const whole = { adminUrl: `${fake.url}/`, publicUrl: fake.url, apiKey: fake.apiKey, ...config };
  return {
    fake,
    call: callWith(hydra.config.parse(whole), hydra.place.parse({ clientId: 'fleet/api', ...place })),
  };
}

const failure = (act: () => Promise<unknown>) =>
  failureOf(act, /first-secret|ory_pat_first-key|a-value-of-our-own/);

test('setting a secret, even twice, changes nothing else of the client, and nothing of its siblings', async () => {
  const { fake, call } = await there();
  const [fleet, sibling] = structuredClone(fake.clients);
  const first = await connector.issue(call, wish);
  const again = await connector.issue(call, wish);
  expect(again.externalId).toBe(first.externalId);
  expect(fake.clients).toEqual([{ ...fleet, client_secret: chosen.expose() }, sibling]);
});

test('the old secret ends at once, and a wrong one is rejected with either sign-in', async () => {
  for (const auth of ['basic', 'post'] as const) {
    const { call } = await there({ auth });
    const old = { clientSecret: new Plaintext('first-secret') };
    expect(await connector.verify(call, old)).toBe('accepted');
    const { fields } = await connector.issue(call, wish);
    expect(await connector.verify(call, old)).toBe('rejected');
    expect(await connector.verify(call, fields)).toBe('accepted');
  }
});

test('a client that signs in with a key is refused, and stays without a secret', async () => {
  const { fake, call } = await there();
  fake.client('fleet/api').token_endpoint_auth_method = 'private_key_jwt';
  for (const act of [() => connector.check(call), () => connector.issue(call, wish)]) {
    expect((await failure(act)).message).toContain('signs in with private_key_jwt, not with a secret');
  }
  expect(fake.seen.some((line) => line.startsWith('PATCH'))).toBe(false);
});

test('a client that is not there is told from a refused key', async () => {
  const missing = await there({ clientId: 'nobody' });
  expect(await failure(() => connector.check(missing.call))).toMatchObject({
    retry: 'never',
    because: undefined,
  });
  const { call } = await there({}, { apiKey: 'ory_pat_wrong' });
  expect((await failure(() => connector.check(call))).because).toBe('permission');
});

test('a public address without a token endpoint is found by the check', async () => {
  const { fake, call } = await there();
  fake.trouble = 'html';
  fake.troubled = ({ path }) => path === '/oauth2/token';
  expect((await failure(() => connector.check(call))).message).toContain('/oauth2/token answered');
});

test('an answer that was lost can be asked for again, because the value is ours', async () => {
  const { fake, call } = await there();
  fake.trouble = 'cut_after';
  fake.troubled = ({ method }) => method === 'PATCH';
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  fake.trouble = 'none';
  const { fields } = await connector.issue(call, wish);
  expect(await connector.verify(call, fields)).toBe('accepted');
});

test('an answer of another form names its field', async () => {
  const { fake, call } = await there();
  fake.trouble = 'odd_json';
  expect((await failure(() => connector.check(call))).message).toContain('has no field `client_id`');
});

test('a limit is kept to for as long as it is asked for', async () => {
  const { fake, call } = await there();
  fake.trouble = 'limited';
  expect(await failure(() => connector.issue(call, wish))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 7,
  });
});

test('browsing lists the clients with secrets by name, and no secret', async () => {
  const { fake, call } = await there();
  fake.client('sibling').token_endpoint_auth_method = 'none';
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ place, label }) => [place, label])).toEqual([
    [{ clientId: 'fleet/api' }, 'The fleet/api (fleet/api)'],
  ]);
  expect(JSON.stringify(found)).not.toContain('first-secret');
});

/** In the mode that keeps the old secret until it is revoked. */
async function keeping() {
  const world = await there({ mode: 'keep old' });
  const old = { clientSecret: new Plaintext('first-secret') };
  return { ...world, old, plain: { rotationId: 'rotation-1' } };
}

test('the old secret works until it is revoked, and the metadata of others stay as they were', async () => {
  const { fake, call, old, plain } = await keeping();
  const [, sibling] = structuredClone(fake.clients);
  const { fields } = await connector.issue(call, plain);
  expect(await connector.verify(call, old)).toBe('accepted');
  expect(await connector.verify(call, fields)).toBe('accepted');
  await connector.revoke(call, 'secret');
  expect(await connector.verify(call, old)).toBe('rejected');
  expect(await connector.verify(call, fields)).toBe('accepted');
  expect(fake.client('fleet/api').metadata).toEqual({
    owner: 'ops',
    rekey_secret: { current: 'secret#rotation-1', previous: null },
  });
  expect(fake.clients[1]).toEqual(sibling);
});

test('the newest secret is never revoked, because that would end the one in use instead', async () => {
  const { call, old, plain } = await keeping();
  const { externalId, fields } = await connector.issue(call, plain);
  const error = await failure(() => connector.revoke(call, externalId));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('secret#rotation-1 is the newest secret of fleet/api');
  for (const both of [old, fields]) expect(await connector.verify(call, both)).toBe('accepted');
});

test('where nothing says which secret is the newest, none is revoked', async () => {
  const { fake, call, old, plain } = await keeping();
  await connector.issue(call, plain);
  fake.client('fleet/api').metadata = null;
  expect((await failure(() => connector.revoke(call, 'secret'))).message).toContain('does not say which');
  expect(await connector.verify(call, old)).toBe('accepted');
});

test('a third secret is a conflict that names the two, and a secret long gone is gone', async () => {
  const { call, old, plain } = await keeping();
  await connector.issue(call, plain);
  const error = await failure(() => connector.issue(call, { rotationId: 'rotation-2' }));
  expect(error.because).toBe('conflict');
  expect(error.message).toContain('the secrets secret#rotation-1 and imported are live');
  await connector.revoke(call, 'secret#rotation-0');
  expect(await connector.verify(call, old)).toBe('accepted');
});

test.each(['/secrets/rotate', '/fleet/api'])(
  'an answer to %s that was lost is unknown, and the same rotation then goes on with the old secret alive',
  async (end) => {
    const { fake, call, old, plain } = await keeping();
    fake.trouble = 'cut_after';
    fake.troubled = ({ method, path }) => method !== 'GET' && path.endsWith(end);
    expect((await failure(() => connector.issue(call, plain))).retry).toBe('unknown');
    fake.trouble = 'none';
    const { fields } = await connector.issue(call, plain);
    expect(await connector.verify(call, old)).toBe('accepted');
    await connector.revoke(call, 'secret');
    expect(await connector.verify(call, old)).toBe('rejected');
    expect(await connector.verify(call, fields)).toBe('accepted');
  },
);

test('a client without metadata gets some, and a Hydra without the endpoints says so', async () => {
  const { fake, call, old, plain } = await keeping();
  fake.rotates = false;
  expect((await failure(() => connector.issue(call, plain))).message).toContain('to replace');
  fake.rotates = true;
  fake.client('fleet/api').metadata = null;
  await connector.issue(call, plain);
  await connector.revoke(call, 'secret');
  expect(await connector.verify(call, old)).toBe('rejected');
});
