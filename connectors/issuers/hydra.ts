import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import {
  chosenOf,
  clientFields,
  clientSecretValue,
  oneSecret,
  signInFields,
  verifyClient,
} from '#connectors/client-sign-in.ts';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  secretText,
} from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import { checkTokenEndpoint } from '#connectors/token-endpoint.ts';
import type { HttpRequest } from '#lib/http.ts';

const config = z.object({
  adminUrl: z.url({ protocol: /^https?$/ }).meta({
    title: 'Admin address',
    description:
      'Where /admin/clients is: port 4445 of Ory Hydra, or https://SLUG.projects.oryapis.com of Ory Network.',
  }),
  publicUrl: z.url({ protocol: /^https?$/ }).meta({
    title: 'Public address',
    description:
      'Where /oauth2/token is: port 4444 of Ory Hydra, or https://SLUG.projects.oryapis.com of Ory Network.',
  }),
  apiKey: secretText().optional().meta({
    title: 'API key',
    description:
      'A bearer token for the admin address: a project API key of Ory Network (ory_pat_…), or what a proxy asks for. Ory Hydra itself asks for none.',
  }),
  ...tlsFields,
});

const place = z.object({
  clientId: z.string().min(1).max(255).meta({ title: 'Client ID' }),
  ...signInFields,
});

type Place = z.output<typeof place>;
type AdminCall = Call<z.output<typeof config>, unknown>;
type HydraCall = Call<z.output<typeof config>, Place>;

const client = z.object({
  client_id: z.string().min(1),
  client_name: z.string().nullish(),
  token_endpoint_auth_method: z.string().nullish(),
});
const clients = z.array(client);

const MOST_CLIENTS = 500;

/**
 * Client secrets of Ory Hydra 2 and of Ory Network, by the admin API:
 * `PATCH /admin/clients/{id}` (https://www.ory.com/docs/hydra/reference/api#tag/oAuth2/operation/patchOAuth2Client)
 * with one JSON Patch operation sets the value we choose and leaves the rest of the client as it is. An explicitly set
 * secret revokes all earlier ones, so one works. Hydra keeps a hash and never gives a secret back.
 *
 * Hydra can also keep old secrets (`POST …/secrets/rotate`). It is not used: `DELETE …/secrets/rotate` ends all the
 * old ones together and nothing tells which one is the newest, so taking back a secret that was just issued would end
 * the one in use.
 */
export const hydra: IssuerConnector<typeof config, typeof place> = {
  kind: 'hydra',
  title: 'Ory Hydra',
  docs: 'https://www.ory.com/docs/hydra/guides/oauth2-clients',
  needs: 'Access to the admin address: by network for Ory Hydra, by a project API key for Ory Network.',
  proven: { against: 'documented fake', what: 'Ory Hydra admin API v2', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: () => oneSecret({ chosenValue: true, readBack: false }),
  check,
  issue,
  verify: (call, fields) => verifyClient(call, { ...call.place, tokenUrl: tokenUrlOf(call) }, fields),
  chosen: () => clientSecretValue,
  browse,
};

async function check(call: HydraCall): Promise<void> {
  await usable(call);
  await checkTokenEndpoint(call, tokenUrlOf(call));
}

/** Hydra would take a secret for a client that never uses it. */
async function usable(call: HydraCall): Promise<void> {
  const { clientId } = call.place;
  const found = await exchange(call, adminRequest(call, 'GET', pathOf(clientId)), {
    ok: [200],
    what: `Reading the client ${clientId}`,
    schema: client,
  });
  if (usesSecret(found)) return;
  const sentence = `The client ${clientId} signs in with ${found.token_endpoint_auth_method}, not with a secret. Nothing was changed.`;
  throw new ConnectorError(sentence, 'never');
}

async function issue(call: HydraCall, wish: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  const chosen = chosenOf(wish);
  await usable(call);
  const operations = [{ op: 'replace', path: '/client_secret', value: chosen.expose() }];
  const found = await exchange(call, adminRequest(call, 'PATCH', pathOf(clientId), operations), {
    ok: [200],
    what: `Setting the secret of ${clientId}`,
    repeatable: true,
    schema: client,
  });
  if (found.client_id !== clientId)
    throw new ConnectorError(`Hydra answered with another client than ${clientId}.`, 'unknown');
  return { externalId: `secret#${wish.rotationId}`, fields: clientFields(clientId, chosen) };
}

async function browse(call: AdminCall): Promise<Browsed[]> {
  const request = adminRequest(call, 'GET', `/admin/clients?page_size=${MOST_CLIENTS}`);
  const found = await exchange(call, request, { ok: [200], what: 'Listing the clients', schema: clients });
  return found
    .filter(usesSecret)
    .slice(0, MOST_CLIENTS)
    .map(({ client_id: clientId, client_name: name }) => ({
      place: { clientId },
      label: name ? `${name} (${clientId})` : clientId,
      secrets: [{ externalId: 'secret', createdAt: null, lastUsedAt: null }],
    }));
}

function usesSecret({ token_endpoint_auth_method: method }: z.output<typeof client>): boolean {
  return !method || method.startsWith('client_secret');
}

const pathOf = (clientId: string) => `/admin/clients/${encodeURIComponent(clientId)}`;

function tokenUrlOf({ config: { publicUrl } }: AdminCall): string {
  return addressOf(publicUrl, '/oauth2/token');
}

function adminRequest(
  call: AdminCall,
  method: 'GET' | 'PATCH',
  path: string,
  operations?: readonly object[],
): HttpRequest {
  const { adminUrl, apiKey } = call.config;
  return {
    method,
    url: addressOf(adminUrl, path),
    headers: {
      accept: 'application/json',
      ...(apiKey && { authorization: `Bearer ${apiKey.expose()}` }),
      ...(operations && { 'content-type': 'application/json' }),
    },
    ...(operations && { body: JSON.stringify(operations) }),
  };
}
