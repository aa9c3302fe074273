import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { hydra } from '#connectors/issuers/hydra.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type FakeHydra, fakeHydra } from '#tests/fakes/hydra.ts';
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

async function failure(act: () => Promise<unknown>): Promise<ConnectorError> {
  const error = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw new Error('expected a ConnectorError', { cause: error });
  expect(inspect(error, { depth: 8 })).not.toMatch(/first-secret|ory_pat_first-key|a-value-of-our-own/);
  return error;
}

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
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('later');
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
