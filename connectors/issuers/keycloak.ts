import { z } from 'zod';
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
  type Fields,
  type Issued,
  type IssuerCan,
  type IssuerConnector,
  type IssueWish,
} from '#connectors/contract.ts';
import { accept } from '#connectors/exchange.ts';
import {
  type AdminCall,
  askAdmin,
  clientsPath,
  confidentialClients,
  credential,
  endOfRotated,
  findClient,
  isConfidential,
  isLive,
  type KeycloakClient,
  keycloakConfig,
  roleMissing,
  sendAdmin,
  setSecret,
  tokenUrlOf,
  visibleRealms,
} from '#connectors/issuers/keycloak-admin.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const place = z.object({
  realm: z.string().min(1).max(255).meta({ title: 'Realm' }),
  clientId: z.string().min(1).max(255).meta({ title: 'Client ID' }),
  mode: z.enum(['replace', 'rotation policy']).default('replace').meta({
    title: 'What happens to the old secret',
    description:
      'replace: it stops working at once. rotation policy: a client policy with the executor secret-rotation keeps it for a while; Keycloak has no names for secrets then, so call the one in use what you like.',
  }),
  ...signInFields,
});

type Place = z.output<typeof place>;
type KeycloakCall = Call<z.output<typeof keycloakConfig>, Place>;

const MOST_CLIENTS = 300;
const MOST_REALMS = 10;

/**
 * Client secrets of Keycloak, by the admin REST API (https://www.keycloak.org/docs-api/latest/rest-api/index.html).
 *
 * replace: `PUT …/clients/{uuid}` with `secret` sets the value we choose (`setSecret`);
 * `GET …/client-secret` reads it back. One secret works, so the old one ends at once.
 *
 * rotation policy: under a client policy with the executor `secret-rotation` (preview feature client-secret-rotation,
 * https://www.keycloak.org/docs/latest/server_admin/index.html#_secret_rotation) `POST …/client-secret` makes a new
 * secret and keeps the old one as "rotated" until the policy's time or `DELETE …/client-secret/rotated`: two work, graced.
 * A third would push the rotated one out without a word, so we refuse to make one. Keycloak has no ids for secrets:
 * which one is to be revoked is told by its value.
 */
export const keycloak: IssuerConnector<typeof keycloakConfig, typeof place> = {
  kind: 'keycloak',
  title: 'Keycloak',
  aliases: ['Red Hat SSO', 'RHBK', 'OAuth client', 'OIDC', 'client secret'],
  docs: 'https://www.keycloak.org/docs-api/latest/rest-api/index.html',
  needs:
    'An admin client whose service account has the role manage-clients of realm-management (of NAME-realm where the admin client lives in the realm master).',
  proven: { against: 'real server', what: 'Keycloak 26.5.6', on: '2026-11-28' },
  config: keycloakConfig,
  place,
  secretField: 'clientSecret',
  can: (_config, { mode }) => (mode === 'replace' ? replacing : underPolicy),
  check,
  issue: (call, wish) => (call.place.mode === 'replace' ? replace(call, wish) : rotate(call, wish)),
  verify,
  revoke,
  readBack: async (call) => clientFields(call.place.clientId, await currentOf(call, await usable(call))),
  chosen: () => clientSecretValue,
  browse,
};

const replacing: IssuerCan = oneSecret({ chosenValue: true, readBack: true });
const underPolicy: IssuerCan = {
  ...oneSecret({ chosenValue: false, readBack: false }),
  maxLive: 2,
  overlap: 'graced',
  wayBack: 'old stays',
  revokeNeedsValue: true,
};

async function check(call: KeycloakCall): Promise<void> {
  const client = await usable(call);
  const { realm, clientId } = call.place;
  if (client.access?.manage === false) throw roleMissing(call, realm, `Changing the client ${clientId}`);
}

/** The client, where its secret can be rotated and tried in this mode. */
async function usable(call: KeycloakCall): Promise<KeycloakClient> {
  const { realm, clientId, mode } = call.place;
  const client = await findClient(call, realm, clientId);
  const refuse = (why: string) => new ConnectorError(`${why} Nothing was changed.`, 'never');
  if (!isConfidential(client))
    throw refuse(`The client ${clientId} of the realm ${realm} does not sign in with a secret.`);
  if (client.serviceAccountsEnabled !== true)
    throw refuse(
      `The client ${clientId} has service accounts off, so Rekey cannot try its secret: Keycloak refuses a right one like a wrong one. Turn "Service accounts roles" on.`,
    );
  if (mode === 'rotation policy' && !client.attributes?.['client.secret.expiration.time'])
    throw refuse(
      `Nothing shows that a client policy with the executor secret-rotation covers ${clientId}: its secret has no expiration time, and without the policy the old secret would end at once. Regenerate the secret once under the policy, or set the mode to replace.`,
    );
  return client;
}

async function replace(call: KeycloakCall, wish: IssueWish): Promise<Issued> {
  const chosen = chosenOf(wish);
  await setSecret(call, call.place.realm, await usable(call), chosen);
  return {
    externalId: `secret#${wish.rotationId}`,
    fields: clientFields(call.place.clientId, chosen),
  };
}

