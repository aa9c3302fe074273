import { afterEach, expect, test } from 'vitest';
import type { Entries } from '#connectors/contract.ts';
import { awsSecretsManager } from '#connectors/targets/aws-secrets-manager.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { awsError } from '../worlds/aws.ts';
import {
  type FakeSecret,
  type FakeSecretsManager,
  fakeSecretsManager,
} from '../worlds/aws-secrets-manager.ts';

const open: FakeSecretsManager[] = [];

afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

const connector = awsSecretsManager as Required<typeof awsSecretsManager>;
const entries: Entries = { KEY: new Plaintext('s3cret-new') };
const firstId = 'v0000000000000000000000000000001';

async function secret(text: string | undefined, place: { shape?: 'json' | 'plain' } = {}) {
  const fake = await fakeSecretsManager();
  open.push(fake);
  if (text !== undefined) fake.put('app', firstId, text);
  const call = callWith(
    awsSecretsManager.config.parse(fake.config),
    awsSecretsManager.place.parse({ secretId: 'app', ...place }),
  );
  const puts = () => fake.asked.filter(({ action }) => action === 'PutSecretValue');
  return { fake, call, puts };
}

const failure = (act: () => Promise<unknown>) => failureOf(act, /s3cret/);

test('only the bound keys change: neighbours of every type and their order survive', async () => {
  const { fake, call } = await secret('{"A":1.50,"KEY":"old","Z":{"b":[null,"ä\\n"]},"__proto__":"p"}');
  await connector.deliver(call, entries, 'primary');
  expect(fake.textOf('app')).toBe('{"A":1.5,"KEY":"s3cret-new","Z":{"b":[null,"ä\\n"]},"__proto__":"p"}');
});

test('a secret that holds the entries already gets no new version, however it is written', async () => {
  const { call, puts } = await secret('{\n  "KEY" : "s3cret\\u002dnew",\n  "B": 1\n}\n');
  expect(await connector.confirm(call, entries, 'primary')).toBe('live');
  await connector.deliver(call, entries, 'primary');
  expect(puts()).toHaveLength(0);
});

test('the same delivery to the same version has one token, so that sending twice at once makes one version', async () => {
  const { fake, call, puts } = await secret('{"KEY":"old"}');
  await connector.deliver(call, entries, 'primary');
  const { current } = fake.secrets.get('app') ?? {};
  expect(current).toMatch(/^[0-9a-f]{32}$/);
  Object.assign(fake.secrets.get('app') ?? {}, { current: firstId, previous: undefined });
  fake.secrets.get('app')?.versions.pop();
  await connector.deliver(call, entries, 'primary');
  const tokens = puts().map(({ body }) => body.ClientRequestToken);
  expect(tokens).toEqual([current, current]);
  Object.assign(fake.secrets.get('app') ?? {}, { current: firstId, previous: undefined });
  fake.secrets.get('app')?.versions.pop();
  await connector.deliver({ ...call, versionId: 'version-2' }, entries, 'primary');
  expect(fake.secrets.get('app')?.current).not.toBe(current);
});

test('a delivery whose answer was lost is later, and is found done when it is sent again', async () => {
  const { fake, call, puts } = await secret('{"KEY":"old","B":"1"}');
  fake.trouble = ({ action }) => (action === 'PutSecretValue' ? 'cut_after' : undefined);
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.trouble = undefined;
  await connector.deliver(call, entries, 'primary');
  expect(puts()).toHaveLength(1);
  expect(fake.textOf('app')).toBe('{"KEY":"s3cret-new","B":"1"}');
});

test('what another writer put in between is kept: our keys go into theirs', async () => {
  const { fake, call, puts } = await secret('{"KEY":"old","B":"1"}');
  let times = 0;
  fake.trouble = ({ action }) => {
    times += action === 'PutSecretValue' ? 1 : 0;
    if (action === 'PutSecretValue' && times === 1)
      fake.put('app', 'other-writer-000000000000000000001', '{"KEY":"old","B":"2","C":"3"}');
    return undefined;
  };
  await connector.deliver(call, entries, 'primary');
  expect(JSON.parse(fake.textOf('app') ?? '')).toEqual({ KEY: 's3cret-new', B: '2', C: '3' });
  expect(puts()).toHaveLength(2);
});

const secondId = 'v0000000000000000000000000000002';
const thirdId = 'v0000000000000000000000000000003';

