import { z } from 'zod';
import { anything, askAws, isRefusal } from '#connectors/aws.ts';
import { awsFields } from '#connectors/aws-sign-in.ts';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type ListedSecret,
} from '#connectors/contract.ts';
import {
  identity,
  issuedKey,
  type ListedKey,
  lastUsed,
  listedKeys,
  listedUsers,
} from '#connectors/issuers/aws-iam-answers.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object(awsFields);

const place = z.object({
  userName: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/, 'must be the name of an IAM user')
    .meta({
      title: 'IAM user',
      description: 'The name of the user whose access key is rotated, not the ARN.',
    }),
});

type Config = z.output<typeof config>;
type IamCall = Call<Config, z.output<typeof place>>;

/**
 * The access key of an IAM user. A user has two at most, and both work until one is deleted:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html. What `can` says, in order:
 * `maxLive`: the quota AccessKeysPerUser is 2 and cannot be raised, and inactive keys count
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html);
 * no chosen value, no reading back, no tag and no end: a key has none of them, and its secret is shown once
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html);
 * `usageSignal`: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html;
 * `propagationSeconds`: IAM is eventually consistent without a stated bound; seconds are usual, 15 is what is waited for
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency);
 * `reversibleRevoke`: false, since revoking deletes. AWS could make a key inactive first, but that would keep its slot,
 * and the next rotation would find none free.
 *
 * A sign-in is tried with sts:GetCallerIdentity, which needs no permission
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html). AWS locks nobody out for it.
 *
 * The identity Rekey signs in with must not be the user it rotates: revoking the old key would lock Rekey itself out.
 * `check` and `revoke` refuse that.
 */
export const awsIam: IssuerConnector<typeof config, typeof place> = {
  kind: 'aws-iam',
  title: 'AWS IAM access key',
  aliases: ['Amazon Web Services', 'access key ID', 'secret access key', 'IAM user'],
  docs: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html',
  needs:
    'iam:ListAccessKeys, iam:CreateAccessKey and iam:DeleteAccessKey on the user, and iam:GetAccessKeyLastUsed; iam:ListUsers to pick from a list; sts:AssumeRole where a role is entered.',
  proven: { against: 'real server', what: 'moto 5.2.5, an emulator of AWS', on: '2026-11-28' },
  config,
  place,
  secretField: 'secretAccessKey',
  can: () => ({
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: false,
    readBack: false,
    list: true,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: true,
    propagationSeconds: 15,
    failedSignIns: 10,
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  browse,
};

/** No key has this ID, so AWS tells by its refusal whether deleting is allowed: AccessDenied, or NoSuchEntity. */
const NO_KEY = 'AKIA0000000000000000';

/** Proves everything but iam:CreateAccessKey, which cannot be tried without making a key. */
async function check(call: IamCall): Promise<void> {
  const { userName } = call.place;
  const keys = await liveKeys(call, userName);
  const own = keys.find(({ AccessKeyId }) => AccessKeyId === call.config.accessKeyId);
  if (own !== undefined) throw signsInItself(own.AccessKeyId, userName);
  const [first] = keys;
  if (first !== undefined) await lastUse(call, first.AccessKeyId);
  try {
    await deleteKey(call, NO_KEY, 'Trying whether access keys may be deleted');
  } catch (error) {
    if (!isRefusal(error, 'NoSuchEntity')) throw error;
  }
}

async function issue(call: IamCall): Promise<Issued> {
  const { userName } = call.place;
  const what = `Issuing an access key for ${userName}`;
  try {
    const body = { UserName: userName };
    const question = { service: 'iam', action: 'CreateAccessKey', body, schema: issuedKey } as const;
    const answer = await askAws(call, { ...question, what, once: true });
    const { AccessKeyId, SecretAccessKey } = answer.CreateAccessKeyResponse.CreateAccessKeyResult.AccessKey;
    const secretAccessKey = new Plaintext(SecretAccessKey);
    const fields = { accessKeyId: new Plaintext(AccessKeyId), secretAccessKey };
    return { externalId: AccessKeyId, fields, hint: AccessKeyId };
  } catch (error) {
    if (isRefusal(error, 'LimitExceeded')) throw await noFreeSlot(call, error);
    throw error;
  }
}

const REJECTED = ['InvalidClientTokenId', 'SignatureDoesNotMatch'];

async function verify(call: IamCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { accessKeyId, secretAccessKey } = fields;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey';
    throw new ConnectorError(`This version has no field \`${missing}\` to sign in with.`, 'never');
  }
  const keys = { accessKeyId: accessKeyId.expose(), secretAccessKey };
  const what = `Signing in with the access key ${keys.accessKeyId}`;
  try {
    const question = { service: 'sts', action: 'GetCallerIdentity', body: {}, schema: identity } as const;
    const answer = await askAws(call, { ...question, what, keys });
    mustBe(call.place.userName, answer.GetCallerIdentityResponse.GetCallerIdentityResult.Arn);
    return 'accepted';
  } catch (error) {
    if (isRefusal(error, ...REJECTED)) return 'rejected';
    throw error;
  }
}

/** A key of somebody else would be kept when it is revoked here, since the user has no such key. */
function mustBe(userName: string, arn: string): void {
  if (arn.toLowerCase().endsWith(`/${userName.toLowerCase()}`) && arn.includes(':user/')) return;
  const sentence = `This access key works, but is not one of the user ${userName}. Correct the user, or enter a key of theirs.`;
  throw new ConnectorError(sentence, 'never');
}

async function revoke(call: IamCall, externalId: string): Promise<void> {
  const { userName } = call.place;
  if (externalId === call.config.accessKeyId) throw signsInItself(externalId, userName);
  try {
    await deleteKey(call, externalId, `Revoking the access key ${externalId} of ${userName}`);
  } catch (error) {
    if (!isRefusal(error, 'NoSuchEntity')) throw error;
    // The same code stands for a user who is not there, and then nothing is known of the key.
    await liveKeys(call, userName);
  }
}

async function listSecrets(call: IamCall): Promise<ListedSecret[]> {
  const keys = await liveKeys(call, call.place.userName);
  return Promise.all(keys.map(async (key) => asListed(key, await lastUse(call, key.AccessKeyId))));
}

function asListed({ AccessKeyId, CreateDate }: ListedKey, lastUsedAt: Date | null): ListedSecret {
  return { externalId: AccessKeyId, createdAt: CreateDate ?? null, lastUsedAt };
}

/** The first hundred users that have access keys; when a key was last used is left for later, since it is one question each. */
async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const body = { MaxItems: 100 };
  const question = { service: 'iam', action: 'ListUsers', body, schema: listedUsers } as const;
  const answer = await askAws(call, { ...question, what: 'Listing the IAM users' });
  const names = answer.ListUsersResponse.ListUsersResult.Users.member.map(({ UserName }) => UserName);
  const found: Browsed[] = [];
  while (names.length > 0) {
    const some = names.splice(0, 8);
    const keys = await Promise.all(some.map((userName) => liveKeys(call, userName)));
    for (const [at, userName] of some.entries()) {
      const secrets = (keys[at] ?? []).map((key) => asListed(key, null));
      if (secrets.length > 0) found.push({ place: { userName }, label: userName, secrets });
    }
  }
  return found;
}

