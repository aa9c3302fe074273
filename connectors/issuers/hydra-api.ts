import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpRequest } from '#lib/http.ts';

export const hydraConfig = z.object({
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

/** A call to Hydra, whatever its place. */
export type AdminCall = Call<z.output<typeof hydraConfig>, unknown>;

export const hydraClient = z.object({
  client_id: z.string().min(1),
  client_name: z.string().nullish(),
  token_endpoint_auth_method: z.string().nullish(),
  metadata: z.unknown(),
});

export type HydraClient = z.output<typeof hydraClient>;

/** The client, where it signs in with a secret: Hydra would take one for a client that never uses it. */
export async function usableClient(call: AdminCall, clientId: string): Promise<HydraClient> {
  const found = await exchange(call, adminRequest(call, 'GET', pathOf(clientId)), {
    ok: [200],
    what: `Reading the client ${clientId}`,
    schema: hydraClient,
  });
  if (usesSecret(found)) return found;
  const sentence = `The client ${clientId} signs in with ${found.token_endpoint_auth_method}, not with a secret. Nothing was changed.`;
  throw new ConnectorError(sentence, 'never');
}

export function usesSecret({ token_endpoint_auth_method: method }: HydraClient): boolean {
  return !method || method.startsWith('client_secret');
}

/** Changes one thing of a client by JSON Patch. */
export async function patchClient(
  call: AdminCall,
  clientId: string,
  operation: { op: 'add' | 'replace'; path: string; value: unknown },
  what: string,
): Promise<void> {
  await exchange(call, adminRequest(call, 'PATCH', pathOf(clientId), [operation]), {
    ok: [200],
    what,
    schema: hydraClient,
  });
}

export const pathOf = (clientId: string) => `/admin/clients/${encodeURIComponent(clientId)}`;

export function adminRequest(
  call: AdminCall,
  method: HttpRequest['method'],
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
