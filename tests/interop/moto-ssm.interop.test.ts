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
