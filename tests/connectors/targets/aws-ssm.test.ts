import { afterEach, expect, test } from 'vitest';
import type { Entries } from '#connectors/contract.ts';
import { awsSsm } from '#connectors/targets/aws-ssm.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { awsError, denied } from '../worlds/aws.ts';
import { type FakeSsm, fakeSsm } from '../worlds/aws-ssm.ts';

const open: FakeSsm[] = [];

afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

const connector = awsSsm as Required<typeof awsSsm>;
const entries: Entries = { KEY: new Plaintext('s3cret-new') };

async function ssm(place: { kmsKey?: string } = {}) {
  const fake = await fakeSsm();
  open.push(fake);
  const call = callWith(
    awsSsm.config.parse(fake.config),
    awsSsm.place.parse({ path: '/prod/app', ...place }),
  );
  return { fake, call, puts: () => fake.asked.filter(({ action }) => action === 'PutParameter') };
}

const failure = (act: () => Promise<unknown>) => failureOf(act, /s3cret/);

test('a key is a SecureString on the path, with the KMS key of the place', async () => {
  const { fake, call } = await ssm({ kmsKey: 'alias/app' });
  await connector.deliver(call, entries, 'primary');
  await connector.deliver(call, entries, 'next');
  expect([...fake.parameters]).toEqual([
    ['/prod/app/KEY', { type: 'SecureString', value: 's3cret-new', version: 1, keyId: 'alias/app' }],
    ['/prod/app/KEY_NEXT', { type: 'SecureString', value: 's3cret-new', version: 1, keyId: 'alias/app' }],
  ]);
});

test('a parameter keeps the KMS key it has, and its next value is under the same one', async () => {
  const { fake, call } = await ssm();
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  fake.parameters.set('/prod/app/KEY', { type: 'SecureString', value: 'old', version: 4, keyId: key });
  fake.parameters.set('/prod/app/B', { type: 'SecureString', value: 'old', version: 1, keyId: 'alias/b' });
  const both = { ...entries, B: new Plaintext('s3cret-b'), C: new Plaintext('s3cret-c') };
  await connector.deliver(call, both, 'next');
  await connector.deliver(call, both, 'primary');
  const keys = [...fake.parameters].map(([name, { keyId }]) => [name, keyId]).sort();
  expect(keys).toEqual([
    ['/prod/app/B', 'alias/b'],
    ['/prod/app/B_NEXT', 'alias/b'],
    ['/prod/app/C', 'alias/aws/ssm'],
    ['/prod/app/C_NEXT', 'alias/aws/ssm'],
    ['/prod/app/KEY', key],
    ['/prod/app/KEY_NEXT', key],
  ]);
});

test('the KMS keys of more parameters than AWS takes at once are kept', async () => {
  const { fake, call } = await ssm();
  const many = Array.from({ length: 53 }, (_, at) => `K${at}`);
  for (const [at, key] of many.entries()) {
    const keyId = `alias/${at}`;
    fake.parameters.set(`/prod/app/${key}`, { type: 'SecureString', value: 'old', version: 1, keyId });
  }
  const values = Object.fromEntries(many.map((key) => [key, new Plaintext('s3cret')]));
  await connector.deliver(call, values, 'primary');
  expect([...fake.parameters.values()].map(({ keyId }) => keyId)).toEqual(many.map((_, at) => `alias/${at}`));
});

test('the KMS key of the place goes before the one a parameter has, which is then not asked for', async () => {
  const { fake, call } = await ssm({ kmsKey: 'alias/app' });
  fake.parameters.set('/prod/app/KEY', { type: 'SecureString', value: 'old', version: 1, keyId: 'alias/b' });
  await connector.check(call);
  await connector.deliver(call, entries, 'primary');
  expect(fake.parameters.get('/prod/app/KEY')?.keyId).toBe('alias/app');
  expect(fake.asked.map(({ action }) => action)).not.toContain('DescribeParameters');
});

