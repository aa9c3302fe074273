import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { AwsRefusal, anything, askAws, isRefusal } from '#connectors/aws.ts';
import { awsFields } from '#connectors/aws-sign-in.ts';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
} from '#connectors/contract.ts';
import { requireGrant } from '#connectors/issuers/cognito-grant.ts';
import { checkTokenEndpoint, probeClientCredentials } from '#connectors/token-endpoint.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  ...awsFields,
  userPoolId: z
    .string()
    .regex(/^[\w-]{1,46}_[0-9a-zA-Z]{1,55}$/, 'must be a user pool ID such as eu-central-1_AbCdEf123')
    .meta({ title: 'User pool ID', description: 'For example eu-central-1_AbCdEf123.' }),
  domain: z.url({ protocol: /^https?$/ }).meta({
    title: 'Domain of the user pool',
    description: 'Where its clients get tokens, for example https://app.auth.eu-central-1.amazoncognito.com.',
  }),
});

const place = z.object({
  clientId: z
    .string()
    .regex(/^[\w+]{1,128}$/, 'must be the ID of an app client')
    .meta({
      title: 'App client ID',
      description: 'The client must allow the client credentials grant, by which its secret is tried.',
    }),
});

type Config = z.output<typeof config>;
type CognitoCall = Call<Config, z.output<typeof place>>;

/** The id is `<client-id>--<epoch-create-time>`. Dates are seconds. */
const descriptor = z.object({
  ClientSecretId: z.string().regex(/^[\w+-]{1,128}$/),
  ClientSecretCreateDate: z
    .number()
    .transform((seconds) => new Date(seconds * 1000))
    .optional(),
});
const added = z.object({ ClientSecretDescriptor: descriptor });
const listed = z.object({ ClientSecrets: z.array(descriptor) });
const clients = z.object({
  UserPoolClients: z.array(z.object({ ClientId: z.string().min(1), ClientName: z.string().optional() })),
});

type Secret = z.output<typeof descriptor>;

const service = 'cognito-idp';
const PROPAGATION_SECONDS = 10;
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * The secret of an app client in an Amazon Cognito user pool. What `can` says, in order:
 * `maxLive`, `overlap`: a client has up to two active secrets, for rotation without downtime, and the caller may choose
 * the value, 24 to 64 of [\w+]
 * (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html);
 * `list`: both are always listed, without values, tags or last use
 * (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolClientSecrets.html);
 * revoking deletes for good, and never the last one
 * (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUserPoolClientSecret.html);
 * `propagationSeconds`: AWS documents no time; ten are waited for before a refusal counts.
 *
 * A secret is tried with the client credentials grant, which makes a token, and tokens of machines are billed
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html). No lock-out is documented. A client that may
 * not use the grant is told `unauthorized_client`, and nothing says that its secret was looked at before: `requireGrant`.
 *
 * Only letters and digits are chosen, because `+` and `_` are read differently by clients that encode a Basic sign-in.
 */
