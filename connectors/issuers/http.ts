import { z } from 'zod';
import {
  type Call,
  type ChosenValue,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerCan,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
} from '#connectors/contract.ts';
import { accept, type Expectation, exchange, send } from '#connectors/exchange.ts';
import { fill, type Values } from '#connectors/http-fill.ts';
import { requireEntered, sends } from '#connectors/http-template.ts';
import { config, place, purposes } from '#connectors/issuers/http-config.ts';
import { isAmong, pointed, pointedText, textsAt, tokensOf } from '#connectors/json-pointer.ts';
import { checkTokenEndpoint, probeClientCredentials } from '#connectors/token-endpoint.ts';
import type { HttpRequest, HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

type Config = z.output<typeof config>;
type Place = z.output<typeof place>;
type HttpIssuerCall = Call<Config, Place>;

const SUCCESS = [200, 201, 202, 203, 204];
const DIGITS = '0123456789';
const ALPHANUMERIC = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${DIGITS}`;
const LETTERS: Readonly<Record<Config['chosenLetters'], string>> = {
  hex: `${DIGITS}abcdef`,
  'letters and digits': ALPHANUMERIC,
  'letters, digits, - and _': `${ALPHANUMERIC}-_`,
};

/**
 * Any system with an HTTP API that answers in JSON: its requests are written in the settings, and what it can do
 * follows from which of them there are. Where things stand in answers is said by JSON pointers
 * (https://www.rfc-editor.org/rfc/rfc6901). A chosen value: the request that issues sends {{chosen}}. Tags: the list
 * gives back the {{rotationId}} that was sent. Secrets are tried at a token endpoint
 * (https://www.rfc-editor.org/rfc/rfc6749#section-4.4) or with a request of one's own.
 */
export const http: IssuerConnector<typeof config, typeof place> = {
  kind: 'http',
  title: 'HTTP API (requests of your own)',
  aliases: ['REST', 'JSON', 'custom', 'generic', 'any vendor'],
  docs: 'https://www.rfc-editor.org/rfc/rfc9110',
  needs: 'The token may send every request that is filled in.',
  proven: { against: 'real server', what: 'the sample vendor in demo/surfacescout', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can,
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  readBack,
  chosen: ({ chosenLetters, chosenLength }): ChosenValue => ({
    alphabet: LETTERS[chosenLetters],
    length: chosenLength,
  }),
};

function can({ maxLive, issue: request, ...entered }: Config): IssuerCan {
  requireEntered(request);
  return {
    maxLive,
    overlap: maxLive > 1 ? 'explicit' : 'none',
    chosenValue: sends(request, 'chosen'),
    readBack: entered.readBack !== undefined,
    list: entered.list !== undefined,
    // With one slot a tagged secret is the one in use, and nothing that could be removed.
    tags: maxLive > 1 && entered.list !== undefined && entered.listedTag !== undefined,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: sends(entered.revoke, 'field.clientSecret'),
    usageSignal: false,
    propagationSeconds: entered.propagationSeconds,
    failedSignIns: entered.failedSignIns === 0 ? 'none' : entered.failedSignIns,
  };
}

function requestFor(call: HttpIssuerCall, what: keyof typeof purposes, more: Values = {}): HttpRequest {
  const text = call.config[what];
  if (text === undefined)
    throw new ConnectorError(`No request is filled in that could ${what}. Nothing was sent.`, 'never');
  const { name, detail } = call.place;
  const values = {
    'place.name': name,
    'place.detail': detail,
    'place.clientId': clientIdOf(call),
    'secret.token': call.config.token,
    ...more,
  };
  return fill(text, purposes[what], call.config.baseUrl, values);
}

const clientIdOf = ({ place: { clientId, name } }: HttpIssuerCall) => clientId ?? name;

const fieldsOf = (call: HttpIssuerCall, clientSecret: Plaintext): Fields => ({
  clientId: new Plaintext(clientIdOf(call)),
  clientSecret,
});

async function check(call: HttpIssuerCall): Promise<void> {
  const { signIn, tokenUrl } = call.config;
  const request = requestFor(call, call.config.check === undefined ? 'list' : 'check');
  await exchange(call, request, { ok: SUCCESS, what: `Checking ${call.place.name}`, repeatable: true });
  if (call.config.list !== undefined) await listSecrets(call);
  if (signIn === 'token endpoint' && tokenUrl !== undefined) await checkTokenEndpoint(call, tokenUrl);
}

async function issue(call: HttpIssuerCall, { rotationId, chosen }: IssueWish): Promise<Issued> {
  const { name } = call.place;
  const request = requestFor(call, 'issue', { rotationId, chosen });
  const expectation = { ok: SUCCESS, what: `Issuing a secret for ${name}`, repeatable: false };
  const response = await send(call, request, expectation);
  if (isAmong(response, call.config.full)) throw await noFreeSlot(call, response.status);
  const { secret, id } = readIssued(call.config, request, response, expectation);
  const value = secret === undefined ? chosen : new Plaintext(secret);
  if (value === undefined) throw new ConnectorError('No value was chosen, so there is none to set.', 'never');
  // One slot may keep its id for ever; with the rotation behind it, it names this version.
  const slot = call.config.maxLive === 1 || id === undefined;
  return { externalId: slot ? `${id ?? name}#${rotationId}` : id, fields: fieldsOf(call, value) };
}

