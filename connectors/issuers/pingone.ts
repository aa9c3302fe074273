import { createHash } from 'node:crypto';
import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
} from '#connectors/contract.ts';
import { askPingOne, config, type Secrets, secretsAnswer } from '#connectors/issuers/pingone-api.ts';
import { probeClientCredentials } from '#connectors/token-endpoint.ts';
import { Plaintext } from '#lib/plaintext.ts';

const place = z.object({
  applicationId: z.uuid().meta({ title: 'Application ID' }),
  clientId: z.string().min(1).max(256).optional().meta({
    title: 'Client ID',
    description: 'Only where it is not the application ID, as with imported applications.',
  }),
  scope: z.string().min(1).max(400).optional().meta({
    title: 'Scope',
    description: 'Of a custom resource, where the application needs one to get a token.',
  }),
  auth: z.enum(['basic', 'post']).default('basic').meta({ title: 'How the client signs in' }),
  propagationSeconds: z.int().min(0).max(600).default(10).meta({
    title: 'Seconds until a change works everywhere',
    description: 'PingOne names no number.',
    rare: true,
  }),
});

type PingOneCall = Call<z.output<typeof config>, z.output<typeof place>>;

const application = z.object({
  id: z.string(),
  name: z.string().default(''),
  clientId: z.string().optional(),
  protocol: z.string(),
  grantTypes: z.array(z.string()).default([]),
  tokenEndpointAuthMethod: z.string().optional(),
});
const page = z.object({
  _embedded: z.object({ applications: z.array(application) }),
  _links: z.object({ next: z.object({ href: z.url() }).optional() }).default({}),
});

const DAY = 86_400_000;

/**
 * OpenID Connect applications of a PingOne environment. A new secret makes the one in use the previous secret, which
 * PingOne ends at the time that was set, or earlier when it is deleted. Rotating while there is a previous secret would
 * end that one at once, so `issue` looks first. PingOne keeps no tags; the milliseconds of the end are the rotation's,
 * by which the secret of a lost answer is known.
 *
 * - `overlap` graced, `maxLive` 2, 1 minute to 30 days, `readBack`, the permissions, DELETE of the previous secret:
 *   https://developer.pingidentity.com/pingone-api/platform/applications/application-secret.html
 * - POST with `previous.expiresAt`, whose answer repeats it with its milliseconds; without it the secret in use ends at
 *   once: https://developer.pingidentity.com/pingone-api/platform/applications/application-secret/update-application-secret.html
 * - `chosenValue` is for imported applications only (applications:set:secret), so it is not used
 * - `revokeNeedsValue`, no `list`: a secret has no ID, so it is told by its value
 * - `failedSignIns`: no page speaks of a lock on applications, so it is kept low.
 */