export const cognito: IssuerConnector<typeof config, typeof place> = {
  kind: 'cognito',
  title: 'Amazon Cognito',
  aliases: ['AWS', 'Amazon Web Services', 'app client', 'user pool', 'OAuth client', 'OIDC', 'client secret'],
  docs: 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html',
  needs:
    'cognito-idp:ListUserPoolClientSecrets, cognito-idp:AddUserPoolClientSecret and cognito-idp:DeleteUserPoolClientSecret on the user pool; cognito-idp:DescribeUserPoolClient to see whether its secret can be tried; cognito-idp:ListUserPoolClients to pick from a list; sts:AssumeRole where a role is entered.',
  proven: { against: 'documented fake', what: 'Cognito user pools API 2016-04-18', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: () => ({
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: true,
    readBack: false,
    list: true,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: PROPAGATION_SECONDS,
    failedSignIns: 10,
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  chosen: () => ({ alphabet: LETTERS_AND_DIGITS, length: 48 }),
  browse,
};

/** Proves all but AddUserPoolClientSecret, which cannot be tried without adding one. */
async function check(call: CognitoCall): Promise<void> {
  const { clientId } = call.place;
  const secrets = await secretsOf(call, clientId);
  if (secrets.length === 0) {
    const sentence = `The app client ${clientId} has no secret: it is a public client, and AWS gives none to those. Pick another client.`;
    throw new ConnectorError(sentence, 'never');
  }
  await requireGrant(call, clientOf(call));
  try {
    // Nothing was made at the beginning of time, so no secret has this id.
    await deleteSecret(call, `${clientId}--0`, 'Trying whether secrets may be deleted');
  } catch (error) {
    const permitted =
      error instanceof AwsRefusal && error.retry === 'never' && error.because !== 'permission';
    if (!permitted) throw error;
  }
  await checkTokenEndpoint(call, tokenUrlOf(call));
}

async function issue(call: CognitoCall, { chosen }: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  if (chosen === undefined)
    throw new ConnectorError('No value was chosen for the new secret. Nothing was issued.', 'never');
  const fields = { clientId: new Plaintext(clientId), clientSecret: chosen };
  const body = { ...clientOf(call), ClientSecret: chosen.expose() };
  const what = `Issuing a secret for ${clientId}`;
  try {
    const question = { service, action: 'AddUserPoolClientSecret', body, schema: added } as const;
    const { ClientSecretDescriptor } = await askAws(call, { ...question, what, once: true });
    return { externalId: ClientSecretDescriptor.ClientSecretId, fields };
  } catch (error) {
    if (!isRefusal(error, 'LimitExceededException')) throw error;
    return { externalId: await alreadyThere(call, fields, error), fields };
  }
}

/**
 * The id under which a value is live that was added before, when the answer was lost. Two secrets are live then, and ours
 * is the newer one. Throws a conflict that names both where the value is not among them.
 */
async function alreadyThere(call: CognitoCall, fields: Fields, cause: unknown): Promise<string> {
  const { clientId } = call.place;
  const secrets = await secretsOf(call, clientId);
  const madeAt = (secret: Secret) => secret.ClientSecretCreateDate?.getTime() ?? 0;
  const newest = secrets.reduce<Secret | undefined>(
    (best, one) => (best === undefined || madeAt(one) > madeAt(best) ? one : best),
    undefined,
  );
  if (newest !== undefined && (await verify(call, fields)) === 'accepted') return newest.ClientSecretId;
  if (newest !== undefined && Math.abs(Date.now() - madeAt(newest)) < PROPAGATION_SECONDS * 1000) {
    const sentence = `${newest.ClientSecretId} was added a moment ago, and AWS may not accept it everywhere yet, so it is not known whose it is. It is looked at again.`;
    throw new ConnectorError(sentence, 'later', { retryAfterSeconds: PROPAGATION_SECONDS, cause });
  }
  const told = secrets.map(({ ClientSecretId, ClientSecretCreateDate }) => {
    const made = ClientSecretCreateDate?.toISOString().slice(0, 16).replace('T', ' ');
    return made === undefined ? ClientSecretId : `${ClientSecretId} (made ${made} UTC)`;
  });
  const sentence = `The app client ${clientId} has no free slot for a secret: ${told.join(' and ')} are live. Nothing was issued; delete the one that is not in use.`;
  throw new ConnectorError(sentence, 'never', { because: 'conflict', cause });
}

async function verify(call: CognitoCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { clientSecret } = fields;
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { clientId } = call.place;
  const signIn = { tokenUrl: tokenUrlOf(call), clientId, clientSecret, auth: 'basic' } as const;
  return probeClientCredentials(call, signIn, ['unauthorized_client']);
}

async function revoke(call: CognitoCall, externalId: string): Promise<void> {
  const { clientId } = call.place;
  try {
    await deleteSecret(call, externalId, `Revoking the secret ${externalId} of ${clientId}`);
  } catch (error) {
    const unclear = error instanceof AwsRefusal && error.retry === 'never' && error.because !== 'permission';
    if (!unclear) throw error;
    // The codes also stand for a client that is not there and for a last secret, so what is there decides.
    const secrets = await secretsOf(call, clientId);
    if (!secrets.some(({ ClientSecretId }) => ClientSecretId === externalId)) return;
    if (secrets.length > 1) throw error;
    const sentence = `${externalId} is the last secret of the app client ${clientId}, and AWS deletes no last one. Nothing was revoked; add another one first.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict', cause: error });
  }
}

async function listSecrets(call: CognitoCall): Promise<ListedSecret[]> {
  return (await secretsOf(call, call.place.clientId)).map(asListed);
}

/** The first sixty clients of the pool, of which those with secrets are told. */
async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const body = { UserPoolId: call.config.userPoolId, MaxResults: 60 };
  const question = { service, action: 'ListUserPoolClients', body, schema: clients } as const;
  const { UserPoolClients } = await askAws(call, { ...question, what: 'Listing the app clients' });
  const found: Browsed[] = [];
  while (UserPoolClients.length > 0) {
    const some = UserPoolClients.splice(0, 6);
    const secrets = await Promise.all(some.map(({ ClientId }) => secretsOf(call, ClientId)));
    for (const [at, { ClientId, ClientName }] of some.entries()) {
      const own = (secrets[at] ?? []).map(asListed);
      if (own.length > 0)
        found.push({ place: { clientId: ClientId }, label: ClientName ?? ClientId, secrets: own });
    }
  }
  return found;
}

function asListed({ ClientSecretId, ClientSecretCreateDate }: Secret): ListedSecret {
  return { externalId: ClientSecretId, createdAt: ClientSecretCreateDate ?? null, lastUsedAt: null };
}

async function secretsOf(call: Call<Config, unknown>, clientId: string): Promise<Secret[]> {
  const body = { UserPoolId: call.config.userPoolId, ClientId: clientId };
  const question = { service, action: 'ListUserPoolClientSecrets', body, schema: listed } as const;
  return (await askAws(call, { ...question, what: `Listing the secrets of ${clientId}` })).ClientSecrets;
}

async function deleteSecret(call: CognitoCall, secretId: string, what: string): Promise<void> {
  const body = { ...clientOf(call), ClientSecretId: secretId };
  const question = { service, action: 'DeleteUserPoolClientSecret', body, schema: anything } as const;
  await askAws(call, { ...question, what });
}

const clientOf = ({ config, place }: CognitoCall) => ({
  UserPoolId: config.userPoolId,
  ClientId: place.clientId,
});
const tokenUrlOf = ({ config }: CognitoCall) => addressOf(config.domain, '/oauth2/token');
