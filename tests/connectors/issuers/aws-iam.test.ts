import { afterEach, expect, test } from 'vitest';
import { awsIam } from '#connectors/issuers/aws-iam.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { awsError } from '../worlds/aws.ts';
import { type FakeIam, fakeIam } from '../worlds/aws-iam.ts';

const open: FakeIam[] = [];

afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

const connector = awsIam as Required<typeof awsIam>;
const wish = { rotationId: 'rotation-1' };

async function iam(userName = 'app') {
  const fake = await fakeIam();
  open.push(fake);
  const first = fake.add('app');
  const sibling = fake.add('sibling');
  return { fake, first, sibling, call: callWith(awsIam.config.parse(fake.config), { userName }) };
}

const fieldsOf = (key: { accessKeyId: string; secretAccessKey: string }) => ({
  accessKeyId: new Plaintext(key.accessKeyId),
  secretAccessKey: new Plaintext(key.secretAccessKey),
});

test('a new key works beside the old one, and revoking deletes only the key that is named', async () => {
  const { fake, first, sibling, call } = await iam();
  const { externalId, fields, hint } = await connector.issue(call, wish);
  expect(hint).toBe(externalId);
  expect(fields.accessKeyId?.expose()).toBe(externalId);
  expect(await connector.verify(call, fields)).toBe('accepted');
  await connector.revoke(call, first.accessKeyId);
  expect(await connector.verify(call, fieldsOf(first))).toBe('rejected');
  const besides = { ...call, place: { userName: 'sibling' } };
  expect(await connector.verify(besides, fieldsOf(sibling))).toBe('accepted');
  expect(fake.live.size).toBe(3);
});

test('two keys are a conflict that names both, when they were made and last used', async () => {
  const { fake, first, call } = await iam();
  const second = fake.add('app');
  Object.assign(fake.live.get(second.accessKeyId) ?? {}, {
    status: 'Inactive',
    lastUsed: '2026-11-20T08:00:00Z',
  });
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toBe(
    `The user app has no free slot for an access key: it has ${first.accessKeyId} (Active, made 2026-11-02, never used) and ${second.accessKeyId} (Inactive, made 2026-11-02, last used 2026-11-20). Nothing was issued; delete the one that is not in use.`,
  );
  fake.trouble = (asked) =>
    asked.action === 'GetAccessKeyLastUsed' ? awsError('iam', 403, 'AccessDenied') : undefined;
  const without = await failure(() => connector.issue(call, wish));
  expect(without.because).toBe('conflict');
  expect(without.message).toContain(`${second.accessKeyId} (Inactive, made 2026-11-02, last use unknown)`);
});

test('the missing permission is named, for every action', async () => {
  const { fake, call } = await iam();
  const acts: [string, () => Promise<unknown>][] = [
    ['iam:ListAccessKeys', () => connector.check(call)],
    ['iam:GetAccessKeyLastUsed', () => connector.check(call)],
    ['iam:DeleteAccessKey', () => connector.check(call)],
    ['iam:CreateAccessKey', () => connector.issue(call, wish)],
    ['iam:DeleteAccessKey', () => connector.revoke(call, 'AKIA1111111111111111')],
    ['iam:GetAccessKeyLastUsed', () => connector.listSecrets(call)],
    ['iam:ListUsers', () => connector.browse({ ...call, place: null })],
  ];
  for (const [permission, act] of acts) {
    const message = `User: x is not authorized to perform: ${permission} on resource: user app`;
    fake.trouble = ({ action }) =>
      `iam:${action}` === permission ? awsError('iam', 403, 'AccessDenied', message) : undefined;
    const error = await failure(act);
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(permission);
  }
});

test('check passes with one key, with none, and changes nothing', async () => {
  const { fake, first, call } = await iam();
  const before = JSON.stringify([...fake.live]);
  await connector.check(call);
  expect(JSON.stringify([...fake.live])).toBe(before);
  fake.live.delete(first.accessKeyId);
  await connector.check(call);
});

test('a user that is not there is told by check, by issuing and by revoking', async () => {
  const { call } = await iam('nobody');
  for (const act of [
    () => connector.check(call),
    () => connector.issue(call, wish),
    () => connector.revoke(call, 'AKIA1111111111111111'),
  ]) {
    const error = await failure(act);
    expect(error).toMatchObject({ retry: 'never', because: undefined });
    expect(error.message).toMatch(/nobody.*NoSuchEntity/);
  }
});

test('the user whose key Rekey signs in with is refused, so that it never locks itself out', async () => {
  const { fake, call } = await iam('rekey');
  const checked = await failure(() => connector.check(call));
  expect(checked).toMatchObject({ retry: 'never' });
  expect(checked.message).toContain('would lock itself out');
  const revoked = await failure(() => connector.revoke(call, fake.config.accessKeyId));
  expect(revoked.message).toContain('Nothing was changed');
  expect(fake.live.has(fake.config.accessKeyId)).toBe(true);
});

