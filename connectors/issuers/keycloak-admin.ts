import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, type Expectation, send } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import { accessToken } from '#connectors/token-endpoint.ts';
import type { HttpRequest, HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

export const keycloakConfig = z.object({
  baseUrl: z.url({ protocol: /^https?$/ }).meta({
    title: 'Address',
    description: 'Where Keycloak answers, with its relative path if it has one, such as /auth.',
  }),
  adminRealm: z.string().min(1).max(255).default('master').meta({
    title: 'Realm of the admin client',
    description: 'master, or the realm whose clients are rotated.',
  }),
  adminClientId: z.string().min(1).max(255).meta({
    title: 'Client ID of the admin client',
    description: 'A confidential client with service accounts on and the role manage-clients.',
  }),
  adminClientSecret: secretText().meta({ title: 'Secret of the admin client' }),
  ...tlsFields,
});

type KeycloakConfig = z.output<typeof keycloakConfig>;

/** A call to Keycloak, whatever its place. */
export type AdminCall = Call<KeycloakConfig, unknown>;

const client = z.object({
  id: z.string().min(1),
  clientId: z.string().min(1),
  protocol: z.string().nullish(),
  publicClient: z.boolean().nullish(),
  bearerOnly: z.boolean().nullish(),
  serviceAccountsEnabled: z.boolean().nullish(),
  authorizationServicesEnabled: z.boolean().nullish(),
  clientAuthenticatorType: z.string().nullish(),
  access: z.object({ manage: z.boolean().nullish() }).nullish(),
  attributes: z
    .object({
      'client.secret.expiration.time': z.string().nullish(),
      'client.secret.rotated.expiration.time': z.string().nullish(),
    })
    .nullish(),
});

/** A secret, as Keycloak answers it. */
export const credential = z.object({
  value: z
    .string()
    .min(1)
    .transform((value) => new Plaintext(value)),
});

export type KeycloakClient = z.output<typeof client>;
const clients = z.array(client);

/** The client with that name in the realm. Throws where it is not there, or the stored sign-in cannot see it. */
export async function findClient(call: AdminCall, realm: string, clientId: string): Promise<KeycloakClient> {
  const path = `${clientsPath(realm)}?clientId=${encodeURIComponent(clientId)}`;
  const found = await askAdmin(call, realm, 'GET', path, {
    ok: [200],
    what: `Looking up the client ${clientId} of the realm ${realm}`,
    schema: clients,
  });
  const one = found.find((candidate) => candidate.clientId === clientId);
  if (one !== undefined) return one;
  const sentence = `The realm ${realm} has no client ${clientId} that the stored sign-in can see. Check the client ID, and that the admin client has the role manage-clients there.`;
  throw new ConnectorError(sentence, 'never');
}

/**
 * Sets a secret, and leaves all else as it is. Keycloak changes what the body holds, but takes two settings for off where they
 * are not in it: without `serviceAccountsEnabled` it removes the user of the service account with its roles, and without
 * `authorizationServicesEnabled` the client's resources, policies and permissions. So both go along as they are.
 * ClientResource.updateClientFromRep, https://github.com/keycloak/keycloak/issues/32530, https://github.com/keycloak/keycloak/issues/29878.
 */
export async function setSecret(
  call: AdminCall,
  realm: string,
  client: KeycloakClient,
  value: Plaintext,
): Promise<void> {
  const expectation = { ok: [204], what: `Setting the secret of ${client.clientId}`, repeatable: false };
  const path = `${clientsPath(realm)}/${client.id}`;
  const body = {
    secret: value.expose(),
    serviceAccountsEnabled: client.serviceAccountsEnabled === true,
    authorizationServicesEnabled: client.authorizationServicesEnabled === true,
  };
  const { request, response } = await sendAdmin(call, realm, 'PUT', path, expectation, body);
  accept(request, response, expectation);
}

/** The clients of a realm that sign in with a secret, at most `most` of those it lists first. */
export async function confidentialClients(call: AdminCall, realm: string, most: number) {
  const found = await askAdmin(call, realm, 'GET', `${clientsPath(realm)}?first=0&max=${most}`, {
    ok: [200],
    what: `Listing the clients of the realm ${realm}`,
    schema: clients,
  });
  return found.filter(isConfidential);
}

export function isConfidential(one: KeycloakClient): boolean {
  const { publicClient, bearerOnly, protocol, clientAuthenticatorType: type } = one;
  const usesSecret = type === undefined || type === null || type.startsWith('client-secret');
  return !publicClient && !bearerOnly && (protocol ?? 'openid-connect') === 'openid-connect' && usesSecret;
}

/** When the rotated secret of a client stops working; null where it has none. */
export function endOfRotated({ attributes }: KeycloakClient): Date | null {
  const seconds = Number(attributes?.['client.secret.rotated.expiration.time'] ?? Number.NaN);
  return Number.isSafeInteger(seconds) ? new Date(seconds * 1000) : null;
}

/** Whether the rotated secret still works. Keycloak keeps it beyond its time. */
export function isLive(one: KeycloakClient): boolean {
  return (endOfRotated(one)?.getTime() ?? 0) > Date.now();
}

const realms = z.array(z.object({ realm: z.string().min(1) }));

/** The realms that the stored sign-in can see. */
export async function visibleRealms(call: AdminCall): Promise<string[]> {
  const path = '/admin/realms?briefRepresentation=true';
  const found = await askAdmin(call, call.config.adminRealm, 'GET', path, {
    ok: [200],
    what: 'Listing the realms',
    schema: realms,
  });
  return found.map(({ realm }) => realm);
}

export function clientsPath(realm: string): string {
  return `/admin/realms/${encodeURIComponent(realm)}/clients`;
}

/** One exchange with the admin API; a refusal names the role that is missing. */
export async function askAdmin<S extends z.ZodType>(
  call: AdminCall,
  realm: string,
  method: HttpRequest['method'],
  path: string,
  expectation: Expectation & { readonly schema: S },
  body?: object,
): Promise<z.output<S>> {
  const { request, response } = await sendAdmin(call, realm, method, path, expectation, body);
  return accept(request, response, expectation);
}

/** The first half of `askAdmin`, for a caller that reads some statuses itself. */
export async function sendAdmin(
  call: AdminCall,
  realm: string,
  method: HttpRequest['method'],
  path: string,
  expectation: Expectation,
  body?: object,
): Promise<{ request: HttpRequest; response: HttpResponse }> {
  const { baseUrl, adminRealm, adminClientId, adminClientSecret } = call.config;
  const token = await accessToken(call, {
    tokenUrl: tokenUrlOf(baseUrl, adminRealm),
    clientId: adminClientId,
    clientSecret: adminClientSecret,
    auth: 'basic',
  });
  const request: HttpRequest = {
    method,
    url: addressOf(baseUrl, path),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.expose()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
  const response = await send(call, request, expectation);
  if (response.status === 403) throw roleMissing(call, realm, expectation.what);
  return { request, response };
}

/** The role is named as the admin console names it, which depends on where the admin client lives. */
export function roleMissing({ config }: AdminCall, realm: string, what: string): ConnectorError {
  const owner = config.adminRealm === realm ? 'realm-management' : `${realm}-realm`;
  const sentence = `${what} failed: the admin client ${config.adminClientId} lacks the role manage-clients of ${owner}. Assign it to its service account. Nothing was changed.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}

export function tokenUrlOf(baseUrl: string, realm: string): string {
  return addressOf(baseUrl, `/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`);
}
