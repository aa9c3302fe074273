import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, send } from '#connectors/exchange.ts';
import { segment } from '#connectors/json-api.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** How a Vault or OpenBao server is reached and signed in to. */
export const vaultConfig = z.object({
  address: z.url({ protocol: /^https?$/ }).meta({
    title: 'Address',
    description: 'Of the server, for example https://vault.example.com:8200.',
  }),
  namespace: z
    .string()
    .max(300)
    .optional()
    .meta({ title: 'Namespace', description: 'Only where the server has namespaces.' }),
  token: secretText().optional().meta({
    title: 'Token',
    description: 'Enter a token, or a role ID and secret ID. The token must be renewed by somebody else.',
  }),
  roleId: z.string().max(300).optional().meta({ title: 'Role ID', description: 'Of an AppRole.' }),
  secretId: secretText().optional().meta({ title: 'Secret ID', description: 'Of the same AppRole.' }),
  appRoleMount: z
    .string()
    .min(1)
    .max(200)
    .default('approle')
    .meta({ title: 'Where AppRole is mounted', description: 'Only with a role ID.' }),
  ...tlsFields,
});

/** A longer life is not used, so that a token revoked at the server is replaced before long. */
const LONGEST_SECONDS = 600;

const loginAnswer = z.object({
  auth: z.object({
    client_token: z
      .string()
      .min(1)
      .transform((token) => new Plaintext(token)),
    lease_duration: z.number().min(0),
  }),
});

export type VaultCall = Call<z.output<typeof vaultConfig>, unknown>;

/** A request of the HTTP API with the sign-in that is stored. `path` begins after `/v1/`. */
export async function vaultRequest(
  call: VaultCall,
  method: HttpRequest['method'],
  path: string,
  body?: object,
): Promise<HttpRequest> {
  const token = await tokenOf(call);
  return plainRequest(call, method, path, body, { 'x-vault-token': token.expose() });
}

/** A path of the API with each of its parts encoded. Throws where one of them would lead upwards. */
export function vaultPath(...parts: readonly string[]): string {
  return parts.flatMap((part) => part.split('/').map(segment)).join('/');
}

async function tokenOf(call: VaultCall): Promise<Plaintext> {
  const { token, roleId, secretId } = call.config;
  if (token !== undefined) return token;
  if (roleId === undefined || secretId === undefined) {
    const sentence =
      'There is no sign-in for this server. Enter a token, or both the role ID and the secret ID of an AppRole.';
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  return call.remember('token', () => logIn(call, roleId, secretId));
}

async function logIn(call: VaultCall, roleId: string, secretId: Plaintext) {
  const path = `auth/${vaultPath(call.config.appRoleMount)}/login`;
  const request = plainRequest(call, 'POST', path, { role_id: roleId, secret_id: secretId.expose() });
  const expectation = { ok: [200], schema: loginAnswer, what: 'Signing in by AppRole', repeatable: true };
  const response = await send(call, request, expectation);
  // A wrong pair is answered with 400 and "invalid role or secret ID".
  if (response.status === 400) {
    const sentence = `${new URL(request.url).host} refuses the stored role ID and secret ID of the AppRole. Nothing was changed; enter a secret ID that is still valid.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  const { auth } = accept(request, response, expectation);
  const seconds = auth.lease_duration === 0 ? LONGEST_SECONDS : auth.lease_duration;
  return { value: auth.client_token, seconds: Math.min(seconds, LONGEST_SECONDS) };
}

function plainRequest(
  call: VaultCall,
  method: HttpRequest['method'],
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): HttpRequest {
  const { address, namespace } = call.config;
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return {
    method,
    url: addressOf(address, `/v1/${path}`),
    headers: {
      accept: 'application/json',
      'x-vault-request': 'true',
      ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
      ...headers,
      ...(body !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}
