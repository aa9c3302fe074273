import { z } from 'zod';
import { type ChosenValue, ConnectorError, type Fields, type IssuerCan } from '#connectors/contract.ts';
import { probeClientCredentials } from '#connectors/token-endpoint.ts';
import type { Http } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** Place fields of an OAuth client: how it signs in at the token endpoint, so that its secret can be tried. */
export const signInFields = {
  auth: z.enum(['basic', 'post']).default('basic').meta({
    title: 'How the client signs in',
    description: 'basic: client_secret_basic. post: client_secret_post.',
  }),
  scope: z.string().min(1).max(512).optional().meta({
    title: 'Scope to ask for',
    description: 'Only where the client gets no token without one.',
  }),
};

/** 258 bits, of characters that need no escaping in any sign-in. */
export const clientSecretValue: ChosenValue = {
  alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  length: 43,
};

/** An issuer that holds one secret per client and replaces it at once. */
export function oneSecret(own: Pick<IssuerCan, 'chosenValue' | 'readBack'>): IssuerCan {
  return {
    maxLive: 1,
    overlap: 'none',
    ...own,
    list: false,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 10,
  };
}

/** The value the engine chose. An issuer that takes chosen values makes none of its own. */
export function chosenOf(wish: { readonly chosen?: Plaintext }): Plaintext {
  if (wish.chosen !== undefined) return wish.chosen;
  throw new ConnectorError('No value was chosen for the new secret. Nothing was changed.', 'never');
}

/** What one version of a client's secret consists of. */
export function clientFields(clientId: string, secret: string | Plaintext): Fields {
  return {
    clientId: new Plaintext(clientId),
    clientSecret: typeof secret === 'string' ? new Plaintext(secret) : secret,
  };
}

/** Signs in as the client with the client credentials grant. */
export async function verifyClient(
  call: { readonly http: Http },
  client: { tokenUrl: string; clientId: string; auth: 'basic' | 'post'; scope?: string | undefined },
  fields: Fields,
): Promise<'accepted' | 'rejected'> {
  const { clientSecret } = fields;
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  return probeClientCredentials(call, { ...client, clientSecret });
}
