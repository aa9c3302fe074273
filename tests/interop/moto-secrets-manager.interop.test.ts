import { expect, test } from 'vitest';
import { z } from 'zod';
import { anything } from '#connectors/aws.ts';
import { awsSecretsManager } from '#connectors/targets/aws-secrets-manager.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { rotateFully } from './rotate-fully.ts';
import { makeKey, startMoto } from './servers/moto.ts';
import { withServer } from './servers.ts';

const value = z.object({ SecretString: z.string(), VersionId: z.string() });

await withServer('AWS Secrets Manager on moto', startMoto, ({ config, ask }) => {
  const read = (SecretId: string) => ask('secretsmanager', 'GetSecretValue', { SecretId }, value);
  const make = (Name: string, SecretString: string) =>
    ask(
      'secretsmanager',
      'CreateSecret',
      { Name, SecretString, ClientRequestToken: crypto.randomUUID() },
      anything,
    );
  const callTo = (secretId: string, shape: 'json' | 'plain' = 'json') =>
    callWith(awsSecretsManager.config.parse(config), { secretId, shape });

  test('two rotations of an IAM key end in the secret, and its other keys and secrets are as they were', async () => {
    await ask('iam', 'CreateUser', { UserName: 'app' }, anything);
    const first = await makeKey(ask, 'app');
    await make('prod/app', '{"OTHER": "1", "n": 5}');
    await make('prod/other', '{"ID":"other"}');
    const other = await read('prod/other');
    const last = await rotateFully({
      issuer: { kind: 'aws-iam', config, place: { userName: 'app' } },
      fields: first,
      externalId: first.accessKeyId,
      target: {
        kind: 'aws-secrets-manager',
        config,
        place: { secretId: 'prod/app' },
        fields: { accessKeyId: 'ID', secretAccessKey: 'SECRET' },
      },
    });
    expect(JSON.parse((await read('prod/app')).SecretString)).toEqual({
      OTHER: '1',
      n: 5,
      ID: last.accessKeyId,
      SECRET: last.secretAccessKey,
    });
    expect(await read('prod/other')).toEqual(other);
  });

  test('the next value lies beside the one in use and is taken away again, and check makes no version', async () => {
    const call = callTo('prod/app');
    const before = await read('prod/app');
    await awsSecretsManager.check(call);
    expect(await read('prod/app')).toEqual(before);
    const next = { SECRET: new Plaintext('coming') };
    await awsSecretsManager.deliver(call, next, 'next');
    expect(await awsSecretsManager.confirm(call, next, 'next')).toBe('live');
    await awsSecretsManager.remove?.(call, ['SECRET'], 'next');
    expect(JSON.parse((await read('prod/app')).SecretString)).toEqual(JSON.parse(before.SecretString));
  });

  test('a plain secret and one without a value are written, and a missing one is told of', async () => {
    await make('prod/plain', 'old');
    const entries = { VALUE: new Plaintext('new') };
    await awsSecretsManager.deliver(callTo('prod/plain', 'plain'), entries, 'primary');
    expect((await read('prod/plain')).SecretString).toBe('new');
    await ask(
      'secretsmanager',
      'CreateSecret',
      { Name: 'prod/empty', ClientRequestToken: crypto.randomUUID() },
      anything,
    );
    await awsSecretsManager.deliver(callTo('prod/empty'), entries, 'primary');
    expect((await read('prod/empty')).SecretString).toBe('{"VALUE":"new"}');
    await expect(awsSecretsManager.check(callTo('prod/none'))).rejects.toThrow(
      /There is no secret prod\/none/,
    );
  });

  test('a missing permission is named', async () => {
    await ask('iam', 'CreateUser', { UserName: 'weak' }, anything);
    const weak = await makeKey(ask, 'weak');
    const call = { ...callTo('prod/app'), config: awsSecretsManager.config.parse({ ...config, ...weak }) };
    await expect(awsSecretsManager.check(call)).rejects.toMatchObject({
      because: 'permission',
      message: expect.stringContaining('secretsmanager:GetSecretValue'),
    });
  });
});
