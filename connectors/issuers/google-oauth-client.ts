import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
} from '#connectors/contract.ts';
import { accept, exchange, send } from '#connectors/exchange.ts';
import {
  googleFields,
  googleRequest,
  googleStatus,
  mustBePermitted,
  projectOf,
} from '#connectors/google-sign-in.ts';
import { probeWithCode } from '#connectors/issuers/google-code-probe.ts';
import {
  browseClients,
  clientAnswer,
  idOf,
  lastOf,
  listedOf,
  type OauthClient,
  OURS,
  readAll,
  withSecret,
} from '#connectors/issuers/google-oauth-api.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  ...googleFields,
  iamUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://iam.googleapis.com')
    .meta({
      title: 'Address of the IAM API',
      description: 'Google’s own, unless you go through a proxy.',
      rare: true,
    }),
  resourceManagerUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://cloudresourcemanager.googleapis.com')
    .meta({
      title: 'Address of the Resource Manager API',
      description: 'It is asked what the service account may do.',
      rare: true,
    }),
  signInUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://sts.googleapis.com/v1/oauthtoken')
    .meta({
      title: 'Where the client signs in',
      description:
        'For the Cloud OAuth API: https://cloudoauth.googleapis.com/v1/organizations/ORGANIZATION_ID/token.',
    }),
});

const place = z.object({
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:-]{1,62}$/, 'Enter the ID or the number of a project.')
    .meta({ title: 'Project', description: 'Its ID or number.' }),
  oauthClient: z
    .string()
    .regex(/^[a-z][a-z0-9-]{4,61}[a-z0-9]$/, 'Use small letters, digits and dashes, 6 at least.')
    .meta({ title: 'OAuth client', description: 'The ID that it was created with.' }),
  clientId: z.string().min(1).max(200).meta({
    title: 'Client ID',
    description: 'That Google generated for it; its application signs in with it.',
  }),
});

type ClientCall = Call<z.output<typeof config>, z.output<typeof place>>;

const MOST = 2;
const PERMISSIONS = ['create', 'get', 'list', 'update', 'delete'].map(
  (verb) => `iam.oauthClientCredentials.${verb}`,
);

/**
 * The secrets of a Google Cloud IAM OAuth client (workforce OAuth applications, Identity-Aware Proxy). Clients made in
 * the Google Auth Platform have no API for their secrets.
 *
 * - Several work at once until they are disabled or deleted, and their ID is chosen by us, so that it is the rotation's:
 *   https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.oauthClients.credentials/create. Google
 *   states no number; two are counted on, and a refusal for lack of room names what is there.
 * - Read back: https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.oauthClients.credentials/get.
 * - List: https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.oauthClients.credentials/list.
 * - Before it is deleted it has to be disabled:
 *   https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.oauthClients.credentials/delete. Disabling
 *   alone could be taken back, but keeps the room occupied; so it is deleted, which cannot.
 * - `propagationSeconds`: IAM is eventually consistent (https://cloud.google.com/iam/docs/access-change-propagation).
 * - The client signs in with an authorization code (https://cloud.google.com/iam/docs/cloud-oauth-exchange-tokens).
 */
