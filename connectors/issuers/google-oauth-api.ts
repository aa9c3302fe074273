import { z } from 'zod';
import { type Browsed, ConnectorError, type ListedSecret } from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import { type GoogleCall, googleRequest } from '#connectors/google-sign-in.ts';

const credential = z.object({
  name: z.string().regex(/\/credentials\/[a-z0-9-]{4,32}$/),
  disabled: z.boolean().default(false),
  displayName: z.string().default(''),
});
export const withSecret = credential.extend({ clientSecret: z.string().min(1) });
const listAnswer = z.object({ oauthClientCredentials: z.array(credential).default([]) });
export const clientAnswer = z.object({
  name: z.string().regex(/\/oauthClients\/[a-z0-9-]+$/),
  clientId: z.string(),
  displayName: z.string().default(''),
  disabled: z.boolean().default(false),
  state: z.string(),
});
const clientsAnswer = z.object({ oauthClients: z.array(clientAnswer).default([]) });

export type Credential = z.output<typeof credential>;
export type OauthClient = z.output<typeof clientAnswer>;

/** The display name of what was issued here. At most 32 characters. */
export const OURS = 'Rekey';
/** Each needs a request of its own, so no more are looked at. */
const MOST_BROWSED = 50;

/** Every secret of a client, the disabled ones too. `client` is its resource, `/v1/projects/…/oauthClients/…`. */
export async function readAll(call: GoogleCall, iamUrl: string, client: string): Promise<Credential[]> {
  const request = await googleRequest(call, 'GET', iamUrl, `${client}/credentials`);
  const what = `Listing the secrets of ${lastOf(client)}`;
  return (await exchange(call, request, { ok: [200], schema: listAnswer, what })).oauthClientCredentials;
}

/** Those that work, with the rotation that issued them where it was one of ours. */
export function listedOf(all: readonly Credential[]): ListedSecret[] {
  return all
    .filter(({ disabled }) => !disabled)
    .map(({ name, displayName }) => ({
      externalId: lastOf(name),
      ...(displayName === OURS && { tag: rotationOf(lastOf(name)) }),
      createdAt: null,
      lastUsedAt: null,
    }));
}

/** The clients of a project that can be used, with their secrets. */
export async function browseClients(call: GoogleCall, iamUrl: string, project: string): Promise<Browsed[]> {
  const parent = `/v1/projects/${project}/locations/global`;
  const request = await googleRequest(call, 'GET', iamUrl, `${parent}/oauthClients?pageSize=${MOST_BROWSED}`);
  const what = `Listing the OAuth clients of ${project}`;
  const { oauthClients } = await exchange(call, request, { ok: [200], schema: clientsAnswer, what });
  const active = oauthClients.filter(({ state }) => state === 'ACTIVE').slice(0, MOST_BROWSED);
  return Promise.all(
    active.map(async ({ name, clientId, displayName }) => ({
      place: { project, oauthClient: lastOf(name), clientId },
      label: displayName || lastOf(name),
      secrets: listedOf(await readAll(call, iamUrl, `${parent}/oauthClients/${lastOf(name)}`)),
    })),
  );
}

export const lastOf = (name: string) => name.slice(name.lastIndexOf('/') + 1);

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

/** IDs are 4 to 32 of [a-z0-9-] and may not begin with gcp-: a UUID fits without its dashes. */
export function idOf(rotationId: string): string {
  const id = UUID.test(rotationId) ? rotationId.replaceAll('-', '') : rotationId;
  if (/^(?!gcp-)[a-z0-9-]{4,32}$/.test(id)) return id;
  throw new ConnectorError(`"${rotationId}" cannot be the ID of a secret at Google.`, 'never');
}

function rotationOf(id: string): string {
  return id.replace(UUID, '$1-$2-$3-$4-$5');
}
