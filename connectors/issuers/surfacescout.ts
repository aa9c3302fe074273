import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
  secretText,
} from '#connectors/contract.ts';
import { accept, exchange, parseJson, send } from '#connectors/exchange.ts';
import {
  behaviour,
  browsed,
  issuedSecret,
  listed,
  readSecret,
  type secret,
  slotFull,
} from '#connectors/surfacescout-answers.ts';
import { probeClientCredentials } from '#connectors/token-endpoint.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .meta({ title: 'Address', description: 'Where SurfaceScout runs.' }),
  adminToken: secretText().meta({ title: 'Admin token', description: 'A bearer token of the admin API.' }),
});

const place = z.object({
  clientId: z.string().min(1).max(128).meta({ title: 'Client ID' }),
  maxLive: z.literal([1, 2, 10]).default(2).meta({ title: 'Secrets that can work at the same time' }),
  overlap: z.enum(['explicit', 'graced']).default('explicit').meta({
    title: 'How the previous secret ends',
    description:
      'explicit: when it is revoked. graced: at a time set as the next one is issued. Only where more than one can work.',
  }),
  chosenValue: z.boolean().default(false).meta({ title: 'The value may be chosen' }),
  readBack: z.boolean().default(false).meta({ title: 'Secrets can be read back' }),
  list: z.boolean().default(true).meta({ title: 'Secrets can be listed' }),
  propagationSeconds: z
    .int()
    .min(0)
    .max(30)
    .default(0)
    .meta({ title: 'Seconds until a change works everywhere' }),
  auth: z.enum(['basic', 'post']).default('basic').meta({ title: 'How the client signs in' }),
});