async function liveKeys(call: Call<Config, unknown>, userName: string): Promise<ListedKey[]> {
  const body = { UserName: userName };
  const what = `Listing the access keys of ${userName}`;
  const question = { service: 'iam', action: 'ListAccessKeys', body, schema: listedKeys } as const;
  const answer = await askAws(call, { ...question, what });
  return answer.ListAccessKeysResponse.ListAccessKeysResult.AccessKeyMetadata.member;
}

async function lastUse(call: IamCall, accessKeyId: string): Promise<Date | null> {
  const body = { AccessKeyId: accessKeyId };
  const what = `Asking when the access key ${accessKeyId} was last used`;
  const question = { service: 'iam', action: 'GetAccessKeyLastUsed', body, schema: lastUsed } as const;
  const answer = await askAws(call, { ...question, what });
  const { AccessKeyLastUsed } = answer.GetAccessKeyLastUsedResponse.GetAccessKeyLastUsedResult;
  const date = typeof AccessKeyLastUsed === 'string' ? undefined : AccessKeyLastUsed.LastUsedDate;
  return date instanceof Date ? date : null;
}

async function deleteKey(call: IamCall, accessKeyId: string, what: string): Promise<void> {
  const body = { UserName: call.place.userName, AccessKeyId: accessKeyId };
  await askAws(call, { service: 'iam', action: 'DeleteAccessKey', body, schema: anything, what });
}

async function noFreeSlot(call: IamCall, cause: unknown): Promise<ConnectorError> {
  const { userName } = call.place;
  const keys = await liveKeys(call, userName);
  const told = await Promise.all(
    keys.map(async ({ AccessKeyId, Status, CreateDate }) => {
      const made = CreateDate === undefined ? '' : `made ${dayOf(CreateDate)}, `;
      // The ids must be told even where the last use may not be asked for.
      const used = await lastUse(call, AccessKeyId).then(
        (date) => (date === null ? 'never used' : `last used ${dayOf(date)}`),
        () => 'last use unknown',
      );
      return `${AccessKeyId} (${Status}, ${made}${used})`;
    }),
  );
  const sentence = `The user ${userName} has no free slot for an access key: it has ${told.join(' and ')}. Nothing was issued; delete the one that is not in use.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict', cause });
}

function signsInItself(accessKeyId: string, userName: string): ConnectorError {
  const sentence = `Rekey itself signs in with ${accessKeyId}, an access key of the user ${userName}, and would lock itself out by revoking it. Nothing was changed; have Rekey sign in as another identity.`;
  return new ConnectorError(sentence, 'never');
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