test.each(['InvalidClientTokenId', 'SignatureDoesNotMatch'])(
  'a sign-in refused with %s is rejected',
  async (code) => {
    const { fake, first, call } = await iam();
    fake.trouble = () => awsError('sts', 403, code);
    expect(await connector.verify(call, fieldsOf(first))).toBe('rejected');
  },
);

test('a wrong clock, throttling or another refusal says nothing about a key', async () => {
  const { fake, first, call } = await iam();
  const verify = () => failure(() => connector.verify(call, fieldsOf(first)), first.secretAccessKey);
  fake.trouble = () =>
    awsError('sts', 403, 'SignatureDoesNotMatch', 'Signature expired: 1 is now earlier than 2');
  expect((await verify()).retry).toBe('later');
  fake.trouble = () => ({ ...awsError('sts', 400, 'Throttling'), headers: { 'retry-after': '9' } });
  expect(await verify()).toMatchObject({ retry: 'later', retryAfterSeconds: 9 });
  fake.trouble = () => awsError('sts', 403, 'RegionDisabledException');
  expect((await verify()).retry).toBe('never');
});

test('a working key of another user is no key of this one, since revoking it here would leave it alive', async () => {
  const { fake, first, sibling, call } = await iam();
  expect((await failure(() => connector.verify(call, fieldsOf(sibling)))).message).toContain(
    'not one of the user app',
  );
  const said = (arn: string) => () => ({
    status: 200,
    body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  });
  fake.trouble = said('arn:aws:iam::123456789012:user/division/App');
  expect(await connector.verify(call, fieldsOf(first))).toBe('accepted');
  for (const arn of ['arn:aws:iam::123456789012:root', 'arn:aws:sts::123456789012:assumed-role/x/app']) {
    fake.trouble = said(arn);
    expect((await failure(() => connector.verify(call, fieldsOf(first)))).retry).toBe('never');
  }
  fake.trouble = () => ({ status: 200, body: '<Welcome/>' });
  expect((await failure(() => connector.verify(call, fieldsOf(first)))).message).toContain(
    'GetCallerIdentityResponse',
  );
});

test('a version without one of its two fields is told by the name of the field', async () => {
  const { first, call } = await iam();
  const { accessKeyId, secretAccessKey } = fieldsOf(first);
  expect((await failure(() => connector.verify(call, { accessKeyId }))).message).toContain(
    '`secretAccessKey`',
  );
  expect((await failure(() => connector.verify(call, { secretAccessKey }))).message).toContain(
    '`accessKeyId`',
  );
});

test('issuing with the answer lost is unknown, and the key that was made is found by listing', async () => {
  const { fake, first, call } = await iam();
  fake.trouble = ({ action }) => {
    if (action !== 'CreateAccessKey') return undefined;
    return fake.asked.length > 1 ? undefined : 'cut_after';
  };
  expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  const listed = await connector.listSecrets(call);
  expect(listed.map(({ externalId }) => externalId)).toContain(first.accessKeyId);
  expect(listed).toHaveLength(2);
  expect(await failure(() => connector.issue(call, wish))).toMatchObject({ because: 'conflict' });
});

test('an answer without the secret names the field and is unknown', async () => {
  const { fake, call } = await iam();
  fake.trouble = () => ({
    status: 200,
    body: '<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><AccessKeyId>AKIA1111111111111111</AccessKeyId></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>',
  });
  const error = await failure(() => connector.issue(call, wish));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain(
    'no field `CreateAccessKeyResponse.CreateAccessKeyResult.AccessKey.SecretAccessKey`',
  );
});

test('listing tells when each key was made and last used', async () => {
  const { fake, first, call } = await iam();
  const second = fake.add('app');
  Object.assign(fake.live.get(second.accessKeyId) ?? {}, { lastUsed: '2026-11-20T08:00:00Z' });
  expect(await connector.listSecrets(call)).toEqual([
    { externalId: first.accessKeyId, createdAt: new Date('2026-11-02T10:00:00Z'), lastUsedAt: null },
    {
      externalId: second.accessKeyId,
      createdAt: new Date('2026-11-02T10:00:00Z'),
      lastUsedAt: new Date('2026-11-20T08:00:00Z'),
    },
  ]);
});

test('browsing lists the users that have keys, with places as they are entered', async () => {
  const { fake, first, call } = await iam();
  fake.users.add('without-keys');
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ label }) => label)).toEqual(['app', 'sibling', 'rekey']);
  expect(awsIam.place.parse(found[0]?.place)).toEqual({ userName: 'app' });
  expect(found[0]?.secrets[0]?.externalId).toBe(first.accessKeyId);
});
