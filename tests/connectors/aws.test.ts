import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { AwsRefusal, anything, askAws } from '#connectors/aws.ts';
import { awsFields, endpointOf } from '#connectors/aws-sign-in.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../support/call.ts';
import { awsError, type FakeAws, fakeAws, newKey } from './worlds/aws.ts';

const config = z.object(awsFields);
const open: FakeAws[] = [];

afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

async function aws(more: Record<string, unknown> = {}) {
  const fake = await fakeAws(({ service, action }) => ({
    status: 200,
    body: service === 'iam' ? `<${action}Response><Said>yes</Said></${action}Response>` : { said: 'yes' },
  }));
  open.push(fake);
  return { fake, call: callWith(config.parse({ ...fake.config, ...more }), {}) };
}

const question = { what: 'Trying', schema: anything, body: { Name: 's3cret-äß' } } as const;
const json = { ...question, service: 'ssm', action: 'PutParameter' } as const;
const query = { ...question, service: 'iam', action: 'CreateAccessKey' } as const;

const failure = (act: () => Promise<unknown>) => failureOf(act, /s3cret/);

test('requests to JSON and query APIs are signed so that AWS accepts them', async () => {
  const { fake, call } = await aws();
  expect(await askAws(call, json)).toEqual({ said: 'yes' });
  expect(await askAws(call, query)).toEqual({ CreateAccessKeyResponse: { Said: 'yes' } });
  expect(fake.asked.map(({ service, action, body }) => [service, action, body.Name])).toEqual([
    ['ssm', 'PutParameter', 's3cret-äß'],
    ['iam', 'CreateAccessKey', 's3cret-äß'],
  ]);
});

test('a session token is signed and sent along', async () => {
  const seen: HttpRequest[] = [];
  const http = {
    request: async (request: HttpRequest) => {
      seen.push(request);
      return { status: 200, headers: {}, text: '{}' };
    },
  };
  const { call } = await aws({ sessionToken: 'session' });
  await askAws({ ...call, http }, json);
  expect(seen[0]?.headers?.['x-amz-security-token']).toBe('session');
  expect(seen[0]?.headers?.authorization).toContain('x-amz-security-token');
});

test('the public endpoints follow from the region and its partition', () => {
  const at = (region: string, service: 'iam' | 'ssm') => {
    const { url, region: signedFor } = endpointOf({ region, endpoint: undefined }, service);
    return `${url} ${signedFor}`;
  };
  expect(at('eu-central-1', 'ssm')).toBe('https://ssm.eu-central-1.amazonaws.com/ eu-central-1');
  expect(at('cn-north-1', 'ssm')).toBe('https://ssm.cn-north-1.amazonaws.com.cn/ cn-north-1');
  expect(at('eu-central-1', 'iam')).toBe('https://iam.amazonaws.com/ us-east-1');
  expect(at('cn-northwest-1', 'iam')).toBe('https://iam.cn-north-1.amazonaws.com.cn/ cn-north-1');
  expect(at('us-gov-east-1', 'iam')).toBe('https://iam.us-gov.amazonaws.com/ us-gov-west-1');
});

test('a missing permission is named as AWS names it, and nothing else of its text is told', async () => {
  const { fake, call } = await aws();
  const message =
    'User: arn:aws:iam::1:user/s3cret is not authorized to perform: kms:GenerateDataKey on resource: s3cret with an explicit deny in a service control policy';
  fake.trouble = () => awsError('ssm', 400, 'com.amazon.coral#AccessDeniedException:http://x/', message);
  const error = await failure(() => askAws(call, json));
  expect(error).toMatchObject({ retry: 'never', because: 'permission', code: 'AccessDeniedException' });
  expect(error.message).toBe(
    'Trying failed: AWS answered AccessDeniedException: the stored sign-in may not do kms:GenerateDataKey. A policy denies it explicitly. Nothing was changed; allow it in the policy of that identity.',
  );
  fake.trouble = () => awsError('iam', 403, 'AccessDenied');
  expect((await failure(() => askAws(call, query))).message).toContain('may not do iam:CreateAccessKey.');
  fake.trouble = () => awsError('ssm', 400, 'AccessDeniedException', 'Access to KMS is not allowed');
  expect((await failure(() => askAws(call, json))).message).toContain('kms:Decrypt');
});

test.each([
  ['InvalidClientTokenId', 'never', 'permission'],
  ['SignatureDoesNotMatch', 'never', 'permission'],
  ['ExpiredToken', 'never', 'permission'],
  ['Throttling', 'later', undefined],
  ['EntityTemporarilyUnmodifiable', 'later', undefined],
  ['LimitExceeded', 'never', 'conflict'],
  ['ValidationError', 'never', undefined],
] as const)('the code %s is %s, %s, whatever the status is', async (code, retry, because) => {
  const { fake, call } = await aws();
  for (const status of [400, 403, 409, 429]) {
    fake.trouble = () => ({ ...awsError('iam', status, code, 's3cret'), headers: { 'retry-after': '7' } });
    const error = await failure(() => askAws(call, { ...query, once: true }));
    expect(error).toMatchObject({ retry, because, code });
    if (code === 'Throttling') expect(error.retryAfterSeconds).toBe(7);
  }
});

