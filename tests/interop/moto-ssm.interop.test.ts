import { expect, test } from 'vitest';
import { z } from 'zod';
import { anything } from '#connectors/aws.ts';
import { awsSsm } from '#connectors/targets/aws-ssm.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { rotateFully } from './rotate-fully.ts';
import { makeKey, startMoto } from './servers/moto.ts';
import { withServer } from './servers.ts';

const parameters = z.object({
  Parameters: z.array(
    z.object({ Name: z.string(), Value: z.string(), Type: z.string(), Version: z.number() }),
  ),
});

const named = z.object({ Parameters: z.array(z.object({ Name: z.string() })) });

await withServer('AWS SSM Parameter Store on moto', startMoto, ({ config, ask }) => {
  const all = async () => {
    const body = { Path: '/', Recursive: true, WithDecryption: true };
    const { Parameters } = await ask('ssm', 'GetParametersByPath', body, parameters);
    return Object.fromEntries(
      Parameters.map(({ Name, Value, Type, Version }) => [Name, [Value, Type, Version]]),
    );
  };
  const call = callWith(awsSsm.config.parse(config), { path: '/prod/app' });

  // Binding writes a first version, and each rotation one more.
  test('two rotations of an IAM key end in two parameters, and others are as they were', async () => {
    await ask('iam', 'CreateUser', { UserName: 'app' }, anything);
    const first = await makeKey(ask, 'app');
    for (const Name of ['/prod/app/OTHER', '/prod/app2/SECRET'])
      await ask('ssm', 'PutParameter', { Name, Value: '1', Type: 'String' }, anything);
    const last = await rotateFully({
      issuer: { kind: 'aws-iam', config, place: { userName: 'app' } },
      fields: first,
      externalId: first.accessKeyId,
      target: {
        kind: 'aws-ssm',
        config,
        place: { path: '/prod/app' },
        fields: { accessKeyId: 'ID', secretAccessKey: 'SECRET' },
      },
    });
    expect(await all()).toEqual({
      '/prod/app/OTHER': ['1', 'String', 1],
      '/prod/app2/SECRET': ['1', 'String', 1],
      '/prod/app/ID': [last.accessKeyId, 'SecureString', 3],
      '/prod/app/SECRET': [last.secretAccessKey, 'SecureString', 3],
    });
  });

  test('the next value is written beside, confirmed and removed, and check leaves nothing behind', async () => {
    const before = await all();
    await awsSsm.check(call);
    expect(await all()).toEqual(before);
    const next = { SECRET: new Plaintext('coming') };
    await awsSsm.deliver(call, next, 'next');
    expect(await awsSsm.confirm(call, next, 'next')).toBe('live');
    await awsSsm.remove?.(call, ['SECRET'], 'next');
    await awsSsm.remove?.(call, ['SECRET'], 'next');
    expect(await all()).toEqual(before);
  });

  // moto keeps the key of a parameter by itself, unlike AWS; a parameter that is new there has none to keep.
  test('the next value lies under the KMS key of its parameter', async () => {
    const KeyId = '1234abcd-12ab-34cd-56ef-1234567890ab';
    await ask(
      'ssm',
      'PutParameter',
      { Name: '/prod/app/OWN', Value: '1', Type: 'SecureString', KeyId },
      anything,
    );
    const own = { OWN: new Plaintext('2') };
    await awsSsm.deliver(call, own, 'next');
    await awsSsm.deliver(call, own, 'primary');
    const ParameterFilters = [{ Key: 'KeyId', Option: 'Equals', Values: [KeyId] }];
    const { Parameters } = await ask('ssm', 'DescribeParameters', { ParameterFilters }, named);
    expect(Parameters.map(({ Name }) => Name).sort()).toEqual(['/prod/app/OWN', '/prod/app/OWN_NEXT']);
  });

  test('a missing permission is named', async () => {
    await ask('iam', 'CreateUser', { UserName: 'weak' }, anything);
    const weak = await makeKey(ask, 'weak');
    const powerless = { ...call, config: awsSsm.config.parse({ ...config, ...weak }) };
    await expect(awsSsm.check(powerless)).rejects.toMatchObject({
      because: 'permission',
      message: expect.stringContaining('ssm:GetParameters'),
    });
  });
});
