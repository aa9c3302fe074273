import { z } from 'zod';
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
import { askOkta, checkRole, config, place, proveSecret } from '#connectors/issuers/okta-api.ts';
import { Plaintext } from '#lib/plaintext.ts';

type OktaCall = Call<z.output<typeof config>, z.output<typeof place>>;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const secret = z.object({
  id: z.string().regex(/^[\w.-]{1,64}$/),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  created: z.iso.datetime({ offset: true }),
  client_secret: z
    .string()
    .transform((value) => new Plaintext(value))
    .nullish(),
});
const application = z.object({
  label: z.string().default(''),
  id: z.string(),
  credentials: z.object({
    oauthClient: z.object({ client_id: z.string(), token_endpoint_auth_method: z.string().optional() }),
  }),
});

type OktaSecret = z.output<typeof secret>;

/**
 * OpenID Connect applications of an Okta org, by the client secrets API. The older `newSecret` call, which ends the
 * secret in use at once, is never made.
 *
 * - `maxLive` 2 (inactive ones count), `chosenValue`, `list`, `overlap` explicit (deactivate, then delete):
 *   https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApplicationSSOCredentialOAuth2ClientAuth/
 *   and https://developer.okta.com/docs/guides/client-secret-rotation-key/main/
 * - no `readBack`: only the answer to a creation is documented to hold the value
 * - `limits`: https://developer.okta.com/docs/reference/rl-global-mgmt/ (an org answers 100 a minute below /api/v1/apps/, a free one
 *   20; the rest is left to others, and X-Rate-Limit-Reset is kept to)
 * - proof by introspection: https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/OrgAS/#tag/OrgAS/operation/introspect
 *   (an unknown token is `active: false`, a wrong client is 401), because every application with a secret may do it
 * - an API token, because Okta's OAuth scopes (`okta.apps.manage`) are given for private_key_jwt only:
 *   https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
 * - `failedSignIns`: no page speaks of a lock on applications, so it is kept low.
 */
export const okta: IssuerConnector<typeof config, typeof place> = {
  kind: 'okta',
  title: 'Okta application',
  aliases: ['OAuth client', 'OIDC', 'client secret', 'SSO'],
  docs: 'https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApplicationSSOCredentialOAuth2ClientAuth/',
  needs:
    'An API token of an administrator with the role Application Administrator for this application, or a custom role with "Manage applications" (okta.apps.manage).',
  proven: {
    against: 'documented fake',
    what: 'Okta Management API, application client secrets',
    on: '2026-11-25',
  },
  config,
  place,
  secretField: 'clientSecret',
  can: (_config, { propagationSeconds }) => ({
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
    propagationSeconds,
    failedSignIns: 5,
  }),
  limits: { concurrency: 2, perMinute: 60, per: 'address' },
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  browse,
  chosen: () => ({ alphabet: BASE64URL, length: 64 }),
};

