import { z } from 'zod';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { accept, bodyKind, errorCodeOf, parseJson, retryAfter, send } from '#connectors/exchange.ts';
import type { Http, HttpRequest, HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** A client's sign-in at a token endpoint, the way its own application does it. */
export interface ClientSignIn {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Plaintext;
  /** `basic` is client_secret_basic, `post` is client_secret_post (RFC 6749, 2.3.1). */
  readonly auth: 'basic' | 'post';
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  /** RFC 8707. */
  readonly resource?: string | undefined;
}

/** Errors a server gives only after it has accepted the client's secret (RFC 6749, 5.2; RFC 8707, 2). */
const AFTER_AUTHENTICATION = new Set([
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_target',
]);

/**
 * Signs in with the client credentials grant (RFC 6749, 4.4) and says whether the secret is right. The token
 * is thrown away. Where the answer does not say, it throws `ConnectorError` with one sentence: `later`, or
 * `never` where the address itself is refused. Asking changes nothing, so it may be repeated. `unclear` are the errors that
 * this server also gives without having looked at the secret.
 */
export async function probeClientCredentials(
  call: { readonly http: Http },
  signIn: ClientSignIn,
  unclear: readonly string[] = [],
): Promise<'accepted' | 'rejected'> {
  const request = tokenRequest(signIn);
  const response = await send(call, request, { ok: [], what: 'Asking for a token', repeatable: true });
  return judge(response, signIn.tokenUrl, unclear);
}

/**
 * Asks for a token without any client, to learn whether a token endpoint is there. Succeeds at any JSON
 * refusal; a server that gives a token to nobody in particular is not one that knows secrets.
 */
export async function checkTokenEndpoint(call: { readonly http: Http }, tokenUrl: string): Promise<void> {
  const request = formPost(tokenUrl, {}, { grant_type: 'client_credentials' });
  const response = await send(call, request, {
    ok: [],
    what: 'Looking for the token endpoint',
    repeatable: true,
  });
  if (response.status >= 400 && response.status < 500 && response.status !== 429) {
    if (errorCodeOf(parseJson(response.text)) !== undefined) return;
  }
  throw undecided(response, tokenUrl);
}

const tokenAnswer = z.object({
  access_token: z
    .string()
    .min(1)
    .transform((token) => new Plaintext(token)),
  expires_in: z.number().positive().default(60),
});

/**
 * An access token for an API, by the client credentials grant (RFC 6749, 4.4). It is remembered for as long as it lives,
 * for this configured system. Throws `ConnectorError`: never and permission where the client is refused.
 */
export function accessToken(
  call: Pick<Call<unknown, unknown>, 'http' | 'remember'>,
  signIn: ClientSignIn,
): Promise<Plaintext> {
  return call.remember('access token', async () => {
    const request = tokenRequest(signIn);
    const expectation = {
      ok: [200],
      what: 'Asking for an access token',
      repeatable: true,
      schema: tokenAnswer,
    };
    const response = await send(call, request, expectation);
    if (errorCodeOf(parseJson(response.text)) === 'invalid_client') {
      const sentence = `The token endpoint ${new URL(signIn.tokenUrl).host} refuses the stored client ID and secret (invalid_client). Nothing was changed; enter the right ones.`;
      throw new ConnectorError(sentence, 'never', { because: 'permission' });
    }
    const { access_token: value, expires_in: seconds } = accept(request, response, expectation);
    return { value, seconds };
  });
}

function tokenRequest(signIn: ClientSignIn): HttpRequest {
  const { tokenUrl, clientId, clientSecret, scope, audience, resource } = signIn;
  const form: Record<string, string> = { grant_type: 'client_credentials' };
  if (scope) form.scope = scope;
  if (audience) form.audience = audience;
  if (resource) form.resource = resource;
  if (signIn.auth === 'post') {
    return formPost(tokenUrl, {}, { ...form, client_id: clientId, client_secret: clientSecret.expose() });
  }
  const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret.expose())}`;
  return formPost(tokenUrl, { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, form);
}

function formPost(url: string, headers: Record<string, string>, form: Record<string, string>): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  };
}

/** RFC 6749, appendix B: both halves of a Basic sign-in are form-encoded first. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function judge(
  response: HttpResponse,
  tokenUrl: string,
  unclear: readonly string[],
): 'accepted' | 'rejected' {
  const body = parseJson(response.text);
  if (response.status === 200 && holdsToken(body)) return 'accepted';
  const code = errorCodeOf(body);
  const refused = response.status >= 400 && response.status < 500 && response.status !== 429;
  if (!refused || code === undefined || unclear.includes(code)) throw undecided(response, tokenUrl);
  if (code === 'invalid_client') return 'rejected';
  // Status 401 belongs to failed client authentication alone (RFC 6749, 5.2), and Keycloak answers a wrong
  // secret with 401 and `unauthorized_client`.
  if (code === 'unauthorized_client' && response.status === 401) return 'rejected';
  if (AFTER_AUTHENTICATION.has(code)) return 'accepted';
  throw undecided(response, tokenUrl);
}

function holdsToken(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('access_token' in body)) return false;
  return typeof body.access_token === 'string' && body.access_token !== '';
}

function undecided(response: HttpResponse, tokenUrl: string): ConnectorError {
  const { origin, pathname } = new URL(tokenUrl);
  return new ConnectorError(
    `The token endpoint ${origin}${pathname} ${reason(response)}`,
    'later',
    retryAfter(response),
  );
}

function reason(response: HttpResponse): string {
  const { status } = response;
  if (status === 429) return 'is limiting requests (429): it will be asked again.';
  if (status >= 500) return `answered ${status}: it is out of order, so the secret could not be tried.`;
  if (status >= 300 && status < 400)
    return `answered with a redirect (${status}), which is not followed: check the URL.`;
  const body = parseJson(response.text);
  if (body === undefined) return `answered ${named(bodyKind(response))} instead of JSON: check the URL.`;
  const code = errorCodeOf(body);
  if (code !== undefined)
    return `answered ${status} (${code}), which does not say whether the secret is right.`;
  return `answered ${status} with neither a token nor an error code: check the URL.`;
}

function named(kind: string): string {
  return kind === 'empty' ? 'nothing' : kind;
}