test('a wrong clock is told as one, and is no judgement of the keys', async () => {
  const { fake, call } = await aws();
  const message =
    'Signature expired: 20261125T100000Z is now earlier than 20261125T101500Z (20261125T103000Z - 15 min.)';
  fake.trouble = () => awsError('iam', 403, 'SignatureDoesNotMatch', message);
  const error = await failure(() => askAws(call, query));
  expect(error).toMatchObject({ retry: 'later', because: undefined, code: 'ClockSkew' });
  expect(error.message).toContain('set the clock right');
});

test('an answer lost or broken is unknown only where doing it twice matters', async () => {
  const { fake, call } = await aws();
  for (const trouble of ['cut', 'cut_after', 'broken'] as const) {
    fake.trouble = () => (trouble === 'broken' ? awsError('iam', 503, 'ServiceUnavailable') : trouble);
    expect((await failure(() => askAws(call, query))).retry).toBe('later');
    const error = await failure(() => askAws(call, { ...query, once: true }));
    expect(error).toMatchObject({ retry: 'unknown' });
    expect(error).not.toBeInstanceOf(AwsRefusal);
  }
});

test('an answer that is no XML, or of another form, names what it is and which field is missing', async () => {
  const { fake, call } = await aws();
  const schema = z.object({ CreateAccessKeyResponse: z.object({ Key: z.string() }) });
  const error = await failure(() => askAws(call, { ...query, schema, once: true }));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain(
    'The answer of iam:CreateAccessKey has no field `CreateAccessKeyResponse.Key`.',
  );
  fake.trouble = () => ({
    status: 200,
    body: '<!doctype html><html>s3cret</html>',
    headers: { 'content-type': 'text/html' },
  });
  const html = await failure(() => askAws(call, query));
  expect(html).toMatchObject({ retry: 'never' });
  expect(html.message).toBe('The answer of iam:CreateAccessKey is HTML instead of XML: check the endpoint.');
  expect((await failure(() => askAws(call, json))).message).toContain('is HTML instead of JSON');
  fake.trouble = () => ({ status: 403, body: '<html>s3cret</html>' });
  expect(await failure(() => askAws(call, json))).toMatchObject({ retry: 'never', because: 'permission' });
});

test('a role is assumed with the stored keys, once, and its session signs what follows', async () => {
  const roleArn = 'arn:aws:iam::123456789012:role/rekey';
  const { fake, call } = await aws({ roleArn });
  const made = newKey();
  fake.keys.set(made.accessKeyId, made.secretAccessKey);
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  fake.trouble = ({ action, accessKeyId, body }) => {
    if (action !== 'AssumeRole') return undefined;
    expect([accessKeyId, body.RoleArn]).toEqual([fake.config.accessKeyId, roleArn]);
    return {
      status: 200,
      body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${made.accessKeyId}</AccessKeyId><SecretAccessKey>${made.secretAccessKey}</SecretAccessKey><SessionToken>s3cret-session</SessionToken><Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    };
  };
  const kept = new Map<string, Plaintext>();
  const remember: typeof call.remember = async (name, make) => {
    const found = kept.get(name);
    if (found !== undefined) return found;
    const { value, seconds } = await make();
    expect(seconds).toBeGreaterThan(3_500);
    kept.set(name, value);
    return value;
  };
  const acting = { ...call, remember };
  await askAws(acting, json);
  await askAws(acting, query);
  expect(fake.asked.map(({ action, accessKeyId }) => [action, accessKeyId === made.accessKeyId])).toEqual([
    ['AssumeRole', false],
    ['PutParameter', true],
    ['CreateAccessKey', true],
  ]);
  const keys = { ...fake.config, secretAccessKey: new Plaintext(fake.config.secretAccessKey) };
  await askAws(acting, { ...json, keys });
  expect(fake.asked.at(-1)?.accessKeyId).toBe(fake.config.accessKeyId);
});

test('a role that may not be assumed is named', async () => {
  const { fake, call } = await aws({ roleArn: 'arn:aws:iam::123456789012:role/rekey' });
  fake.trouble = ({ service }) =>
    awsError(
      service,
      403,
      'AccessDenied',
      'User: x is not authorized to perform: sts:AssumeRole on resource: y',
    );
  const error = await failure(() => askAws(call, json));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('Assuming the role arn:aws:iam::123456789012:role/rekey failed');
  expect(error.message).toContain('sts:AssumeRole');
});
