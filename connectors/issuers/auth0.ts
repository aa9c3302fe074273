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
  secretText,
} from '#connectors/contract.ts';
import { accept, type Expectation, parseJson, send } from '#connectors/exchange.ts';
import { management, rfc6749 } from '#connectors/issuers/auth0-sign-in.ts';
import { withRetryAfter } from '#connectors/rate-limit-reset.ts';
import { accessToken, probeClientCredentials } from '#connectors/token-endpoint.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  address: z.url({ protocol: /^https?$/ }).meta({
    title: 'Tenant address',
    description: 'The tenant’s own domain, for example https://example.eu.auth0.com, not a custom one.',
  }),
  clientId: z.string().min(1).max(128).meta({
    title: 'Client ID of Rekey',
    description: 'A machine-to-machine application that is authorized for the Auth0 Management API.',
  }),
  clientSecret: secretText().meta({ title: 'Client secret of Rekey' }),
  readsSecrets: z.boolean().default(false).meta({
    title: 'May read secrets',
    description: 'Only where read:client_keys is granted. Current secrets need not be pasted then.',
  }),
  audience: z.string().min(1).max(600).optional().meta({
    title: 'Audience of most applications',
    description:
      'New secrets are proven by asking for it. Empty: the tenant’s default audience, where it has one.',
  }),
  managementAudience: z.url().optional().meta({
    title: 'Identifier of the Management API',
    description: 'Only where the address above is not the tenant’s own domain.',
    rare: true,
  }),
});

const place = z.object({
  clientId: z.string().min(1).max(128).meta({ title: 'Client ID' }),
  audience: z.string().min(1).max(600).optional().meta({
    title: 'Audience',
    description: 'The API that this application asks tokens for, where it is another than the issuer’s.',
  }),
  auth: z.enum(['post', 'basic']).default('post').meta({ title: 'How the client signs in' }),
});

type Config = z.output<typeof config>;
type Auth0Call = Call<Config, z.output<typeof place>>;
type Asking = Pick<Call<Config, unknown>, 'config' | 'http' | 'remember'>;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NEEDED = ['read:clients', 'update:clients', 'update:client_keys'];
const READ_SECRETS = 'read:client_keys';

const application = z.object({
  client_id: z.string(),
  grant_types: z.array(z.string()).default([]),
  token_endpoint_auth_method: z.string().nullish(),
});
const pageOfApplications = z.object({
  total: z.number(),
  clients: z.array(z.object({ client_id: z.string(), name: z.string().default('') })),
});
const withSecret = z.object({ client_secret: z.string().min(1) });
const granted = z.object({ scope: z.string() });
const refused = z.object({ errorCode: z.string(), message: z.string().default('') });

/**
 * Applications of an Auth0 tenant. One secret, replaced by the value Rekey chose: nothing overlaps, but the next value can
 * lie at the consumers before it is set, and setting it again is harmless. With the secret goes the key of ID tokens
 * that are signed with HS256.
 *
 * - `chosenValue`, `propagationSeconds` 30: https://auth0.com/docs/get-started/applications/rotate-client-secret ("set a
 *   custom client secret", "may be delayed up to thirty seconds")
 * - the scope `update:client_keys`: https://auth0.com/docs/api/management/v2/clients/patch-clients-by-id
 * - `readBack` with `read:client_keys`: https://auth0.com/docs/api/management/v2/clients/get-clients-by-id
 * - `limits`: 2 requests a second is what a free tenant may ask for any length of time,
 *   https://community.auth0.com/t/429-too-many-requests/81374; the headers of a refusal are kept to,
 *   https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
 * - a wrong secret is 401 `access_denied`, which no reference page says; it is seen in
 *   https://github.com/auth0/node-auth0/issues/682
 * - `failedSignIns`: no page speaks of a lock on applications (brute-force protection is for users), so it is kept low.
 */
