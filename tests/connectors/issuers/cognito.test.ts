import { afterEach, expect, test } from 'vitest';
import { cognito } from '#connectors/issuers/cognito.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { awsError } from '../worlds/aws.ts';
import { type FakeCognito, fakeCognito } from '../worlds/cognito.ts';

const open: FakeCognito[] = [];

afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

const connector = cognito as Required<typeof cognito>;
const chosen = new Plaintext('s3cretOfOurOwnChoiceWithFortyEightCharacters0000');
const wish = { rotationId: 'rotation-1', chosen };

async function client(clientId = 'app') {
  const fake = await fakeCognito();
  open.push(fake);
  const first = fake.add('app');
  const sibling = fake.add('sibling');
  const { userPoolId } = fake;
  const config = cognito.config.parse({ ...fake.config, userPoolId, domain: fake.url });
  return { fake, first, sibling, call: callWith(config, { clientId }) };
}

const failure = (act: () => Promise<unknown>) => failureOf(act, /s3cret/);

const secretOf = (value: string) => ({ clientSecret: new Plaintext(value) });

test('values it chooses are of the form that AWS takes, and of more than 128 bits', async () => {
  const { call } = await client();
  const { alphabet, length } = connector.chosen(call.config, call.place);
  expect(alphabet).toMatch(/^[\w+]+$/);
  expect(new Set(alphabet).size).toBe(alphabet.length);
  expect(length).toBeGreaterThanOrEqual(24);
  expect(length).toBeLessThanOrEqual(64);
  expect(length * Math.log2(alphabet.length)).toBeGreaterThan(128);
});

test('the chosen value works beside the old one, and revoking deletes only the one that is named', async () => {
  const { fake, first, sibling, call } = await client();
  const { externalId, fields } = await connector.issue(call, wish);
  expect(externalId).toMatch(/^app--\d+$/);
  expect(fields.clientId?.expose()).toBe('app');
  expect(fields.clientSecret?.equals(chosen)).toBe(true);
  expect(await connector.verify(call, fields)).toBe('accepted');
  expect(await connector.verify(call, secretOf(first.value))).toBe('accepted');
  await connector.revoke(call, first.id);
  expect(await connector.verify(call, secretOf(first.value))).toBe('rejected');
  expect(fake.clients.get('sibling')).toEqual([sibling]);
});

test('a secret added although its answer was lost is found by its value, and not added again', async () => {
  const { fake, call } = await client();
  fake.trouble = ({ action }) => (action === 'AddUserPoolClientSecret' ? 'cut_after' : undefined);
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  fake.trouble = undefined;
  const ours = fake.clients.get('app')?.[1];
  const again = await connector.issue(call, wish);
  expect(again.externalId).toBe(ours?.id);
  expect(again.fields.clientSecret?.equals(chosen)).toBe(true);
  expect(fake.clients.get('app')).toHaveLength(2);
});

test('a lost secret that is not accepted everywhere yet is no conflict', async () => {
  const { fake, call } = await client();
  fake.clients.get('app')?.push({ id: 'app--1', value: 'not yet', createdAt: Date.now() / 1000 });
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'later', because: undefined, retryAfterSeconds: 10 });
});

test('the newer of two is ours whatever the order of the list is', async () => {
  const { fake, call } = await client();
  const { externalId } = await connector.issue(call, wish);
  fake.clients.get('app')?.reverse();
  expect((await connector.issue(call, wish)).externalId).toBe(externalId);
});

test('two secrets that are not ours are a conflict that names both and when they were made', async () => {
  const { fake, first, call } = await client();
  const second = fake.add('app');
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`${first.id} (made 2026-09-21 14:14 UTC) and ${second.id} (made`);
  expect(error.message).toContain('Nothing was issued');
});

test('where nobody can tell whether a value is live, issuing is later and not a conflict', async () => {
  const { fake, call } = await client();
  fake.add('app');
  fake.trouble = ({ service }) => (service === 'site' ? { status: 503, body: '' } : undefined);
  expect(await failure(() => connector.issue(call, wish))).toMatchObject({
    retry: 'later',
    because: undefined,
  });
});

