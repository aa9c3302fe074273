import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, type Expectation, errorCodeOf, parseJson, send } from '#connectors/exchange.ts';
import { withRetryAfter } from '#connectors/rate-limit-reset.ts';
import { type ClientSignIn, probeClientCredentials } from '#connectors/token-endpoint.ts';
import type { HttpRequest } from '#lib/http.ts';

export const config = z.object({
  address: z.url({ protocol: /^https?$/ }).meta({
    title: 'Address of the org',
    description: 'For example https://example.okta.com, without -admin.',
  }),
  apiToken: secretText().meta({
    title: 'API token',
    description: 'Of an administrator who may manage this application. Okta calls it SSWS.',
  }),
});

export const place = z
  .object({
    appId: z
      .string()
      .regex(/^\w{1,64}$/, 'is no application ID of Okta')
      .meta({ title: 'Application ID' }),
    clientId: z.string().min(1).max(128).optional().meta({
      title: 'Client ID',
      description: 'Only where it is not the application ID.',
    }),
    authorizationServer: z
      .string()
      .regex(/^[\w-]{1,64}$/, 'is no ID of an authorization server')
      .optional()
      .meta({
        title: 'Authorization server',
        description: 'The ID of the custom one, for example default. Empty: the org’s own.',
      }),
    scope: z.string().min(1).max(400).optional().meta({
      title: 'Scope',
      description:
        'Of the custom authorization server: new secrets are then proven by asking for a token. Empty: by introspecting one.',
    }),
    auth: z.enum(['basic', 'post']).default('basic').meta({ title: 'How the client signs in' }),
    propagationSeconds: z.int().min(0).max(600).default(10).meta({
      title: 'Seconds until a change works everywhere',
      description: 'Okta names no number.',
    }),
  })
  .refine(
    ({ scope, authorizationServer }) => scope === undefined || authorizationServer !== undefined,
    'The org’s own authorization server gives no tokens for a client secret (only for private_key_jwt): leave the scope empty, or name a custom authorization server.',
  );

type Asking = Pick<Call<z.output<typeof config>, unknown>, 'config' | 'http'>;
type Wanted<S> = Omit<Expectation, 'ok'> & { schema: S; ok?: number[] };

const RESET = 'x-rate-limit-reset';
const fault = z.object({ errorCode: z.string().regex(/^E\d{7}$/) });
const introspection = z.object({ active: z.boolean() });
const roles = z.array(z.object({ type: z.string() }));

/** Standard roles that may look at applications at most. Any other role may be one that manages them. */
const CANNOT_MANAGE_APPS = [
  'ORG_ADMIN',
  'USER_ADMIN',
  'HELP_DESK_ADMIN',
  'READ_ONLY_ADMIN',
  'REPORT_ADMIN',
  'MOBILE_ADMIN',
  'GROUP_MEMBERSHIP_ADMIN',
  'API_ACCESS_MANAGEMENT_ADMIN',
];

/** One call to the Management API. Okta's own error codes decide where they say more than the status. */
export async function askOkta<S extends z.ZodType>(
  call: Asking,
  method: HttpRequest['method'],
  path: string,
  wanted: Wanted<S>,
  body?: string,
): Promise<z.output<S>> {
  const headers = {
    accept: 'application/json',
    authorization: `SSWS ${call.config.apiToken.expose()}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const request = { method, url: addressOf(call.config.address, path), headers, ...(body && { body }) };
  const expectation = { ...wanted, ok: wanted.ok ?? [200, 201] };
  const response = withRetryAfter(await send(call, request, expectation), RESET);
  const code = fault.safeParse(parseJson(response.text)).data?.errorCode;
  if (response.status === 401 && code === 'E0000011') {
    throw denied(
      `${wanted.what} failed: Okta does not know the API token (E0000011); it may have been revoked, or unused for 30 days. Nothing was changed; enter a new one.`,
    );
  }
  if (response.status === 403 && code === 'E0000006') {
    throw denied(
      `${wanted.what} failed: the administrator of the API token lacks the permission to manage this application (E0000006, okta.apps.manage). Nothing was changed; give them the role Application Administrator for it.`,
    );
  }
  if (expectation.ok.includes(response.status) && (response.status === 204 || response.status === 404)) {
    return wanted.schema.parse(undefined);
  }
  return accept(request, response, expectation);
}

/**
 * Whether the token's administrator may manage applications at all, as far as they may see their own roles: reading
 * works for more roles than managing does. A custom role, or one for some applications only, is not looked into.
 */
export async function checkRole(call: Asking): Promise<void> {
  const what = 'Reading the administrator of the API token';
  const { id } = await askOkta(call, 'GET', '/api/v1/users/me', {
    what,
    schema: z.object({ id: z.string() }),
  });
  const path = `/api/v1/users/${encodeURIComponent(id)}/roles`;
  const url = addressOf(call.config.address, path);
  const headers = { accept: 'application/json', authorization: `SSWS ${call.config.apiToken.expose()}` };
  const response = await send(call, { method: 'GET', url, headers }, { ok: [200], what });
  const { data } = roles.safeParse(parseJson(response.text));
  if (response.status !== 200 || data === undefined || data.length === 0) return;
  if (data.some(({ type }) => !CANNOT_MANAGE_APPS.includes(type))) return;
  const held = data.map(({ type }) => type).join(', ');
  throw denied(
    `The administrator of the API token has the role ${held} only, which may not manage applications (okta.apps.manage). Give them the role Application Administrator.`,
  );
}

/** Signs in as the application: for a token where a scope is given, otherwise to introspect one that never was. */
export async function proveSecret(
  call: Asking,
  server: string,
  signIn: Omit<ClientSignIn, 'tokenUrl'>,
): Promise<'accepted' | 'rejected'> {
  const at = (path: string) => addressOf(call.config.address, `${server}/v1/${path}`);
  const http = {
    request: async (request: HttpRequest) => withRetryAfter(await call.http.request(request), RESET),
  };
  if (signIn.scope !== undefined)
    return probeClientCredentials({ http }, { ...signIn, tokenUrl: at('token') });
  const { clientId, clientSecret, auth } = signIn;
  const form = new URLSearchParams({ token: 'rekey', token_type_hint: 'access_token' });
  if (auth === 'post') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret.expose());
  }
  const pair = [clientId, clientSecret.expose()].map((text) => encodeURIComponent(text)).join(':');
  const request: HttpRequest = {
    method: 'POST',
    url: at('introspect'),
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(auth === 'basic' && { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
    },
    body: form.toString(),
  };
  const expectation = { ok: [200], what: 'Proving the secret', repeatable: true, schema: introspection };
  const response = await send({ http }, request, expectation);
  if (response.status === 401 && errorCodeOf(parseJson(response.text)) === 'invalid_client')
    return 'rejected';
  accept(request, response, expectation);
  return 'accepted';
}

const denied = (sentence: string) => new ConnectorError(sentence, 'never', { because: 'permission' });