export const auth0: IssuerConnector<typeof config, typeof place> = {
  kind: 'auth0',
  title: 'Auth0 application',
  aliases: ['OAuth client', 'OIDC', 'client secret'],
  docs: 'https://auth0.com/docs/api/management/v2/clients/patch-clients-by-id',
  needs: `A machine-to-machine application with the scopes ${NEEDED.join(', ')} of the Auth0 Management API; ${READ_SECRETS} too where it may read secrets.`,
  proven: { against: 'documented fake', what: 'Auth0 Management API v2', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: ({ readsSecrets }) => ({
    maxLive: 1,
    overlap: 'none',
    chosenValue: true,
    readBack: readsSecrets,
    list: false,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 30,
    failedSignIns: 5,
  }),
  limits: { perMinute: 120, per: 'address' },
  check,
  issue,
  verify,
  readBack,
  browse,
  chosen: () => ({ alphabet: BASE64URL, length: 64 }),
};

async function check(call: Auth0Call): Promise<void> {
  const { clientId, auth } = call.place;
  await checkScopes(call);
  const what = `Reading the application ${clientId}`;
  const query = '?fields=client_id,grant_types,token_endpoint_auth_method&include_fields=true';
  const found = await ask(call, 'GET', clientPath(clientId) + query, { what, schema: application });
  const method = found.token_endpoint_auth_method;
  if (method !== `client_secret_${auth}`) {
    const sentence = `${clientId} signs in with ${method ?? 'something other than a secret'} at Auth0, and with client_secret_${auth} here. Correct the one or the other.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (found.grant_types.includes('client_credentials')) return;
  const sentence = `${clientId} may not use the grant client_credentials, with which new secrets are proven. Allow it in the application's advanced settings.`;
  throw new ConnectorError(sentence, 'never');
}

/** Asks for a fresh token, because a kept one may be older than the grant, and looks at what it may do. */
async function checkScopes(call: Auth0Call): Promise<void> {
  let answer: unknown;
  const http = rfc6749(call.http, (response) => {
    answer = parseJson(response.text);
  });
  await accessToken({ http, remember: async (_name, make) => (await make()).value }, management(call.config));
  const has = (granted.safeParse(answer).data?.scope ?? '').split(' ');
  const needed = call.config.readsSecrets ? [...NEEDED, READ_SECRETS] : NEEDED;
  const missing = needed.filter((scope) => !has.includes(scope));
  if (missing.length === 0) return;
  throw lacking(call.config.clientId, missing);
}

async function issue(call: Auth0Call, { rotationId, chosen }: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  if (chosen === undefined)
    throw new ConnectorError('Auth0 is given a chosen secret, and there is none.', 'never');
  await ask(
    call,
    'PATCH',
    clientPath(clientId),
    {
      what: `Setting the secret of ${clientId}`,
      schema: application.pick({ client_id: true }),
    },
    JSON.stringify({ client_secret: chosen.expose() }),
  );
  return { externalId: `client_secret#${rotationId}`, fields: fieldsOf(call, chosen) };
}

async function verify(call: Auth0Call, { clientSecret }: Fields): Promise<'accepted' | 'rejected'> {
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { clientId, auth, audience = call.config.audience } = call.place;
  const tokenUrl = addressOf(call.config.address, '/oauth/token');
  const signIn = { tokenUrl, clientId, clientSecret, auth, audience };
  return probeClientCredentials({ http: rfc6749(call.http) }, signIn);
}

async function readBack(call: Auth0Call): Promise<Fields> {
  const { clientId } = call.place;
  const what = `Reading back the secret of ${clientId}`;
  const path = `${clientPath(clientId)}?fields=client_id,client_secret&include_fields=true`;
  const { client_secret } = await ask(call, 'GET', path, { what, schema: withSecret });
  return fieldsOf(call, new Plaintext(client_secret));
}

async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const found: Browsed[] = [];
  for (let page = 0; page < 5; page += 1) {
    const path = `/api/v2/clients?app_type=non_interactive,regular_web&is_global=false&fields=client_id,name&include_fields=true&include_totals=true&per_page=100&page=${page}`;
    const what = 'Listing the applications';
    const { clients, total } = await ask(call, 'GET', path, { what, schema: pageOfApplications });
    for (const { client_id: clientId, name } of clients) {
      const secrets = [{ externalId: 'client_secret', createdAt: null, lastUsedAt: null }];
      found.push({ place: { clientId }, label: name || clientId, secrets });
    }
    if (found.length >= total || clients.length === 0) break;
  }
  return found;
}

function fieldsOf(call: Auth0Call, clientSecret: Plaintext): Fields {
  return { clientId: new Plaintext(call.place.clientId), clientSecret };
}

const clientPath = (clientId: string) => `/api/v2/clients/${encodeURIComponent(clientId)}`;

async function ask<S extends z.ZodType>(
  call: Asking,
  method: HttpRequest['method'],
  path: string,
  wanted: Omit<Expectation, 'ok'> & { schema: S },
  body?: string,
): Promise<z.output<S>> {
  const token = await accessToken({ ...call, http: rfc6749(call.http) }, management(call.config));
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token.expose()}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const request = { method, url: addressOf(call.config.address, path), headers, ...(body && { body }) };
  const expectation = { ...wanted, ok: [200] };
  const response = withRetryAfter(await send(call, request, expectation), 'x-ratelimit-reset');
  const { data } = refused.safeParse(parseJson(response.text));
  if (response.status === 403 && data?.errorCode === 'insufficient_scope') {
    const scopes = /expected any of: ([\w:, -]{1,300})/.exec(data.message)?.[1] ?? 'one that this needs';
    throw lacking(call.config.clientId, [scopes]);
  }
  if (response.status === 404 && data?.errorCode === 'inexistent_client') {
    const sentence = `${wanted.what} failed: the tenant has no application with this client ID. Nothing was changed; check the client ID.`;
    throw new ConnectorError(sentence, 'never');
  }
  return accept(request, response, expectation);
}

function lacking(clientId: string, scopes: readonly string[]): ConnectorError {
  const sentence = `The application ${clientId}, with which Rekey signs in, lacks the scope ${scopes.join(', ')} of the Auth0 Management API. Nothing was changed; grant it under Applications, APIs, Auth0 Management API.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}