test('where the KMS key of a parameter may not be read nothing is written, and the permission is named', async () => {
  const { fake, call, puts } = await ssm();
  fake.parameters.set('/prod/app/KEY', { type: 'SecureString', value: 'old', version: 1, keyId: 'alias/b' });
  fake.trouble = (asked) => (asked.action === 'DescribeParameters' ? denied(asked) : undefined);
  const error = await failure(() => connector.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('may not do ssm:DescribeParameters.');
  expect(error.message).toContain('enter the KMS key in the place');
  expect(puts()).toHaveLength(0);
});

test('a parameter whose KMS key AWS does not list yet is left alone until later', async () => {
  const { fake, call, puts } = await ssm();
  const there = { type: 'SecureString', value: 'old', version: 1, keyId: 'alias/b', unlisted: true };
  fake.parameters.set('/prod/app/KEY', there);
  for (const slot of ['primary', 'next'] as const) {
    const error = await failure(() => connector.deliver(call, entries, slot));
    expect(error.retry).toBe('later');
    expect(error.message).toContain('the KMS key of /prod/app/KEY');
  }
  expect(puts()).toHaveLength(0);
});

test('only what differs is written, so that no version is made for nothing', async () => {
  const { fake, call, puts } = await ssm();
  const both = { ...entries, B: new Plaintext('s3cret-b') };
  await connector.deliver(call, both, 'primary');
  await connector.deliver(call, both, 'primary');
  await connector.deliver(call, { ...both, B: new Plaintext('s3cret-c') }, 'primary');
  expect(puts()).toHaveLength(3);
  expect(fake.parameters.get('/prod/app/KEY')?.version).toBe(1);
  expect(fake.parameters.get('/prod/app/B')?.version).toBe(2);
});

test('more keys than AWS takes at once are read, confirmed and removed in parts', async () => {
  const { fake, call } = await ssm();
  const many = Object.fromEntries(
    Array.from({ length: 23 }, (_, at) => [`K${at}`, new Plaintext(`s3cret-${at}`)]),
  );
  await connector.deliver(call, many, 'next');
  expect(fake.parameters.size).toBe(23);
  expect(await connector.confirm(call, many, 'next')).toBe('live');
  await connector.remove(call, Object.keys(many), 'next');
  expect(fake.parameters.size).toBe(0);
});

test('a delivery whose answer was lost is later, and is found done when it is sent again', async () => {
  const { fake, call, puts } = await ssm();
  fake.trouble = ({ action }) => (action === 'PutParameter' ? 'cut_after' : undefined);
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.trouble = undefined;
  await connector.deliver(call, entries, 'primary');
  expect(puts()).toHaveLength(1);
});

test('a parameter of readable text is pending and named, since AWS does not change its type', async () => {
  const { fake, call } = await ssm();
  fake.parameters.set('/prod/app/KEY', { type: 'String', value: 's3cret-new', version: 1 });
  expect(await connector.confirm(call, entries, 'primary')).toBe('pending');
  const error = await failure(() => connector.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('The parameter /prod/app/KEY is there as readable text');
});

test('a label on the oldest of a hundred versions is a conflict that names the parameter', async () => {
  const { fake, call } = await ssm();
  fake.parameters.set('/prod/app/KEY', { type: 'SecureString', value: 'old', version: 100, labelled: true });
  const error = await failure(() => connector.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('The parameter /prod/app/KEY has a hundred versions');
});

test('a KMS key that is not there is named as the place’s, and a value that a pattern forbids as such', async () => {
  const { fake, call } = await ssm({ kmsKey: 'alias/gone' });
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).message).toContain(
    'The KMS key for',
  );
  fake.trouble = ({ action }) =>
    action === 'PutParameter' ? awsError('ssm', 400, 'ParameterPatternMismatchException') : undefined;
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).message).toContain(
    'allowed pattern',
  );
});

test('check proves reading, deleting and writing, names what is missing and changes nothing', async () => {
  const { fake, call } = await ssm();
  await connector.check(call);
  fake.parameters.set('/prod/app/OTHER', { type: 'String', value: '1', version: 1 });
  await connector.check(call);
  expect([...fake.parameters]).toEqual([['/prod/app/OTHER', { type: 'String', value: '1', version: 1 }]]);
  const needed = [
    'GetParameters',
    'DescribeParameters',
    'DeleteParameters',
    'GetParametersByPath',
    'PutParameter',
  ];
  for (const permission of needed) {
    const message = `User: x is not authorized to perform: ssm:${permission} on resource: y`;
    fake.trouble = ({ action }) =>
      action === permission ? awsError('ssm', 400, 'AccessDeniedException', message) : undefined;
    const error = await failure(() => connector.check(call));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(`ssm:${permission}.`);
  }
});

test('the parameter that check tries to make is refused even where it goes away at that moment', async () => {
  const { fake, call } = await ssm();
  fake.parameters.set('/prod/app/OTHER', { type: 'String', value: '1', version: 1 });
  fake.trouble = ({ action }) => {
    if (action === 'PutParameter') fake.parameters.clear();
    return undefined;
  };
  await connector.check(call);
  expect(fake.parameters.size).toBe(0);
});

test('a key that cannot be a name, and a path that AWS keeps for itself, are refused', async () => {
  const { call, puts } = await ssm();
  const bad = { 'A B': new Plaintext('s3cret') };
  expect((await failure(() => connector.deliver(call, bad, 'primary'))).message).toContain(
    'A B cannot be the name',
  );
  expect(puts()).toHaveLength(0);
  for (const path of ['/aws/app', '/ssm', 'app', '/app/', '/']) {
    expect(awsSsm.place.safeParse({ path }).success).toBe(false);
  }
});

test('an answer without the value names the field, and throttling is later', async () => {
  const { fake, call } = await ssm();
  fake.trouble = () => ({
    status: 200,
    body: { Parameters: [{ Name: '/prod/app/KEY', Type: 'String', Version: 1 }] },
  });
  const error = await failure(() => connector.confirm(call, entries, 'primary'));
  expect(error.message).toBe('The answer of ssm:GetParameters has no field `Parameters.0.Value`.');
  fake.trouble = () => ({ ...awsError('ssm', 400, 'ThrottlingException'), headers: { 'retry-after': '2' } });
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 2,
  });
});