/** A secret of three versions, of which the second brought a neighbour's key; a label is late after the next put. */
async function lateAfterPut(late: NonNullable<FakeSecret['late']>) {
  const made = await secret('{"KEY":"old"}');
  made.fake.put('app', secondId, '{"KEY":"old","THEIRS":"1"}');
  made.fake.put('app', thirdId, '{"KEY":"old","THEIRS":"2"}');
  let isLate = false;
  made.fake.trouble = ({ action }) => {
    if (action === 'PutSecretValue' && !isLate) {
      isLate = true;
      Object.assign(made.fake.secrets.get('app') ?? {}, { late });
    }
    return undefined;
  };
  return made;
}

test.each([
  { stage: 'AWSPREVIOUS', id: secondId, reads: 1 },
  { stage: 'AWSPREVIOUS', id: firstId, reads: 2 },
  { stage: 'AWSPREVIOUS', id: undefined, reads: 1 },
  { stage: 'AWSCURRENT', id: secondId, reads: 1 },
  { stage: 'AWSCURRENT', id: thirdId, reads: 1 },
] as const)(
  'a label that is set late is no other writer, and a neighbour keeps its value: %o',
  async (late) => {
    const { fake, call, puts } = await lateAfterPut({ ...late });
    await connector.deliver(call, entries, 'primary');
    expect(JSON.parse(fake.textOf('app') ?? '')).toEqual({ KEY: 's3cret-new', THEIRS: '2' });
    expect(puts()).toHaveLength(1);
  },
);

test('what another writer put in between is kept where the label on it is set late', async () => {
  const { fake, call } = await lateAfterPut({ stage: 'AWSPREVIOUS', id: secondId, reads: 1 });
  const { trouble } = fake;
  let times = 0;
  fake.trouble = (asked) => {
    times += asked.action === 'PutSecretValue' ? 1 : 0;
    if (asked.action === 'PutSecretValue' && times === 1)
      fake.put('app', 'other-writer-000000000000000000001', '{"KEY":"old","THEIRS":"3"}');
    return trouble?.(asked);
  };
  await connector.deliver(call, entries, 'primary');
  expect(JSON.parse(fake.textOf('app') ?? '')).toEqual({ KEY: 's3cret-new', THEIRS: '3' });
});

test('a label that stays on an older version puts nothing back, and the delivery is later', async () => {
  const { fake, call, puts } = await lateAfterPut({ stage: 'AWSPREVIOUS', id: secondId, reads: 99 });
  const error = await failure(() => connector.deliver(call, entries, 'primary'));
  expect(error.retry).toBe('later');
  expect(error.message).toContain('The secret app was written, but AWS still names an older version');
  await connector.deliver(call, entries, 'primary');
  expect(JSON.parse(fake.textOf('app') ?? '')).toEqual({ KEY: 's3cret-new', THEIRS: '2' });
  expect(puts()).toHaveLength(1);
});

test('two deliveries to one secret at the same time both end in it', async () => {
  const { fake, call } = await secret('{"OLD":"1"}');
  const other = { OTHER: new Plaintext('s3cret-other') };
  const attempts = [
    () => connector.deliver(call, entries, 'primary'),
    () => connector.deliver({ ...call, versionId: 'version-2' }, other, 'primary'),
  ];
  for (const [at, result] of (await Promise.allSettled(attempts.map((act) => act()))).entries()) {
    if (result.status === 'fulfilled') continue;
    expect(result.reason).toMatchObject({ retry: 'later' });
    await attempts[at]?.();
  }
  expect(JSON.parse(fake.textOf('app') ?? '')).toEqual({
    OLD: '1',
    KEY: 's3cret-new',
    OTHER: 's3cret-other',
  });
});