export const googleOauthClient: IssuerConnector<typeof config, typeof place> = {
  kind: 'google-oauth-client',
  title: 'Google Cloud IAM OAuth client',
  aliases: ['GCP', 'workforce identity', 'client secret', 'OIDC'],
  docs: 'https://cloud.google.com/iam/docs/workforce-manage-oauth-app',
  needs:
    'The role IAM OAuth Client Admin (roles/iam.oauthClientAdmin) on the project, and the Cloud Resource Manager API enabled in it.',
  proven: { against: 'documented fake', what: 'IAM API v1', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  // https://cloud.google.com/iam/quotas: 60 creations and deletions a minute for an organization.
  limits: { perMinute: 60 },
  can: () => ({
    maxLive: MOST,
    overlap: 'explicit',
    chosenValue: false,
    readBack: true,
    list: true,
    tags: true,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 60,
    failedSignIns: 10,
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  readBack,
  browse: (call) => browseClients(call, call.config.iamUrl, projectOf(call.config.serviceAccountKey)),
};

async function check(call: ClientCall): Promise<void> {
  const { project, oauthClient, clientId } = call.place;
  await mustBePermitted(call, call.config.resourceManagerUrl, `projects/${project}`, PERMISSIONS);
  const client = await readClient(call);
  if (client.disabled || client.state !== 'ACTIVE')
    throw new ConnectorError(
      `${oauthClient} is disabled or deleted. Enable it, or enter another one.`,
      'never',
    );
  if (client.clientId === clientId) return;
  const sentence = `The client ID of ${oauthClient} is ${client.clientId} and not ${clientId}. Correct the place.`;
  throw new ConnectorError(sentence, 'never');
}

async function issue(call: ClientCall, wish: IssueWish): Promise<Issued> {
  const id = idOf(wish.rotationId);
  const path = `${credentialsOf(call)}?oauthClientCredentialId=${id}`;
  const request = await googleRequest(call, 'POST', call.config.iamUrl, path, { displayName: OURS });
  const expectation = {
    ok: [200],
    schema: withSecret,
    what: `Issuing a secret for ${call.place.oauthClient}`,
  };
  const response = await send(call, request, expectation);
  // An earlier try of this rotation, whose answer was lost.
  if (response.status === 409 && googleStatus(response) === 'ALREADY_EXISTS') {
    return { externalId: id, fields: await readBack(call, id) };
  }
  if ([400, 409, 429].includes(response.status)) await mustHaveRoom(call);
  const { clientSecret } = accept(request, response, expectation);
  return { externalId: id, fields: fieldsOf(call, clientSecret) };
}

/** Judged by how the token endpoint refuses a code that was never given. */
async function verify(call: ClientCall, fields: Fields): Promise<'accepted' | 'rejected' | 'unknown'> {
  const { clientSecret } = fields;
  if (!clientSecret)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  return probeWithCode(call, call.config.signInUrl, call.place.clientId, clientSecret);
}

async function revoke(call: ClientCall, externalId: string): Promise<void> {
  const path = `${credentialsOf(call)}/${encodeURIComponent(externalId)}`;
  const of = `the secret ${externalId} of ${call.place.oauthClient}`;
  const disabling = { ok: [200, 404], what: `Disabling ${of}`, repeatable: true };
  const disable = await googleRequest(call, 'PATCH', call.config.iamUrl, `${path}?updateMask=disabled`, {
    disabled: true,
  });
  const disabled = await send(call, disable, disabling);
  accept(disable, disabled, disabling);
  // "Not found" means that the secret is gone only while the client itself is there.
  if (disabled.status === 404) return void (await readClient(call));
  const remove = await googleRequest(call, 'DELETE', call.config.iamUrl, path);
  await exchange(call, remove, { ok: [200, 404], what: `Deleting ${of}, which is disabled,` });
}

async function listSecrets(call: ClientCall): Promise<ListedSecret[]> {
  return listedOf(await readAll(call, call.config.iamUrl, clientOf(call)));
}

async function readBack(call: ClientCall, externalId: string): Promise<Fields> {
  const path = `${credentialsOf(call)}/${encodeURIComponent(externalId)}`;
  const request = await googleRequest(call, 'GET', call.config.iamUrl, path);
  const what = `Reading back the secret ${externalId} of ${call.place.oauthClient}`;
  const { clientSecret } = await exchange(call, request, { ok: [200], schema: withSecret, what });
  return fieldsOf(call, clientSecret);
}

async function readClient(call: ClientCall): Promise<OauthClient> {
  const request = await googleRequest(call, 'GET', call.config.iamUrl, clientOf(call));
  const what = `Reading the client ${call.place.oauthClient}`;
  return exchange(call, request, { ok: [200], schema: clientAnswer, what });
}

/** Disabled ones take up room too. */
async function mustHaveRoom(call: ClientCall): Promise<void> {
  const all = await readAll(call, call.config.iamUrl, clientOf(call));
  if (all.length < MOST) return;
  const ids = all.map((one) => `${lastOf(one.name)}${one.disabled ? ' (disabled)' : ''}`).join(', ');
  const sentence = `${call.place.oauthClient} has no room for another secret: ${ids} are there. Nothing was issued; revoke one of them first.`;
  throw new ConnectorError(sentence, 'never', { because: 'conflict' });
}

function fieldsOf(call: ClientCall, clientSecret: string): Fields {
  return { clientId: new Plaintext(call.place.clientId), clientSecret: new Plaintext(clientSecret) };
}

const clientOf = ({ place: { project, oauthClient } }: ClientCall) =>
  `/v1/projects/${project}/locations/global/oauthClients/${oauthClient}`;
const credentialsOf = (call: ClientCall) => `${clientOf(call)}/credentials`;