test('the missing permission is named, for every action', async () => {
  const { fake, call } = await client();
  const acts: [string, () => Promise<unknown>][] = [
    ['ListUserPoolClientSecrets', () => connector.check(call)],
    ['DeleteUserPoolClientSecret', () => connector.check(call)],
    ['AddUserPoolClientSecret', () => connector.issue(call, wish)],
    ['DeleteUserPoolClientSecret', () => connector.revoke(call, 'app--1')],
    ['ListUserPoolClients', () => connector.browse({ ...call, place: null })],
  ];
  for (const [permission, act] of acts) {
    const message = `User: x is not authorized to perform: cognito-idp:${permission} on resource: y`;
    fake.trouble = ({ service, action }) =>
      action === permission ? awsError(service, 400, 'AccessDeniedException', message) : undefined;
    const error = await failure(act);
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(`cognito-idp:${permission}.`);
  }
});

test('check changes nothing, and tells of a public client, of a missing one and of a wrong domain', async () => {
  const { fake, call } = await client();
  const before = JSON.stringify([...fake.clients]);
  await connector.check(call);
  expect(JSON.stringify([...fake.clients])).toBe(before);
  const at = (clientId: string) => ({ ...call, place: { clientId } });
  expect((await failure(() => connector.check(at('public')))).message).toContain('is a public client');
  expect((await failure(() => connector.check(at('nobody')))).message).toContain('ResourceNotFoundException');
  fake.trouble = ({ service }) =>
    service === 'site'
      ? { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } }
      : undefined;
  expect((await failure(() => connector.check(call))).message).toContain('check the URL');
});

test.each([
  { flows: ['code'], on: true },
  { flows: [], on: false },
  { flows: ['client_credentials'], on: false },
])(
  'a client that may not use the grant its secret is tried by is refused, and no secret of it is called right: %o',
  async (grants) => {
    const { fake, first, call } = await client();
    Object.assign(fake.grants, grants);
    const error = await failure(() => connector.check(call));
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(/app client app may not use the client credentials grant/);
    for (const value of [first.value, 'a wrong one']) {
      const undecided = await failure(() => connector.verify(call, secretOf(value)));
      expect(undecided.message).toContain(
        '(unauthorized_client), which does not say whether the secret is right',
      );
    }
  },
);

test('check does without the permission to read the client, which rotating it does not need', async () => {
  const { fake, call } = await client();
  const message = 'User: x is not authorized to perform: cognito-idp:DescribeUserPoolClient on resource: y';
  fake.trouble = ({ service, action }) =>
    action === 'DescribeUserPoolClient'
      ? awsError(service, 400, 'AccessDeniedException', message)
      : undefined;
  await connector.check(call);
});

test('revoking the last secret is a conflict, and only a secret that is gone counts as revoked', async () => {
  const { fake, first, call } = await client();
  const error = await failure(() => connector.revoke(call, first.id));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`${first.id} is the last secret of the app client app`);
  await connector.revoke(call, 'app--1');
  const missing = { ...call, place: { clientId: 'nobody' } };
  expect((await failure(() => connector.revoke(missing, 'nobody--1'))).retry).toBe('never');
  fake.add('app');
  fake.trouble = ({ service, action }) =>
    action === 'DeleteUserPoolClientSecret' ? awsError(service, 400, 'InvalidParameterException') : undefined;
  expect((await failure(() => connector.revoke(call, first.id))).message).toContain(
    'InvalidParameterException',
  );
});

test('throttling is later and waits as long as AWS says, when issuing and when revoking', async () => {
  const { fake, first, call } = await client();
  fake.trouble = ({ service }) => ({
    ...awsError(service, 400, 'TooManyRequestsException'),
    headers: { 'retry-after': '11' },
  });
  for (const act of [() => connector.issue(call, wish), () => connector.revoke(call, first.id)]) {
    expect(await failure(act)).toMatchObject({ retry: 'later', retryAfterSeconds: 11 });
  }
});

test('an answer without the id names the field, and without a chosen value nothing is issued', async () => {
  const { fake, call } = await client();
  fake.trouble = () => ({ status: 200, body: { ClientSecretDescriptor: {} } });
  expect((await failure(() => connector.issue(call, wish))).message).toContain(
    'has no field `ClientSecretDescriptor.ClientSecretId`',
  );
  fake.trouble = undefined;
  expect((await failure(() => connector.issue(call, { rotationId: 'r' }))).message).toContain(
    'Nothing was issued',
  );
  expect(fake.clients.get('app')).toHaveLength(1);
});

test('browsing lists the clients that have secrets, with places as they are entered', async () => {
  const { first, call } = await client();
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ label }) => label)).toEqual(['the app', 'the sibling']);
  expect(cognito.place.parse(found[0]?.place)).toEqual({ clientId: 'app' });
  expect(found[0]?.secrets).toEqual([
    { externalId: first.id, createdAt: new Date(first.createdAt * 1000), lastUsedAt: null },
  ]);
});
