import { afterEach, expect, test } from 'vitest';
import { googleOauthClient } from '#connectors/issuers/google-oauth-client.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { googleFailure, serviceAccountKey } from '../worlds/google.ts';
import { clientId, type FakeOauthClients, fakeOauthClients } from '../worlds/google-oauth-client.ts';

const fakes: FakeOauthClients[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.api.close();
});

async function iam(place: object = {}) {
  const fake = await fakeOauthClients();
  fakes.push(fake);
  const { url } = fake.api;
  const config = googleOauthClient.config.parse({
    serviceAccountKey,
    tokenUrl: `${url}/token`,
    iamUrl: url,
    resourceManagerUrl: url,
    signInUrl: `${url}/v1/oauthtoken`,
  });
  const own = { project: 'acme', oauthClient: 'my-client', clientId };
  const call = callWith(config, googleOauthClient.place.parse({ ...own, ...place }));
  return { fake, call };
}

const rotationId = '0198c1b2-0a3b-7c4d-8e5f-001122334455';
const wish = { rotationId };
const connector = googleOauthClient as Required<typeof googleOauthClient>;

test('the ID of a secret is the rotation’s, and listing gives the rotation back', async () => {
  const { fake, call } = await iam();
  const { externalId, fields } = await connector.issue(call, wish);
  expect(externalId).toBe('0198c1b20a3b7c4d8e5f001122334455');
  expect(fields.clientId?.expose()).toBe(clientId);
  expect(fake.credentials.get(externalId)?.displayName).toBe('Rekey');
  expect(await connector.listSecrets(call)).toEqual([
    { externalId: 'first', createdAt: null, lastUsedAt: null },
    { externalId, tag: rotationId, createdAt: null, lastUsedAt: null },
  ]);
});

test('issuing after a lost answer gives the secret that is there already, and makes no second one', async () => {
  const { fake, call } = await iam();
  fake.api.trouble = ({ path, method }) =>
    method === 'POST' && path.endsWith('/credentials') ? 'cut after' : undefined;
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  fake.api.trouble = () => undefined;
  const { externalId, fields } = await connector.issue(call, wish);
  expect(fields.clientSecret?.expose()).toBe(fake.credentials.get(externalId)?.clientSecret);
  expect(fake.credentials.size).toBe(2);
});

test('without room it is a conflict that names the secrets there, the disabled ones too', async () => {
  const { fake, call } = await iam();
  const other = { clientSecret: 'x', disabled: true, displayName: '' };
  fake.credentials.set('other', other);
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('first, other (disabled) are there');
  expect(fake.credentials.size).toBe(2);
});

test('a used-up quota is later while there is room', async () => {
  const { fake, call } = await iam();
  const exhausted = googleFailure(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', { 'retry-after': '9' });
  fake.api.trouble = ({ path, method }) =>
    method === 'POST' && path.endsWith('/credentials') ? exhausted : undefined;
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'later', retryAfterSeconds: 9 });
});

test('a secret is disabled before it is deleted, and one that is half gone is deleted', async () => {
  const { fake, call } = await iam();
  const { externalId, fields } = await connector.issue(call, wish);
  fake.api.trouble = ({ method }) =>
    method === 'DELETE' ? googleFailure(503, 'UNAVAILABLE', '') : undefined;
  const error = await failure(() => connector.revoke(call, externalId));
  expect(error.retry).toBe('later');
  expect(error.message).toContain('which is disabled');
  expect(await connector.verify(call, fields)).toBe('rejected');
  expect((await connector.listSecrets(call)).map((one) => one.externalId)).toEqual(['first']);
  fake.api.trouble = () => undefined;
  await connector.revoke(call, externalId);
  expect([...fake.credentials.keys()]).toEqual(['first']);
});

test('a secret that could not be disabled is not deleted', async () => {
  const { fake, call } = await iam();
  fake.credentials.set('second', { clientSecret: 'x', disabled: true, displayName: '' });
  const refused = googleFailure(403, 'PERMISSION_DENIED', 'Permission denied.');
  fake.api.trouble = ({ method }) => (method === 'PATCH' ? refused : undefined);
  const error = await failure(() => connector.revoke(call, 'second'));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(fake.credentials.size).toBe(2);
});

