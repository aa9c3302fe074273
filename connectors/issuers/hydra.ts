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
import type { Browsed, Call, Issued, IssuerCan, IssuerConnector, IssueWish } from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import {
  type AdminCall,
  adminRequest,
  hydraClient,
  hydraConfig,
  patchClient,
  usableClient,
  usesSecret,
} from '#connectors/issuers/hydra-api.ts';
import { endOldSecret, rotateSecret } from '#connectors/issuers/hydra-rotate.ts';
import { checkTokenEndpoint } from '#connectors/token-endpoint.ts';

const place = z.object({
  clientId: z.string().min(1).max(255).meta({ title: 'Client ID' }),
  mode: z.enum(['replace', 'keep old']).default('replace').meta({
    title: 'What happens to the old secret',
    description:
      'replace: it stops working at once; works with every Ory Hydra. keep old: it works until it is revoked, at Ory Network and Ory Hydra with the rotate endpoints; Rekey notes in the metadata of the client (rekey_secret) which secret is the newest.',
  }),
  ...signInFields,
});

type HydraCall = Call<z.output<typeof hydraConfig>, z.output<typeof place>>;

const clients = z.array(hydraClient);
const MOST_CLIENTS = 500;

/**
 * Client secrets of Ory Hydra 2 and of Ory Network, by the admin API
 * (https://www.ory.com/docs/hydra/guides/oauth2-clients). Hydra keeps hashes and never gives a secret back.
 *
 * replace: `PATCH /admin/clients/{id}` with one JSON Patch operation sets the value we choose and leaves the rest of the
 * client as it is. An explicitly set secret ends all earlier ones, so one works.
 *
 * keep old: `POST /admin/clients/{id}/secrets/rotate` makes a secret and keeps the old one until `DELETE` of the same
 * address, which ends all old ones together. Hydra keeps up to five; we keep one, so that ending them ends no other.
 */
export const hydra: IssuerConnector<typeof hydraConfig, typeof place> = {
  kind: 'hydra',
  title: 'Ory Hydra',
  aliases: ['Ory Network', 'OAuth client', 'OIDC', 'client secret'],
  docs: 'https://www.ory.com/docs/hydra/guides/oauth2-clients',
  needs: 'Access to the admin address: by network for Ory Hydra, by a project API key for Ory Network.',
  proven: { against: 'documented fake', what: 'Ory Hydra admin API v2', on: '2026-11-25' },
  config: hydraConfig,
  place,
  secretField: 'clientSecret',
  can: (_config, { mode }) => (mode === 'replace' ? replacing : keeping),
  check,
  issue: (call, wish) =>
    call.place.mode === 'replace' ? replace(call, wish) : rotateSecret(call, call.place.clientId, wish),
  verify: (call, fields) => verifyClient(call, { ...call.place, tokenUrl: tokenUrlOf(call) }, fields),
  revoke: (call, externalId) => endOldSecret(call, call.place.clientId, externalId),
  chosen: () => clientSecretValue,
  browse,
};

const replacing: IssuerCan = oneSecret({ chosenValue: true, readBack: false });
const keeping: IssuerCan = {
  ...oneSecret({ chosenValue: false, readBack: false }),
  maxLive: 2,
  overlap: 'explicit',
};

async function check(call: HydraCall): Promise<void> {
  await usableClient(call, call.place.clientId);
  await checkTokenEndpoint(call, tokenUrlOf(call));
}

async function replace(call: HydraCall, wish: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  const chosen = chosenOf(wish);
  await usableClient(call, clientId);
  const operation = { op: 'replace' as const, path: '/client_secret', value: chosen.expose() };
  await patchClient(call, clientId, operation, `Setting the secret of ${clientId}`);
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

function tokenUrlOf({ config: { publicUrl } }: AdminCall): string {
  return addressOf(publicUrl, '/oauth2/token');
}
