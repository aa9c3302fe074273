import { afterEach, expect, test } from 'vitest';
import { entra } from '#connectors/issuers/entra.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import type { Answered } from '../../support/fake-api.ts';
import {
  BILLING,
  entraEntered,
  type FakeEntra,
  fakeEntra,
  fault,
  ORDERS,
  password,
} from '../worlds/entra.ts';

const fakes: FakeEntra[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = entra as Required<typeof entra>;
const wish = { rotationId: 'rotation-1' };

async function tenant(place: object = {}) {
  const fake = await fakeEntra();
  fakes.push(fake);
  const entered = entraEntered(fake);
  const config = entra.config.parse(entered.config);
  const call = callWith(config, entra.place.parse({ ...entered.place, ...place }));
  const orders = fake.apps.get(ORDERS);
  const first = orders?.passwords[0];
  if (orders === undefined || first === undefined) throw new Error('the fake has no application');
  return { fake, call, orders, first, old: { clientSecret: new Plaintext(first.secretText) } };
}

/** Answers changes to applications with this. */
const onChange = (answer: Answered | 'cut_after') => (asked: { method: string; path: string }) =>
  asked.method === 'POST' && asked.path.startsWith('/v1.0/') ? answer : undefined;

test('check names the missing permission, and a missing ownership', async () => {
  const { call, fake, orders } = await tenant();
  fake.roles = ['Application.Read.All'];
  const missing = await failure(() => entra.check(call));
  expect(missing).toMatchObject({ retry: 'never', because: 'permission' });
  expect(missing.message).toContain(
    'lacks the Microsoft Graph application permission Application.ReadWrite.OwnedBy',
  );
  fake.roles = ['Application.ReadWrite.OwnedBy'];
  orders.owners = [];
  const notOwned = await failure(() => entra.check(call));
  expect(notOwned).toMatchObject({ retry: 'never', because: 'permission' });
  expect(notOwned.message).toContain('is not an owner');
  fake.roles = ['Application.ReadWrite.All'];
  await entra.check(call);
});

test('check passes with a token that cannot be looked into, and changes nothing', async () => {
  const { call, fake } = await tenant();
  fake.roles = null;
  await entra.check(call);
  expect(fake.seen.filter((one) => one.startsWith('POST /v1.0'))).toEqual([]);
});

test('check compares who may sign in, because that decides how many secrets there can be', async () => {
  const { call, orders } = await tenant();
  orders.signInAudience = 'AzureADandPersonalMicrosoftAccount';
  const error = await failure(() => entra.check(call));
  expect(error.message).toContain('two secrets at most');
  expect(entra.can(call.config, { ...call.place, personalAccounts: true }).maxLive).toBe(2);
});

test('a secret has an end, a hint and the rotation in its name', async () => {
  const { call, orders } = await tenant({ expiresInDays: 90 });
  const { expiresAt, hint, externalId } = await connector.issue(call, wish);
  expect(Math.round(((expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(90);
  expect(hint).toBe('abc');
  expect(orders.passwords[1]).toMatchObject({ keyId: externalId, displayName: 'rekey:rotation-1' });
  const listed = await connector.listSecrets(call);
  expect(listed.map(({ tag }) => tag)).toEqual([undefined, 'rotation-1']);
});

test('a secret whose answer was lost is unknown, and found by its tag', async () => {
  const { call, fake } = await tenant();
  fake.trouble = onChange('cut_after');
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  fake.trouble = () => undefined;
  expect((await connector.listSecrets(call)).map(({ tag }) => tag)).toContain('rotation-1');
});

test.each([
  [409, 'Directory_ConcurrencyViolation', 'Please wait briefly and retry.'],
  [503, 'Directory_ConcurrencyViolation', 'Please wait briefly and retry.'],
  [400, 'Request_BadRequest', 'Error due to concurrent requests being made to the tenant.'],
])(
  'changes at the same time (%i, %s) are later for issuing and revoking: nothing was changed',
  async (...answer) => {
    const { call, fake, first } = await tenant();
    fake.trouble = onChange(fault(...answer));
    expect((await failure(() => connector.issue(call, wish))).retry).toBe('later');
    expect((await failure(() => connector.revoke(call, first.keyId))).retry).toBe('later');
  },
);

test('too many secrets are a conflict that names them', async () => {
  const { call, orders, first } = await tenant({ personalAccounts: true });
  orders.signInAudience = 'AzureADandPersonalMicrosoftAccount';
  const { externalId } = await connector.issue(call, wish);
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`${first.keyId}, ${externalId} are there`);
});

test.each([
  ['CredentialInvalidLifetimeAsPerAppPolicy', 'lower "Days until a secret expires"'],
  ['CredentialTypeNotAllowedAsPerAppPolicy', 'have the policy exempt it'],
])('the tenant’s policy %s is said in words', async (code, words) => {
  const { call, fake } = await tenant();
  fake.trouble = onChange(fault(400, code, 'refused by policy'));
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('never');
  expect(error.message).toContain(words);
});

test('only the documented answer counts as gone, and only while the secret is not listed', async () => {
  const { call, fake, first } = await tenant();
  await connector.revoke(call, password().keyId);
  fake.trouble = onChange(fault(400, 'Request_BadRequest', 'No password credential found with keyId x.'));
  expect((await failure(() => connector.revoke(call, first.keyId))).retry).toBe('later');
  fake.trouble = onChange(fault(400, 'Request_BadRequest', 'Invalid value.'));
  expect((await failure(() => connector.revoke(call, password().keyId))).retry).toBe('never');
  fake.trouble = () => undefined;
  const nowhere = { ...call, place: { ...call.place, clientId: password().keyId } };
  expect((await failure(() => connector.revoke(nowhere, first.keyId))).retry).toBe('never');
});

test('other secrets and other applications stay as they were', async () => {
  const { call, fake, orders, first, old } = await tenant();
  orders.passwords.push(password());
  const before = JSON.stringify([fake.apps.get(BILLING), orders.passwords]);
  const issued = await connector.issue(call, wish);
  await connector.revoke(call, issued.externalId);
  expect(JSON.stringify([fake.apps.get(BILLING), orders.passwords])).toBe(before);
  expect(await entra.verify(call, old)).toBe('accepted');
  await connector.revoke(call, first.keyId);
  expect(await entra.verify(call, old)).toBe('rejected');
});

test('an expired secret is rejected', async () => {
  const { call, first, old } = await tenant();
  first.endDateTime = new Date(0).toISOString();
  expect(await entra.verify(call, old)).toBe('rejected');
});

test('a client that the tenant does not know, or a scope it refuses, says nothing of the secret', async () => {
  const { call, old } = await tenant();
  const nobody = { ...call, place: { ...call.place, clientId: password().keyId } };
  const unknown = await failure(() => entra.verify(nobody, old));
  expect(unknown.retry).toBe('never');
  expect(unknown.message).toContain('does not know this client ID');
  const odd = { ...call, place: { ...call.place, scope: 'api://orders/Read' } };
  expect((await failure(() => entra.verify(odd, old))).message).toContain('ends in /.default');
});

test('without a scope of its own the secret is proven at Microsoft Graph', async () => {
  const { call, old } = await tenant({ scope: undefined });
  expect(await entra.verify(call, old)).toBe('accepted');
});

test('a client that is disabled or unknown says nothing of the secret, whatever error goes with it', async () => {
  const { call, fake, old } = await tenant();
  for (const [error, code] of [
    ['unauthorized_client', 1],
    ['invalid_client', 700016],
    ['invalid_client', 7000112],
  ]) {
    fake.trouble = () => [400, { error, error_codes: [code] }];
    expect((await failure(() => entra.verify(call, old))).retry).toBe('never');
  }
});

test('a permission taken away meanwhile is named when a secret is added', async () => {
  const { call, orders } = await tenant();
  orders.owners = [];
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('(Authorization_RequestDenied)');
  expect(error.message).toContain('Application.ReadWrite.OwnedBy and make it an owner');
});

test('a wrong secret of Rekey itself is a matter of permission', async () => {
  const { call } = await tenant();
  const wrong = { ...call, config: { ...call.config, clientSecret: new Plaintext('wrong') } };
  expect(await failure(() => entra.check(wrong))).toMatchObject({ retry: 'never', because: 'permission' });
});

test('throttling is later, after the seconds that Graph names', async () => {
  const { call, fake } = await tenant();
  fake.trouble = onChange([
    429,
    { error: { code: 'TooManyRequests', message: '' } },
    { 'retry-after': '17' },
  ]);
  expect(await failure(() => connector.issue(call, wish))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 17,
  });
});

test('a body of another form names the field, and may have taken effect', async () => {
  const { call, fake } = await tenant();
  fake.trouble = onChange([200, { keyId: 'a', secretText: null }]);
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('`secretText`');
});

test('an empty success where a body is documented, and a link that is none, are sentences too', async () => {
  const { call, fake } = await tenant();
  fake.trouble = onChange([204]);
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('answered 204 (empty), which is not documented');
  fake.trouble = ({ path }) =>
    path.endsWith('/applications') ? [200, { value: [], '@odata.nextLink': 'next' }] : undefined;
  const link = await failure(() => connector.browse({ ...call, place: null }));
  expect(link.message).toContain('a field `@odata.nextLink` of another form');
});

test('browse lists all pages with the secrets, and follows no link to another host', async () => {
  const { call, fake, orders, first } = await tenant();
  for (let n = 0; n < 120; n += 1) fake.apps.set(`app-${n}`, { ...orders, passwords: [] });
  const found = await connector.browse({ ...call, place: null });
  expect(found).toHaveLength(122);
  expect(found[0]).toMatchObject({ place: { clientId: ORDERS }, label: 'orders' });
  expect(found[0]?.secrets.map(({ externalId }) => externalId)).toEqual([first.keyId]);
});