export const pingone: IssuerConnector<typeof config, typeof place> = {
  kind: 'pingone',
  title: 'PingOne application',
  aliases: ['Ping Identity', 'OAuth client', 'OIDC', 'client secret'],
  docs: 'https://developer.pingidentity.com/pingone-api/platform/applications/application-secret.html',
  needs:
    'A worker application with applications:read:secret, applications:update:secret and applications:delete:secret, which the roles Client Application Developer and Environment Admin have.',
  proven: { against: 'documented fake', what: 'PingOne Platform API v1', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: (_config, { propagationSeconds }) => ({
    maxLive: 2,
    overlap: 'graced',
    wayBack: 'none',
    chosenValue: false,
    readBack: true,
    list: false,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: true,
    usageSignal: false,
    propagationSeconds,
    failedSignIns: 5,
  }),
  check,
  issue,
  verify,
  revoke,
  readBack,
  browse,
};

/** What may change and delete secrets is not shown by the API; both roles that may read them may do that too. */
async function check(call: PingOneCall): Promise<void> {
  const { applicationId, auth } = call.place;
  if (call.config.clientId === applicationId) {
    const sentence =
      'A worker application cannot read its own secret. Use another worker application to rotate this one.';
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  const what = `Reading the application ${applicationId}`;
  const found = await askPingOne(call, 'GET', pathOf(call), { what, ok: [200], schema: application });
  const method = found.tokenEndpointAuthMethod ?? found.protocol;
  if (method !== `CLIENT_SECRET_${auth.toUpperCase()}`) {
    const sentence = `${applicationId} signs in with ${method} at PingOne, and with CLIENT_SECRET_${auth.toUpperCase()} here. Correct the one or the other.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (!found.grantTypes.includes('CLIENT_CREDENTIALS')) {
    const sentence = `${applicationId} may not use the grant CLIENT_CREDENTIALS, with which new secrets are proven. Allow it in the application's configuration.`;
    throw new ConnectorError(sentence, 'never');
  }
  await readSecrets(call);
}

async function issue(call: PingOneCall, { rotationId, previousEndsAt }: IssueWish): Promise<Issued> {
  const { previous, ...current } = await readSecrets(call);
  if (previous !== undefined) {
    if (previous.expiresAt.getMilliseconds() !== markOf(rotationId))
      throw stillPrevious(call, previous.expiresAt);
    return issuedAs(call, rotationId, { ...current, previous });
  }
  const what = `Issuing a secret for ${call.place.applicationId}`;
  const body = { previous: { expiresAt: endFor(rotationId, previousEndsAt).toISOString() } };
  const wanted = { what, ok: [200, 201], schema: secretsAnswer };
  return issuedAs(call, rotationId, await askPingOne(call, 'POST', `${pathOf(call)}/secret`, wanted, body));
}

/** Within what PingOne takes, a little inside because clocks differ, and with the rotation's mark. */
function endFor(rotationId: string, wished: Date | undefined): Date {
  const now = Date.now();
  const latest = now + 30 * DAY - 60_000;
  const end = Math.min(Math.max(wished?.getTime() ?? latest, now + 90_000), latest);
  return new Date(Math.floor(end / 1000) * 1000 + markOf(rotationId));
}

function markOf(rotationId: string): number {
  return createHash('sha256').update(rotationId).digest().readUInt32BE() % 1000;
}

function stillPrevious(call: PingOneCall, expiresAt: Date): ConnectorError {
  const sentence = `${call.place.applicationId} still has a previous secret, which works until ${expiresAt.toISOString()}, and a new one would end it at once. Nothing was issued; wait until then, or revoke the previous secret.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict' });
}

async function verify(call: PingOneCall, { clientSecret }: Fields): Promise<'accepted' | 'rejected'> {
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { authUrl, environmentId } = call.config;
  const { scope, auth } = call.place;
  const tokenUrl = addressOf(authUrl, `/${environmentId}/as/token`);
  return probeClientCredentials(call, { tokenUrl, clientId: clientIdOf(call), clientSecret, scope, auth });
}

async function revoke(call: PingOneCall, externalId: string, fields?: Fields): Promise<void> {
  const { secret, previous } = await readSecrets(call);
  const value = fields?.clientSecret;
  if (value === undefined) {
    const sentence = `PingOne has no IDs for secrets, and the value of ${externalId} is not known here. Nothing was revoked; revoke the previous secret on the application's page.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (secret.equals(value)) {
    const end = previous ? ` The previous one works until ${previous.expiresAt.toISOString()} only.` : '';
    const sentence = `${externalId} is the current secret of ${call.place.applicationId}, and PingOne can end the previous one only.${end} Nothing was revoked; issue another secret first.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  if (previous !== undefined && previous.secret === undefined) {
    const sentence = `PingOne does not show the previous secret of ${call.place.applicationId}, so it cannot be told whether it is ${externalId}. Nothing was revoked; look at the application's page.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (!previous?.secret?.equals(value)) return;
  const what = `Revoking the previous secret of ${call.place.applicationId}`;
  await askPingOne(call, 'DELETE', `${pathOf(call)}/secret`, { what, ok: [200, 204], schema: z.unknown() });
}

/** The current secret; there is no ID by which the previous one could be asked for. */
async function readBack(call: PingOneCall): Promise<Fields> {
  return fieldsOf(call, (await readSecrets(call)).secret);
}

async function browse(call: Call<z.output<typeof config>, null>): Promise<Browsed[]> {
  const all = `/v1/environments/${call.config.environmentId}/applications`;
  const found: Browsed[] = [];
  let query: string | undefined = '?limit=100';
  for (let n = 0; n < 5 && query !== undefined; n += 1) {
    const wanted = { what: 'Listing the applications', ok: [200], schema: page };
    const one: z.output<typeof page> = await askPingOne(call, 'GET', all + query, wanted);
    const withSecret = one._embedded.applications.filter(
      ({ tokenEndpointAuthMethod }) => tokenEndpointAuthMethod?.startsWith('CLIENT_SECRET') === true,
    );
    found.push(...withSecret.map(browsed));
    // Only the query is taken from the link, so that the token goes nowhere else.
    query = one._links.next && new URL(one._links.next.href).search;
  }
  return found;
}

function browsed({ id, name, clientId, tokenEndpointAuthMethod }: z.output<typeof application>): Browsed {
  const auth = tokenEndpointAuthMethod === 'CLIENT_SECRET_POST' ? 'post' : 'basic';
  return {
    place: { applicationId: id, ...(clientId && clientId !== id && { clientId }), auth },
    label: name || id,
    secrets: [{ externalId: 'secret', createdAt: null, lastUsedAt: null }],
  };
}

function readSecrets(call: PingOneCall): Promise<Secrets> {
  const what = `Reading the secret of ${call.place.applicationId}`;
  return askPingOne(call, 'GET', `${pathOf(call)}/secret`, { what, ok: [200], schema: secretsAnswer });
}

function issuedAs(call: PingOneCall, rotationId: string, { secret, previous }: Secrets): Issued {
  return {
    externalId: `secret#${rotationId}`,
    fields: fieldsOf(call, secret),
    ...(previous && { previousEndsAt: previous.expiresAt }),
  };
}

function fieldsOf(call: PingOneCall, clientSecret: Plaintext): Fields {
  return { clientId: new Plaintext(clientIdOf(call)), clientSecret };
}

const clientIdOf = ({ place: { clientId, applicationId } }: PingOneCall) => clientId ?? applicationId;
const pathOf = ({ config: { environmentId }, place: { applicationId } }: PingOneCall) =>
  `/v1/environments/${environmentId}/applications/${applicationId}`;