async function rotate(call: KeycloakCall, wish: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  const client = await usable(call);
  const [rotated, current] = [await rotatedOf(call, client), await currentOf(call, client)];
  if (rotated !== null && isLive(client) && !rotated.equals(current)) {
    const sentence = `${clientId} has no free slot: its current secret and its rotated secret are live, the rotated one until ${endOfRotated(client)?.toISOString()}. Nothing was issued. Another one would end the rotated secret at once; if the answer to an earlier rotation was lost, consumers may still use it. Wait, or invalidate it in Keycloak once nobody does.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  const value = await ask(call, client, 'POST', '/client-secret', `Issuing a secret for ${clientId}`);
  const previousEndsAt = await whenPreviousEnds(call);
  return {
    externalId: `secret#${wish.rotationId}`,
    fields: clientFields(clientId, value),
    ...(previousEndsAt && { previousEndsAt }),
  };
}

/** The new secret is there already, so a fault in this question must not lose it. */
async function whenPreviousEnds(call: KeycloakCall): Promise<Date | null> {
  try {
    const { realm, clientId } = call.place;
    return endOfRotated(await findClient(call, realm, clientId)) ?? new Date();
  } catch (error) {
    if (error instanceof ConnectorError) return null;
    throw error;
  }
}

/**
 * Keycloak itself can only end the rotated secret. Where the current one is to go (a rotation is rolled back), the
 * rotated one is made current again, which ends it.
 */
async function revoke(call: KeycloakCall, externalId: string, fields?: Fields): Promise<void> {
  const client = await usable(call);
  const [rotated, current] = [await rotatedOf(call, client), await currentOf(call, client)];
  const value = fields?.clientSecret;
  if (value === undefined)
    throw new ConnectorError(
      `Keycloak has no ids for secrets, so without its value ${externalId} cannot be revoked. Nothing was changed.`,
      'never',
    );
  if (value.equals(current)) {
    if (rotated === null || !isLive(client) || rotated.equals(current)) {
      const sentence = `${externalId} is the current and only secret of ${call.place.clientId}: Keycloak can only replace it. Nothing was revoked.`;
      throw new ConnectorError(sentence, 'never', { because: 'conflict' });
    }
    await setSecret(call, call.place.realm, client, rotated);
  } else if (rotated === null || !value.equals(rotated)) return;
  const path = `${clientsPath(call.place.realm)}/${client.id}/client-secret/rotated`;
  const expectation = { ok: [204, 404], what: `Ending the rotated secret of ${call.place.clientId}` };
  const { request, response } = await sendAdmin(call, call.place.realm, 'DELETE', path, expectation);
  accept(request, response, expectation);
}

async function rotatedOf(call: KeycloakCall, client: KeycloakClient): Promise<Plaintext | null> {
  const { realm, clientId } = call.place;
  const path = `${clientsPath(realm)}/${client.id}/client-secret/rotated`;
  const expectation = { ok: [200], what: `Reading the rotated secret of ${clientId}`, schema: credential };
  const { request, response } = await sendAdmin(call, realm, 'GET', path, expectation);
  return response.status === 404 ? null : accept(request, response, expectation).value;
}

function currentOf(call: KeycloakCall, client: KeycloakClient): Promise<Plaintext> {
  return ask(call, client, 'GET', '/client-secret', `Reading the secret of ${call.place.clientId}`);
}

async function ask(
  call: KeycloakCall,
  client: KeycloakClient,
  method: 'GET' | 'POST',
  path: string,
  what: string,
): Promise<Plaintext> {
  const { realm } = call.place;
  const expectation = { ok: [200], what, schema: credential };
  const full = `${clientsPath(realm)}/${client.id}${path}`;
  return (await askAdmin(call, realm, method, full, expectation)).value;
}

async function verify(call: KeycloakCall, fields: Fields): Promise<'accepted' | 'rejected' | 'unknown'> {
  const { realm, clientId, auth, scope } = call.place;
  const tokenUrl = tokenUrlOf(call.config.baseUrl, realm);
  const said = await verifyClient(call, { tokenUrl, clientId, auth, scope }, fields);
  if (said === 'accepted') return said;
  // Without service accounts Keycloak answers a right secret with the same 401 and code as a wrong one.
  const { serviceAccountsEnabled } = await findClient(call, realm, clientId);
  return serviceAccountsEnabled === true ? said : 'unknown';
}

/** A realm may be visible although its clients are not; it is an error only where that leaves nothing. */
async function browse(call: AdminCall): Promise<Browsed[]> {
  const found: Browsed[] = [];
  let refusal: ConnectorError | null = null;
  for (const realm of (await visibleRealms(call)).slice(0, MOST_REALMS)) {
    try {
      for (const { clientId } of await confidentialClients(call, realm, MOST_CLIENTS))
        found.push({
          place: { realm, clientId },
          label: `${clientId} (${realm})`,
          secrets: [{ externalId: 'secret', createdAt: null, lastUsedAt: null }],
        });
    } catch (error) {
      if (!(error instanceof ConnectorError && error.because === 'permission')) throw error;
      refusal = error;
    }
  }
  if (found.length === 0 && refusal !== null) throw refusal;
  return found.slice(0, MOST_CLIENTS);
}