async function check(call: OktaCall): Promise<void> {
  const { appId, auth } = call.place;
  const what = `Reading the application ${appId}`;
  const { oauthClient } = (await askOkta(call, 'GET', `/api/v1/apps/${appId}`, { what, schema: application }))
    .credentials;
  const method = oauthClient.token_endpoint_auth_method ?? 'client_secret_basic';
  if (oauthClient.client_id !== clientIdOf(call)) {
    const sentence = `The application ${appId} has the client ID ${oauthClient.client_id} at Okta and ${clientIdOf(call)} here. Correct the place.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (method !== `client_secret_${auth}`) {
    const sentence = `${appId} signs in with ${method} at Okta, and with client_secret_${auth} here. Correct the one or the other.`;
    throw new ConnectorError(sentence, 'never');
  }
  await secretsOf(call);
  await checkRole(call);
}

async function issue(call: OktaCall, { chosen }: IssueWish): Promise<Issued> {
  if (chosen === undefined)
    throw new ConnectorError('Okta is given a chosen secret, and there is none.', 'never');
  const { appId } = call.place;
  const there = await secretsOf(call);
  const ours = await alreadyThere(call, there, chosen);
  if (ours !== undefined) {
    if (ours.status === 'INACTIVE')
      await step(call, 'POST', `/${ours.id}/lifecycle/activate`, `Activating ${ours.id}`);
    return issuedAs(call, ours.id, chosen);
  }
  if (there.length > 1) throw noFreeSlot(appId, there);
  const what = `Adding a secret to ${appId}`;
  const body = JSON.stringify({ client_secret: chosen.expose(), status: 'ACTIVE' });
  const made = await askOkta(call, 'POST', secretsPath(call), { what, schema: secret }, body).catch(
    async (error: unknown) => {
      // Somebody else may have taken the slot meanwhile; Okta's refusal does not name the secrets.
      const now = error instanceof ConnectorError && error.retry === 'never' && !error.because;
      const live = now ? await secretsOf(call) : [];
      throw live.length > 1 ? noFreeSlot(appId, live) : error;
    },
  );
  return issuedAs(call, made.id, chosen);
}

/**
 * The secret with this value, which is there where the answer to its creation was lost. Lists are not documented to hold
 * the values; without them, a value that signs in while both slots are taken belongs to the newer one.
 */
async function alreadyThere(
  call: OktaCall,
  there: readonly OktaSecret[],
  chosen: Plaintext,
): Promise<OktaSecret | undefined> {
  const shown = there.find(({ client_secret }) => client_secret?.equals(chosen));
  if (shown !== undefined || there.length < 2) return shown;
  if (there.every(({ client_secret }) => client_secret)) return undefined;
  const [newest] = [...there].sort((a, b) => Date.parse(b.created) - Date.parse(a.created));
  if ((await verify(call, { clientSecret: chosen })) === 'accepted') return newest;
  const { appId, propagationSeconds } = call.place;
  const age = Math.abs(Date.now() - Date.parse(newest?.created ?? ''));
  if (newest === undefined || age >= propagationSeconds * 1000) return undefined;
  const sentence = `${newest.id} was added to ${appId} a moment ago, and Okta may not accept it everywhere yet, so it is not known whose it is. It is looked at again.`;
  throw new ConnectorError(sentence, 'later', { retryAfterSeconds: propagationSeconds });
}

async function verify(call: OktaCall, { clientSecret }: Fields): Promise<'accepted' | 'rejected'> {
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { authorizationServer, scope, auth } = call.place;
  const server = authorizationServer === undefined ? '/oauth2' : `/oauth2/${authorizationServer}`;
  return proveSecret(call, server, { clientId: clientIdOf(call), clientSecret, scope, auth });
}

async function revoke(call: OktaCall, externalId: string): Promise<void> {
  const there = await secretsOf(call);
  const one = there.find(({ id }) => id === externalId);
  if (one === undefined) return;
  if (!there.some(({ id, status }) => id !== externalId && status === 'ACTIVE')) {
    const sentence = `${externalId} is the only active secret of ${call.place.appId}, and the application could not sign in without it. Nothing was revoked; issue another one first.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  if (one.status === 'ACTIVE')
    await step(call, 'POST', `/${externalId}/lifecycle/deactivate`, `Deactivating the secret ${externalId}`);
  await step(call, 'DELETE', `/${externalId}`, `Deleting the inactive secret ${externalId}`);
}

async function listSecrets(call: OktaCall): Promise<ListedSecret[]> {
  return (await secretsOf(call)).map(({ id, created }) => ({
    externalId: id,
    createdAt: new Date(created),
    lastUsedAt: null,
  }));
}

/** The first 200 applications. Their secrets would take a request each, and are listed once one is picked. */
async function browse(call: Call<z.output<typeof config>, null>): Promise<Browsed[]> {
  const path = `/api/v1/apps?limit=200&filter=${encodeURIComponent('name eq "oidc_client"')}`;
  const what = 'Listing the applications';
  const found = await askOkta(call, 'GET', path, { what, schema: z.array(application) });
  return found.map(({ id, label, credentials: { oauthClient } }) => ({
    place: { appId: id, ...(oauthClient.client_id !== id && { clientId: oauthClient.client_id }) },
    label: label || id,
    secrets: [],
  }));
}

function secretsOf(call: OktaCall): Promise<OktaSecret[]> {
  const what = `Listing the secrets of ${call.place.appId}`;
  return askOkta(call, 'GET', secretsPath(call), { what, schema: z.array(secret) });
}

async function step(call: OktaCall, method: 'POST' | 'DELETE', path: string, what: string): Promise<void> {
  const ok = method === 'DELETE' ? [204, 404] : [200];
  await askOkta(call, method, secretsPath(call) + path, { what, schema: z.unknown(), ok, repeatable: true });
}

const secretsPath = (call: OktaCall) => `/api/v1/apps/${call.place.appId}/credentials/secrets`;
const clientIdOf = ({ place: { clientId, appId } }: OktaCall) => clientId ?? appId;

function issuedAs(call: OktaCall, externalId: string, clientSecret: Plaintext): Issued {
  return { externalId, fields: { clientId: new Plaintext(clientIdOf(call)), clientSecret } };
}

function noFreeSlot(appId: string, there: readonly OktaSecret[]): ConnectorError {
  const ids = there.map(({ id, status }) => (status === 'ACTIVE' ? id : `${id} (inactive)`)).join(', ');
  const sentence = `${appId} has no free slot: Okta keeps two secrets, and ${ids} are there. Nothing was issued; revoke one of them first.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict' });
}
