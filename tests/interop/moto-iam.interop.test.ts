import { expect, test } from 'vitest';
import { anything } from '#connectors/aws.ts';
import { awsIam } from '#connectors/issuers/aws-iam.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { rotateFully } from './rotate-fully.ts';
import { makeKey, startMoto } from './servers/moto.ts';
import { withServer } from './servers.ts';

await withServer('AWS IAM on moto', startMoto, ({ config, ask }) => {
  const place = { userName: 'app' };
  const call = () => callWith(awsIam.config.parse(config), place);
  const fieldsOf = (key: Record<string, string>) =>
    Object.fromEntries(Object.entries(key).map(([name, value]) => [name, new Plaintext(value)]));
  const verdict = (key: Record<string, string>, userName = 'app') =>
    awsIam.verify({ ...call(), place: { userName } }, fieldsOf(key));

  test('two rotations leave the newest key alone working, and the key of another user as it was', async () => {
    for (const UserName of ['app', 'sibling']) await ask('iam', 'CreateUser', { UserName }, anything);
    const first = await makeKey(ask, 'app');
    const sibling = await makeKey(ask, 'sibling');
    expect(await verdict(first)).toBe('accepted');
    await expect(verdict(sibling)).rejects.toThrow(/not one of the user app/);
    const last = await rotateFully({
      issuer: { kind: 'aws-iam', config, place },
      fields: first,
      externalId: first.accessKeyId,
    });
    expect(last.accessKeyId).not.toBe(first.accessKeyId);
    expect(await verdict(last)).toBe('accepted');
    expect(await verdict(first)).toBe('rejected');
    expect(await verdict({ ...last, secretAccessKey: 'wrong' })).toBe('rejected');
    expect(await verdict(sibling, 'sibling')).toBe('accepted');
    const listed = await awsIam.listSecrets?.(call());
    expect(listed?.map(({ externalId }) => externalId)).toEqual([last.accessKeyId]);
  });

  test('a full user is a conflict, a missing permission is named, and Rekey never revokes its own key', async () => {
    await makeKey(ask, 'app');
    await expect(awsIam.issue?.(call(), { rotationId: 'r' })).rejects.toMatchObject({ because: 'conflict' });
    const powerless = await makeKey(ask, 'sibling');
    const weak = callWith(awsIam.config.parse({ ...config, ...powerless }), place);
    await expect(awsIam.check(weak)).rejects.toMatchObject({
      because: 'permission',
      message: expect.stringContaining('iam:ListAccessKeys'),
    });
    await awsIam.check(call());
    const own = callWith(awsIam.config.parse(config), { userName: 'rekey' });
    await expect(awsIam.check(own)).rejects.toThrow(/lock itself out/);
  });

  test('revoking again succeeds, and browsing finds the users with keys', async () => {
    const key = await makeKey(ask, 'rekey');
    const own = callWith(awsIam.config.parse(config), { userName: 'rekey' });
    await awsIam.revoke?.(own, key.accessKeyId);
    await awsIam.revoke?.(own, key.accessKeyId);
    expect(await verdict(key, 'rekey')).toBe('rejected');
    const found = await awsIam.browse?.({ ...own, place: null });
    expect(found?.map(({ label }) => label).sort()).toEqual(['app', 'rekey', 'sibling']);
  });

  test('a role is assumed, and what its policy does not allow is named', async () => {
    // moto signs a body that it has written anew, in which an asterisk looks otherwise than in ours.
    const policyOf = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [statement] }).replaceAll('*', '\\u002a');
    const trusts = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = policyOf(trusts);
    await ask('iam', 'CreateRole', { RoleName: 'rotator', AssumeRolePolicyDocument }, anything);
    const allow = async (Action: string[]) => {
      const PolicyDocument = policyOf({ Effect: 'Allow', Action, Resource: '*' });
      const body = { RoleName: 'rotator', PolicyName: 'keys', PolicyDocument };
      await ask('iam', 'PutRolePolicy', body, anything);
    };
    const roleArn = 'arn:aws:iam::123456789012:role/rotator';
    const acting = { ...call(), config: awsIam.config.parse({ ...config, roleArn }) };
    await allow(['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed']);
    await expect(awsIam.check(acting)).rejects.toThrow(/may not do iam:DeleteAccessKey\./);
    await allow(['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed', 'iam:DeleteAccessKey']);
    await awsIam.check(acting);
  });
});