/** What the system itself calls the secret. */
function idAt({ config }: HttpIssuerCall, externalId: string): string {
  return config.maxLive === 1 ? externalId.replace(/#.*$/s, '') : externalId;
}

function readIssued(
  { issuedSecret, issuedId }: Config,
  request: HttpRequest,
  response: HttpResponse,
  expectation: Expectation,
): { secret?: string; id?: string } {
  if (issuedSecret !== undefined || issuedId !== undefined)
    return accept(request, response, {
      ...expectation,
      schema: textsAt({ secret: issuedSecret, id: issuedId }),
    });
  accept(request, response, expectation);
  return {};
}

async function noFreeSlot(call: HttpIssuerCall, status: number): Promise<ConnectorError> {
  const live = call.config.list === undefined ? [] : await listSecrets(call);
  const named =
    live.length === 0 ? '' : `: the secrets ${live.map(({ externalId }) => externalId).join(', ')} are live`;
  const sentence = `${call.place.name} has no free slot (${status})${named}. Nothing was issued; revoke one of them first.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict' });
}

async function verify(call: HttpIssuerCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { clientSecret } = fields;
  if (!clientSecret)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { signIn, tokenUrl, auth, scope, accepted, rejected } = call.config;
  const clientId = clientIdOf(call);
  if (signIn === 'token endpoint' && tokenUrl !== undefined)
    return probeClientCredentials(call, { tokenUrl, clientId, clientSecret, auth, scope });
  const request = requestFor(call, 'verify', {
    'field.clientId': clientId,
    'field.clientSecret': clientSecret,
  });
  const expectation = { ok: [], what: `Trying the secret of ${call.place.name}`, repeatable: true };
  const response = await send(call, request, expectation);
  if (isAmong(response, rejected)) return 'rejected';
  if (isAmong(response, accepted)) return 'accepted';
  if (response.status === 429 || response.status >= 500) accept(request, response, expectation);
  const sentence = `${expectation.what} was answered with ${response.status}, which is among neither the answers that mean it works nor those that mean it is wrong. Complete them.`;
  throw new ConnectorError(sentence, 'never');
}

async function revoke(call: HttpIssuerCall, externalId: string, fields: Fields = {}): Promise<void> {
  const request = requestFor(call, 'revoke', {
    externalId,
    'field.clientId': clientIdOf(call),
    'field.clientSecret': fields.clientSecret,
  });
  const expectation = {
    ok: SUCCESS,
    what: `Revoking the secret ${externalId} of ${call.place.name}`,
    repeatable: true,
  };
  const response = await send(call, request, expectation);
  if (!isAmong(response, call.config.gone)) {
    accept(request, response, expectation);
    return;
  }
  if (call.config.list === undefined) return;
  // "Gone" may be said of the whole credential, or of a wrong path: then listing fails, or still shows it.
  const live = await listSecrets(call);
  if (!live.some((secret) => secret.externalId === externalId)) return;
  const sentence = `${expectation.what} was answered as if it were gone (${response.status}), and it is still listed. It was not revoked; check the request.`;
  throw new ConnectorError(sentence, 'never');
}

async function listSecrets(call: HttpIssuerCall): Promise<ListedSecret[]> {
  const { listedItems = '', listedId = '', listedTag } = call.config;
  const what = `Listing the secrets of ${call.place.name}`;
  const schema = z.unknown().transform((body, context): ListedSecret[] => {
    const items = pointed(body, listedItems);
    if (!Array.isArray(items)) {
      context.addIssue({ code: 'custom', path: tokensOf(listedItems) });
      return z.NEVER;
    }
    return items.map((item: unknown, index) => {
      const externalId = pointedText(item, listedId) ?? '';
      if (externalId === '')
        context.addIssue({ code: 'custom', path: [...tokensOf(listedItems), index, ...tokensOf(listedId)] });
      const tag = listedTag === undefined ? undefined : pointedText(item, listedTag);
      return { externalId, ...(tag !== undefined && { tag }), createdAt: null, lastUsedAt: null };
    });
  });
  return exchange(call, requestFor(call, 'list'), { ok: SUCCESS, what, schema, repeatable: true });
}

async function readBack(call: HttpIssuerCall, externalId: string): Promise<Fields> {
  const what = `Reading back the secret ${externalId} of ${call.place.name}`;
  const schema = textsAt({ secret: call.config.readSecret });
  const request = requestFor(call, 'readBack', { externalId: idAt(call, externalId) });
  const { secret = '' } = await exchange(call, request, { ok: SUCCESS, what, schema, repeatable: true });
  return fieldsOf(call, new Plaintext(secret));
}
