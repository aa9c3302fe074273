import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { chosenOf, clientFields, clientSecretValue, oneSecret } from '#connectors/client-sign-in.ts';
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
import { accept, type Expectation, errorCodeOf, exchange, parseJson, send } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .meta({ title: 'Address', description: 'Where authentik answers.' }),
  apiToken: secretText().meta({
    title: 'API token',
    description: 'A token with the intent API, of an account that may change OAuth2 providers.',
  }),
  ...tlsFields,
});

const place = z.object({
  provider: z.int().min(1).meta({
    title: 'Provider',
    description: 'The number of the OAuth2/OpenID provider, as in its address in the admin interface.',
  }),
  clientId: z.string().min(1).max(255).meta({ title: 'Client ID' }),
});

type Place = z.output<typeof place>;
type AdminCall = Call<z.output<typeof config>, unknown>;
type AuthentikCall = Call<z.output<typeof config>, Place>;

const provider = z.object({
  pk: z.int(),
  name: z.string().nullish(),
  client_type: z.string(),
  client_id: z.string().min(1),
});
const secretProvider = provider.extend({
  client_secret: z
    .string()
    .min(1)
    .transform((value) => new Plaintext(value)),
});
const listed = z.object({ results: z.array(provider) });

const MOST_PROVIDERS = 100;

/**
 * Client secrets of authentik's OAuth2/OpenID providers, by its API
 * (https://docs.goauthentik.io/developer-docs/api/): `PATCH /api/v3/providers/oauth2/{id}/` with nothing but
 * `client_secret` sets the value we choose, and `GET` reads it back
 * (https://api.goauthentik.io/reference/providers-oauth-2-partial-update/). A provider has one secret, so the old one
 * ends at once.
 *
 * With the client credentials grant authentik answers `invalid_grant` to a wrong secret and also to a right one that
 * gets no token, and it takes other things than the client's secret for one. So a secret is tried with the
 * refresh token grant and no such token: there a wrong secret is `invalid_client`, before the token is looked for.
 */
export const authentik: IssuerConnector<typeof config, typeof place> = {
  kind: 'authentik',
  title: 'authentik',
  aliases: ['OAuth client', 'OIDC', 'client secret', 'SSO'],
  docs: 'https://api.goauthentik.io/reference/providers-oauth-2-partial-update/',
  needs: 'The permissions Can view and Can change OAuth2/OpenID Provider, globally or on the provider.',
  proven: { against: 'documented fake', what: 'authentik API v3 (2026.2)', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: () => oneSecret({ chosenValue: true, readBack: true }),
  check,
  issue,
  verify,
  readBack: async (call) =>
    clientFields(call.place.clientId, (await read(call, secretProvider)).client_secret),
  chosen: () => clientSecretValue,
  browse,
};

/**
 * Asks for a change that can never be valid: authentik refuses who may not change the provider (403) before it looks at
 * the values (400), so nothing is changed either way.
 */
async function check(call: AuthentikCall): Promise<void> {
  await read(call, provider);
  const { request, response, what } = await patch(
    call,
    { client_type: 'not-a-client-type' },
    'Checking',
    true,
  );
  if (response.status === 400) return;
  accept(request, response, { ok: [], what });
}

async function issue(call: AuthentikCall, wish: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  const chosen = chosenOf(wish);
  await read(call, provider);
  const { request, response, what } = await patch(
    call,
    { client_secret: chosen.expose() },
    'Setting the secret of',
    false,
  );
  accept(request, response, { ok: [200], what });
  return { externalId: `secret#${wish.rotationId}`, fields: clientFields(clientId, chosen) };
}

/** The provider of the place. A number is easily mistaken, so the client ID must agree with it. */
async function read<S extends typeof provider>(call: AuthentikCall, schema: S): Promise<z.output<S>> {
  const { provider: pk, clientId } = call.place;
  const what = `Reading the provider ${pk}`;
  const request = apiRequest(call, 'GET', pathOf(pk));
  const response = await send(call, request, { ok: [200], what });
  if (response.status === 403) throw notPermitted(what, 'Can view');
  const found = accept(request, response, { ok: [200], what, schema });
  const refuse = (why: string) => new ConnectorError(`${why} Nothing was changed.`, 'never');
  if (found.client_id !== clientId)
    throw refuse(
      `The provider ${pk} has the client ID ${found.client_id}, not ${clientId}. Correct the place.`,
    );
  if (found.client_type === 'confidential') return found;
  throw refuse(
    `The provider ${pk} is of the client type ${found.client_type}, which has no use for a secret.`,
  );
}

async function patch(call: AuthentikCall, change: object, doing: string, repeatable: boolean) {
  const { provider: pk, clientId } = call.place;
  const what = `${doing} ${clientId} (provider ${pk})`;
  const request = apiRequest(call, 'PATCH', pathOf(pk), change);
  const response = await send(call, request, { ok: [200], what, repeatable });
  if (response.status === 403) throw notPermitted(what, 'Can change');
  return { request, response, what };
}

function notPermitted(what: string, permission: string): ConnectorError {
  const sentence = `${what} failed: the account of the stored token is refused (403). It lacks the permission ${permission} OAuth2/OpenID Provider, or the token is not valid. Nothing was changed.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}

async function verify(call: AuthentikCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { clientSecret } = fields;
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const form = {
    grant_type: 'refresh_token',
    refresh_token: 'no-such-token',
    client_id: call.place.clientId,
    client_secret: clientSecret.expose(),
  };
  const request: HttpRequest = {
    method: 'POST',
    url: addressOf(call.config.baseUrl, '/application/o/token/'),
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  };
  const expectation: Expectation = { ok: [], what: 'Trying the secret', repeatable: true };
  const response = await send(call, request, expectation);
  const code = errorCodeOf(parseJson(response.text));
  const refused = response.status === 400 || response.status === 401;
  if (refused && code === 'invalid_client') return 'rejected';
  if (refused && code === 'invalid_grant') return 'accepted';
  accept(request, response, expectation);
  throw new ConnectorError('The token endpoint did not say whether the secret is right.', 'later');
}

async function browse(call: AdminCall): Promise<Browsed[]> {
  const what = 'Listing the providers';
  const path = `/api/v3/providers/oauth2/?page_size=${MOST_PROVIDERS}&ordering=name`;
  const { results } = await exchange(call, apiRequest(call, 'GET', path), {
    ok: [200],
    what,
    schema: listed,
  });
  return results
    .filter(({ client_type }) => client_type === 'confidential')
    .map(({ pk, name, client_id: clientId }) => ({
      place: { provider: pk, clientId },
      label: name ? `${name} (${clientId})` : clientId,
      secrets: [{ externalId: 'secret', createdAt: null, lastUsedAt: null }],
    }));
}

const pathOf = (pk: number) => `/api/v3/providers/oauth2/${pk}/`;

function apiRequest(call: AdminCall, method: 'GET' | 'PATCH', path: string, body?: object): HttpRequest {
  const { baseUrl, apiToken } = call.config;
  return {
    method,
    url: addressOf(baseUrl, path),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${apiToken.expose()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}