test('a missing secret counts as revoked, a missing client does not', async () => {
  const { fake, call } = await iam();
  await connector.revoke(call, 'never-was');
  fake.client = undefined;
  expect((await failure(() => connector.revoke(call, 'first'))).retry).toBe('never');
});

test('an endpoint that looks at the code before the secret proves nothing', async () => {
  const { fake, call } = await iam();
  const right = { clientSecret: new Plaintext('first-secret') };
  expect(await connector.verify(call, right)).toBe('accepted');
  fake.looksAtSecretFirst = false;
  expect(await connector.verify(call, right)).toBe('unknown');
});

test('the sign-in sends the pair as Basic, and no real code', async () => {
  const { fake, call } = await iam();
  await connector.verify(call, { clientSecret: new Plaintext('a+b') });
  const [asked] = fake.api.asked;
  expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from(`${clientId}:a+b`).toString('base64')}`);
  expect(new URLSearchParams(asked?.text).get('code')).toMatch(/^rekey-probe-/);
});

test('another answer of the token endpoint is later and quoted by its code', async () => {
  const { fake, call } = await iam();
  fake.api.trouble = () => ({ status: 400, body: { error: 'invalid_request' } });
  const right = { clientSecret: new Plaintext('first-secret') };
  const error = await failure(() => connector.verify(call, right));
  expect(error.retry).toBe('later');
  expect(error.message).toContain('invalid_request');
  fake.api.trouble = () => ({
    status: 429,
    body: { error: 'invalid_client' },
    headers: { 'retry-after': '5' },
  });
  const limited = await failure(() => connector.verify(call, right));
  expect(limited).toMatchObject({ retry: 'later', retryAfterSeconds: 5 });
});

test('check names the permissions that the service account lacks', async () => {
  const { fake, call } = await iam();
  fake.permissions = ['create', 'get', 'list'];
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain(
    'lacks `iam.oauthClientCredentials.update`, `iam.oauthClientCredentials.delete` on projects/acme',
  );
});

test('check refuses another client ID, and a client that is disabled or deleted', async () => {
  const other = await iam({ clientId: 'other' });
  expect((await failure(() => connector.check(other.call))).message).toContain(
    `The client ID of my-client is ${clientId} and not other`,
  );
  const { fake, call } = await iam();
  fake.client = { state: 'DELETED', disabled: false };
  expect((await failure(() => connector.check(call))).message).toContain('disabled or deleted');
  fake.client = { state: 'ACTIVE', disabled: true };
  expect((await failure(() => connector.check(call))).retry).toBe('never');
});

test('browsing lists the active clients of the project with their secrets', async () => {
  const { call } = await iam();
  const found = await connector.browse({ ...call, place: null });
  expect(found).toEqual([
    {
      place: { project: 'acme', oauthClient: 'my-client', clientId },
      label: 'my-client',
      secrets: [{ externalId: 'first', createdAt: null, lastUsedAt: null }],
    },
  ]);
});

test('an answer of another form names the field, and issuing may then have taken effect', async () => {
  const { fake, call } = await iam();
  const body = { name: 'projects/acme/locations/global/oauthClients/my-client/credentials/abcd' };
  fake.api.trouble = ({ path }) => (path.includes('/credentials') ? { status: 200, body } : undefined);
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('`clientSecret`');
  expect((await failure(() => connector.readBack(call, 'abcd'))).retry).toBe('never');
});

test('a rotation that cannot be the ID of a secret is refused before anything is sent', async () => {
  const { fake, call } = await iam();
  for (const odd of ['gcp-1234', 'abc', 'UPPER', 'x'.repeat(33)]) {
    expect((await failure(() => connector.issue(call, { rotationId: odd }))).retry).toBe('never');
  }
  expect(fake.api.asked).toHaveLength(0);
});
