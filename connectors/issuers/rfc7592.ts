import { z } from 'zod';
import { clientFields, oneSecret, signInFields, verifyClient } from '#connectors/client-sign-in.ts';
import {
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  secretText,
} from '#connectors/contract.ts';
import { accept, type Expectation, send } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import { checkTokenEndpoint } from '#connectors/token-endpoint.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  tokenUrl: z.url({ protocol: /^https?$/ }).meta({
    title: 'Token endpoint',
    description: 'Where the clients of this authorization server get their tokens.',
  }),
  ...tlsFields,
});

const place = z.object({
  clientId: z.string().min(1).max(512).meta({ title: 'Client ID' }),
  registrationUri: z.url({ protocol: /^https?$/ }).meta({
    title: 'Client configuration endpoint',
    description: 'The registration_client_uri of the registration.',
  }),
  registrationToken: secretText().meta({
    title: 'Registration access token',
    description:
      'The registration_access_token of the registration. Rekey keeps the new one that an update brings.',
  }),
  ...signInFields,
});

type Place = z.output<typeof place>;
type RegistrationCall = Call<z.output<typeof config>, Place>;

const secret = z
  .string()
  .min(1)
  .transform((value) => new Plaintext(value));

/** What has its own meaning here; everything else is metadata that is sent back as it came. */
const registration = z.looseObject({
  client_id: z.string().min(1),
  client_secret: secret,
  client_secret_expires_at: z.number().nullish(),
  registration_access_token: secret.nullish(),
});

type Registration = z.output<typeof registration>;

/** RFC 7592, 2.2: an update must not include these. */
const notSentBack = new Set([
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]);

/**
 * Client secrets of any authorization server with Dynamic Client Registration Management
 * (https://www.rfc-editor.org/rfc/rfc7592): `PUT` to the client configuration endpoint with the metadata that `GET`
 * gave. A server may answer with a new secret and then the old one is to be discarded at once (2.2), so one works. The
 * client must not choose it (2.2), and `GET` reads it back (2.1). The registration access token may be replaced with
 * every answer (section 3 and 5); the new one is stored together with the new secret.
 */
export const rfc7592: IssuerConnector<typeof config, typeof place> = {
  kind: 'rfc7592',
  title: 'Client registration (RFC 7592)',
  aliases: ['dynamic client registration', 'DCR', 'OAuth client', 'OIDC', 'client secret'],
  docs: 'https://www.rfc-editor.org/rfc/rfc7592',
  needs:
    'The registration access token of the client, at a server that issues a new secret when the client is updated.',
  proven: { against: 'real server', what: 'oidc-provider 9.13.3', on: '2026-11-28' },
  config,
  place,
  secretField: 'clientSecret',
  can: () => ({ ...oneSecret({ chosenValue: false, readBack: true }), expiry: true }),
  check,
  issue,
  verify: (call, fields) =>
    verifyClient(call, { ...call.place, tokenUrl: call.config.tokenUrl, scope: call.place.scope }, fields),
  readBack,
};

async function check(call: RegistrationCall): Promise<void> {
  mustKeepToken(call, await read(call));
  await checkTokenEndpoint(call, call.config.tokenUrl);
}

async function readBack(call: RegistrationCall): Promise<Fields> {
  const found = await read(call);
  mustKeepToken(call, found);
  return clientFields(call.place.clientId, found.client_secret);
}

async function issue(call: RegistrationCall, wish: IssueWish): Promise<Issued> {
  const { clientId, registrationToken } = call.place;
  const before = await read(call);
  const token = before.registration_access_token ?? registrationToken;
  const after = await update(call, before, token);
  const newest = after.registration_access_token ?? token;
  if (after.client_secret.equals(before.client_secret)) {
    const lost = newest.equals(registrationToken)
      ? 'Nothing was changed.'
      : 'But it replaced the registration access token, so the stored one is void: enter a new one.';
    throw new ConnectorError(
      `The server of ${clientId} took the update and kept the secret: it does not rotate secrets on an update, so they cannot be rotated this way. ${lost}`,
      'never',
    );
  }
  const ends = after.client_secret_expires_at ?? 0;
  return {
    externalId: `secret#${wish.rotationId}`,
    fields: clientFields(clientId, after.client_secret),
    ...(ends > 0 && { expiresAt: new Date(ends * 1000) }),
    ...(!newest.equals(registrationToken) && { placeSecrets: { registrationToken: newest } }),
  };
}

async function read(call: RegistrationCall): Promise<Registration> {
  const what = `Reading the registration of ${call.place.clientId}`;
  const request = registrationRequest(call, 'GET', call.place.registrationToken);
  const expectation = { ...expecting(what), schema: registration };
  const response = await send(call, request, expectation);
  if (response.status === 401) throw tokenRefused(call, what);
  return sameClient(call, accept(request, response, expectation));
}

async function update(call: RegistrationCall, before: Registration, token: Plaintext): Promise<Registration> {
  const { clientId } = call.place;
  const metadata = Object.entries(before).filter(([name]) => !notSentBack.has(name));
  const body = { ...Object.fromEntries(metadata), client_secret: before.client_secret.expose() };
  const what = `Updating the registration of ${clientId}`;
  const request = { ...registrationRequest(call, 'PUT', token), body: JSON.stringify(body) };
  // Every update may make another secret, so after a lost one it is open which is there.
  const expectation = { ...expecting(what), repeatable: false, schema: registration };
  const response = await send(call, request, expectation);
  if (response.status === 401) throw tokenRefused(call, what);
  if (response.status === 405 || response.status === 501) {
    const sentence = `The server of ${clientId} takes no updates of registrations (${response.status}). Nothing was changed; rotate it assisted.`;
    throw new ConnectorError(sentence, 'never');
  }
  return sameClient(call, accept(request, response, expectation));
}

function registrationRequest(call: RegistrationCall, method: 'GET' | 'PUT', token: Plaintext): HttpRequest {
  return {
    method,
    url: call.place.registrationUri,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.expose()}`,
      ...(method === 'PUT' && { 'content-type': 'application/json' }),
    },
  };
}

const expecting = (what: string): Expectation => ({
  ok: [200],
  what,
  answerer: 'the client configuration endpoint',
});

function sameClient(call: RegistrationCall, found: Registration): Registration {
  const { clientId } = call.place;
  if (found.client_id === clientId) return found;
  const sentence = `The client configuration endpoint belongs to another client than ${clientId}. Correct the place; no secret was taken over.`;
  throw new ConnectorError(sentence, 'never');
}

/** RFC 7592, 2.1: 401 for a token that is not valid, and for a client that is no more. */
function tokenRefused({ place: { clientId } }: RegistrationCall, what: string): ConnectorError {
  const sentence = `${what} failed: the server refuses the registration access token of ${clientId} (401). It is not valid, or the client is gone. If the answer to an earlier update was lost, the token that replaced it was lost too: get a new one and enter it.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}

/** Where nothing is stored along with an answer, a token that came with it would be lost. */
function mustKeepToken(
  { place: { clientId, registrationToken } }: RegistrationCall,
  found: Registration,
): void {
  const token = found.registration_access_token;
  if (token === null || token === undefined || token.equals(registrationToken)) return;
  const sentence = `The server of ${clientId} replaces the registration access token with every reading, so the stored one is void now. Rekey can keep a new token only together with a new secret: let the server replace it on updates only, and enter a new token.`;
  throw new ConnectorError(sentence, 'never');
}