test('a writer that does not stop is told of, and the delivery is later', async () => {
  const { fake, call } = await secret('{"KEY":"old"}');
  let times = 0;
  fake.trouble = ({ action }) => {
    if (action !== 'PutSecretValue') return undefined;
    times += 1;
    fake.put('app', `other-writer-00000000000000000000${times}`, `{"KEY":"old","B":"${times}"}`);
    return undefined;
  };
  const error = await failure(() => connector.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later' });
  expect(error.message).toContain('Somebody else writes the secret app');
});

test('a version that was made before and set back by a person is made anew', async () => {
  const { fake, call } = await secret('{"KEY":"old"}');
  await connector.deliver(call, entries, 'primary');
  Object.assign(fake.secrets.get('app') ?? {}, { current: firstId, previous: undefined });
  await connector.deliver(call, entries, 'primary');
  expect(fake.textOf('app')).toBe('{"KEY":"s3cret-new"}');
  expect(await connector.confirm(call, entries, 'primary')).toBe('live');
});

test('a token that stands for another value does not stop a delivery', async () => {
  const { fake, call } = await secret('{"KEY":"old"}');
  await connector.deliver(call, { KEY: new Plaintext('s3cret-wrong') }, 'primary');
  Object.assign(fake.secrets.get('app') ?? {}, { current: firstId, previous: undefined });
  await connector.deliver(call, entries, 'primary');
  expect(fake.textOf('app')).toBe('{"KEY":"s3cret-new"}');
});

test('check proves writing without a new version', async () => {
  const { fake, call } = await secret('{"KEY":"old"}');
  await connector.check(call);
  expect(fake.secrets.get('app')?.versions).toEqual([{ id: firstId, text: '{"KEY":"old"}' }]);
  for (const permission of ['GetSecretValue', 'PutSecretValue']) {
    const message = `User: x is not authorized to perform: secretsmanager:${permission} on resource: y`;
    fake.trouble = ({ action }) =>
      action === permission ? awsError('secretsmanager', 400, 'AccessDeniedException', message) : undefined;
    const error = await failure(() => connector.check(call));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(`secretsmanager:${permission}`);
  }
});

test('a secret that is not there is told of and not made, and one without a value is filled', async () => {
  const { fake, call } = await secret(undefined);
  for (const act of [() => connector.check(call), () => connector.deliver(call, entries, 'primary')]) {
    const error = await failure(act);
    expect(error).toMatchObject({ retry: 'never', because: undefined });
    expect(error.message).toContain('There is no secret app in eu-central-1');
  }
  expect(fake.secrets.size).toBe(0);
  fake.secrets.set('app', { versions: [], current: undefined, previous: undefined });
  await connector.check(call);
  expect(await connector.confirm(call, entries, 'primary')).toBe('pending');
  await connector.remove(call, ['KEY'], 'next');
  await connector.deliver(call, entries, 'primary');
  expect(fake.textOf('app')).toBe('{"KEY":"s3cret-new"}');
});

test.each(['s3cret text', '["s3cret"]', '"s3cret"', 'null'])(
  'a secret that is no JSON object is refused and left as it is: %s',
  async (text) => {
    const { fake, call } = await secret(text);
    for (const act of [() => connector.check(call), () => connector.deliver(call, entries, 'primary')]) {
      expect((await failure(act)).message).toContain('The secret app holds no JSON object of keys');
    }
    expect(fake.textOf('app')).toBe(text);
  },
);

test('numbers that would come back as others are refused, in texts they are not', async () => {
  for (const number of ['12345678901234567890', '0.12345678901234567890', '1e999']) {
    const { call } = await secret(`{"N":${number}}`);
    expect((await failure(() => connector.deliver(call, entries, 'primary'))).message).toContain('number');
  }
  const { fake, call } = await secret('{"N":"12345678901234567890 \\" 1e999","M":-0.25e3}');
  await connector.deliver(call, entries, 'primary');
  expect(JSON.parse(fake.textOf('app') ?? '')).toMatchObject({ N: '12345678901234567890 " 1e999', M: -250 });
});

test('a secret of bytes is refused', async () => {
  const { fake, call } = await secret('{}');
  fake.trouble = ({ action }) =>
    action === 'GetSecretValue'
      ? { status: 200, body: { VersionId: firstId, SecretBinary: 'czNjcmV0' } }
      : undefined;
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).message).toContain('holds bytes');
});

test('an answer without the version names the field', async () => {
  const { fake, call } = await secret('{}');
  fake.trouble = () => ({ status: 200, body: { SecretString: '{"KEY":"s3cret"}' } });
  const error = await failure(() => connector.confirm(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never' });
  expect(error.message).toBe('The answer of secretsmanager:GetSecretValue has no field `VersionId`.');
});

test('a plain secret is one value: it is replaced, holds no next one and takes no second', async () => {
  const { fake, call } = await secret('old', { shape: 'plain' });
  expect(connector.can(call.config, call.place)).toMatchObject({ holdsNext: false });
  await connector.check(call);
  await connector.deliver(call, entries, 'primary');
  await connector.deliver(call, entries, 'primary');
  expect(fake.textOf('app')).toBe('s3cret-new');
  expect(fake.secrets.get('app')?.versions).toHaveLength(2);
  expect(await connector.confirm(call, entries, 'primary')).toBe('live');
  const refused = [
    () => connector.deliver(call, entries, 'next'),
    () => connector.deliver(call, { ...entries, B: new Plaintext('s3cret') }, 'primary'),
  ];
  for (const act of refused) expect((await failure(act)).message).toContain('is one plain value');
  await connector.remove(call, ['KEY'], 'next');
  expect(fake.textOf('app')).toBe('s3cret-new');
});

test('throttling is later, and waits as long as AWS says', async () => {
  const { fake, call } = await secret('{}');
  fake.trouble = ({ service }) => ({
    ...awsError(service, 400, 'ThrottlingException'),
    headers: { 'retry-after': '3' },
  });
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 3,
  });
});