type Config = z.output<typeof config>;
type Place = z.output<typeof place>;
type SurfaceScoutCall = Call<Config, Place>;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The sample vendor in demo/surfacescout. What it can do is set per client there, and repeated in the place. */
export const surfacescout: IssuerConnector<typeof config, typeof place> = {
  kind: 'surfacescout',
  title: 'SurfaceScout (sample)',
  aliases: ['demo', 'example'],
  docs: 'demo/surfacescout',
  needs: 'The admin token of the sample vendor.',
  proven: { against: 'real server', what: 'the sample vendor in demo/surfacescout', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: (_config, { maxLive, overlap, chosenValue, readBack, list, propagationSeconds }) => ({
    maxLive,
    overlap: maxLive > 1 ? overlap : 'none',
    chosenValue,
    readBack,
    list,
    tags: list,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: list,
    propagationSeconds,
    failedSignIns: 10,
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  readBack,
  browse,
  chosen: () => ({ alphabet: BASE64URL, length: 43 }),
};

async function check(call: SurfaceScoutCall): Promise<void> {
  const actual = await readBehaviour(call);
  if (!actual.hasApi)
    throw new ConnectorError(
      `${call.place.clientId} has no API at SurfaceScout: rotate it assisted.`,
      'never',
    );
  const compared = ['maxLive', 'overlap', 'chosenValue', 'readBack', 'list', 'propagationSeconds'] as const;
  const differences = compared
    .filter((field) => field !== 'overlap' || call.place.maxLive > 1)
    .filter((field) => actual[field] !== call.place[field])
    .map((field) => `${field} is ${actual[field]} there and ${call.place[field]} here`);
  if (differences.length === 0) return;
  const sentence = `SurfaceScout treats ${call.place.clientId} otherwise than this place says: ${differences.join(', ')}. Correct the place.`;
  throw new ConnectorError(sentence, 'never');
}

async function issue(call: SurfaceScoutCall, wish: IssueWish): Promise<Issued> {
  const body = {
    tag: wish.rotationId,
    ...(wish.chosen && { value: wish.chosen.expose() }),
    ...(wish.previousEndsAt && { previousEndsAt: wish.previousEndsAt.toISOString() }),
  };
  const request = clientRequest(call, 'POST', '/secrets', JSON.stringify(body));
  const expectation = {
    ok: [201],
    schema: issuedSecret,
    what: `Issuing a secret for ${call.place.clientId}`,
  };
  const response = await send(call, request, expectation);
  const full = response.status === 409 ? slotFull.safeParse(parseJson(response.text)) : undefined;
  if (full?.success) throw noFreeSlot(call.place.clientId, full.data.liveSecrets);
  const { id, secret, previousEndsAt } = accept(request, response, expectation);
  return { externalId: id, fields: fieldsOf(call, secret), ...(previousEndsAt && { previousEndsAt }) };
}

async function verify(call: SurfaceScoutCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  if (!fields.clientSecret)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { clientId, auth } = call.place;
  const tokenUrl = addressOf(call.config.baseUrl, '/oauth/token');
  return probeClientCredentials(call, { tokenUrl, clientId, clientSecret: fields.clientSecret, auth });
}

async function revoke(call: SurfaceScoutCall, externalId: string): Promise<void> {
  const request = clientRequest(call, 'DELETE', `/secrets/${encodeURIComponent(externalId)}`);
  const expectation = { ok: [204, 404], what: `Revoking the secret ${externalId} of ${call.place.clientId}` };
  const response = await send(call, request, expectation);
  accept(request, response, expectation);
  if (response.status === 404) await mustHaveApi(call);
}

/** A 404 means "the secret is gone" only while the client itself is there and has an API. */
async function mustHaveApi(call: SurfaceScoutCall): Promise<void> {
  const { hasApi } = await readBehaviour(call);
  if (!hasApi)
    throw new ConnectorError(
      `${call.place.clientId} has no API at SurfaceScout: nothing was revoked.`,
      'never',
    );
}

async function listSecrets(call: SurfaceScoutCall): Promise<ListedSecret[]> {
  const what = `Listing the secrets of ${call.place.clientId}`;
  const { secrets } = await exchange(call, clientRequest(call, 'GET', '/secrets'), {
    ok: [200],
    schema: listed,
    what,
  });
  return secrets.map(asListed);
}

function asListed({ id, tag, createdAt, lastUsedAt }: z.output<typeof secret>): ListedSecret {
  return {
    externalId: id,
    ...(tag && { tag }),
    createdAt: createdAt ?? null,
    lastUsedAt: lastUsedAt ?? null,
  };
}

/** Clients without an API are left out: they are added at an assisted issuer. */
async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const request = adminRequest(call, 'GET', '/admin/clients');
  const what = 'Listing the clients of SurfaceScout';
  const { clients } = await exchange(call, request, { ok: [200], schema: browsed, what });
  return clients
    .filter(({ hasApi }) => hasApi)
    .map(({ hasApi: _hasApi, secrets, ...place }) => ({
      place,
      label: place.clientId,
      secrets: secrets.map(asListed),
    }));
}

async function readBack(call: SurfaceScoutCall, externalId: string): Promise<Fields> {
  const what = `Reading back the secret ${externalId} of ${call.place.clientId}`;
  const request = clientRequest(call, 'GET', `/secrets/${encodeURIComponent(externalId)}`);
  const { secret } = await exchange(call, request, { ok: [200], schema: readSecret, what });
  return fieldsOf(call, secret);
}

function readBehaviour(call: SurfaceScoutCall): Promise<z.output<typeof behaviour>> {
  const what = `Reading the client ${call.place.clientId}`;
  return exchange(call, clientRequest(call, 'GET', ''), { ok: [200], schema: behaviour, what });
}

function fieldsOf(call: SurfaceScoutCall, secret: string): Fields {
  return { clientId: new Plaintext(call.place.clientId), clientSecret: new Plaintext(secret) };
}

function noFreeSlot(clientId: string, live: readonly { id: string }[]): ConnectorError {
  const ids = live.map(({ id }) => id).join(', ');
  const sentence = `${clientId} has no free slot: the secrets ${ids} are live. Nothing was issued; revoke one of them first.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict' });
}

function clientRequest(
  call: SurfaceScoutCall,
  method: HttpRequest['method'],
  path: string,
  body?: string,
): HttpRequest {
  return adminRequest(call, method, `/admin/clients/${encodeURIComponent(call.place.clientId)}${path}`, body);
}

function adminRequest(
  { config: { baseUrl, adminToken } }: { config: Config },
  method: HttpRequest['method'],
  path: string,
  body?: string,
): HttpRequest {
  return {
    method,
    url: addressOf(baseUrl, path),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${adminToken.expose()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  };
}
