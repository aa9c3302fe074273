import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import {
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
  secretText,
} from '#connectors/contract.ts';
import { accept, errorCodeOf, exchange, parseJson, send } from '#connectors/exchange.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.keyhole.example')
    .meta({ title: 'Address' }),
  adminKey: secretText().meta({ title: 'Admin key', description: 'With the permission keys:write.' }),
});

const place = z.object({
  clientId: z.string().min(1).max(100).meta({ title: 'Client ID' }),
});

type KeyholeCall = Call<z.output<typeof config>, z.output<typeof place>>;

/** Keys of a Keyhole client: two may work at once, each has a label. https://docs.keyhole.example/keys */
export const keyhole: IssuerConnector<typeof config, typeof place> = {
  kind: 'keyhole',
  title: 'Keyhole',
  docs: 'https://docs.keyhole.example/keys',
  needs: 'An admin key with the permission keys:write.',
  proven: { against: 'documented fake', what: 'Keyhole API v1', on: '2026-11-25' },
  config,
  place,
  secretField: 'key',
  can: () => ({
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: false,
    readBack: false,
    list: true,
    tags: true,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 3,
  }),
  check: async (call) => {
    await listSecrets(call);
  },
  issue,
  verify,
  revoke,
  listSecrets,
};

const made = z.object({ id: z.string().min(1), key: z.string().min(1) });

async function issue(call: KeyholeCall, { rotationId }: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  const request = adminRequest(call, 'POST', '', { label: rotationId });
  const expectation = { ok: [201], what: `Making a key for ${clientId}`, schema: made };
  const response = await send(call, request, expectation);
  if (response.status === 409) {
    const live = (await listSecrets(call)).map(({ externalId }) => externalId);
    const sentence = `${clientId} has two keys already: ${live.join(', ')}. No key was made; revoke one of them first.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  const { id, key } = accept(request, response, expectation);
  return { externalId: id, fields: { key: new Plaintext(key) } };
}

async function verify(call: KeyholeCall, { key }: Fields): Promise<'accepted' | 'rejected'> {
  if (key === undefined)
    throw new ConnectorError('This version has no field `key` to sign in with.', 'never');
  const request: HttpRequest = {
    method: 'GET',
    url: addressOf(call.config.baseUrl, '/v1/whoami'),
    headers: { authorization: `Bearer ${key.expose()}` },
  };
  const expectation = { ok: [200], what: `Signing in as ${call.place.clientId}` };
  const response = await send(call, request, expectation);
  if (errorCodeOf(parseJson(response.text)) === 'invalid_key') return 'rejected';
  accept(request, response, expectation);
  return 'accepted';
}

async function revoke(call: KeyholeCall, externalId: string): Promise<void> {
  const request = adminRequest(call, 'DELETE', `/${encodeURIComponent(externalId)}`);
  const expectation = { ok: [204, 404], what: `Revoking the key ${externalId} of ${call.place.clientId}` };
  const response = await send(call, request, expectation);
  accept(request, response, expectation);
  // A client that is not there answers 404 as well: then listing fails, and nothing counts as revoked.
  if (response.status === 404) await listSecrets(call);
}

const listed = z.object({ keys: z.array(z.object({ id: z.string().min(1), label: z.string() })) });

async function listSecrets(call: KeyholeCall): Promise<ListedSecret[]> {
  const what = `Listing the keys of ${call.place.clientId}`;
  const { keys } = await exchange(call, adminRequest(call, 'GET', ''), { ok: [200], what, schema: listed });
  return keys.map(({ id, label }) => ({ externalId: id, tag: label, createdAt: null, lastUsedAt: null }));
}

function adminRequest(
  call: KeyholeCall,
  method: HttpRequest['method'],
  path: string,
  body?: object,
): HttpRequest {
  const client = encodeURIComponent(call.place.clientId);
  return {
    method,
    url: addressOf(call.config.baseUrl, `/v1/clients/${client}/keys${path}`),
    headers: {
      authorization: `Bearer ${call.config.adminKey.expose()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}
