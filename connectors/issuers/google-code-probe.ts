import { randomBytes } from 'node:crypto';
import { ConnectorError } from '#connectors/contract.ts';
import { bodyKind, errorCodeOf, parseJson, retryAfter, send } from '#connectors/exchange.ts';
import type { Http, HttpRequest, HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

type HttpCall = { readonly http: Http };

/**
 * Says whether a client's secret is right where the client may only exchange authorization codes. A code is sent that
 * was never given: `invalid_client` refuses the secret, `invalid_grant` refuses only the code (RFC 6749, 5.2).
 *
 * Google does not say that it looks at the secret first. So the same is asked with a secret that is surely wrong, and
 * where that is refused in the same way the answer means nothing: `unknown`.
 */
export async function probeWithCode(
  call: HttpCall,
  signInUrl: string,
  clientId: string,
  clientSecret: Plaintext,
): Promise<'accepted' | 'rejected' | 'unknown'> {
  const code = await refusalOf(call, signInUrl, clientId, clientSecret);
  if (code === 'invalid_client') return 'rejected';
  const wrong = new Plaintext(`wrong-${randomBytes(24).toString('base64url')}`);
  return (await refusalOf(call, signInUrl, clientId, wrong)) === 'invalid_client' ? 'accepted' : 'unknown';
}

async function refusalOf(
  call: HttpCall,
  signInUrl: string,
  clientId: string,
  clientSecret: Plaintext,
): Promise<'invalid_client' | 'invalid_grant'> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: `rekey-probe-${randomBytes(12).toString('hex')}`,
    redirect_uri: 'https://localhost/rekey-probe',
  });
  // Google takes the pair as it is, without the form encoding of RFC 6749.
  const pair = Buffer.from(`${clientId}:${clientSecret.expose()}`).toString('base64');
  const request: HttpRequest = {
    method: 'POST',
    url: signInUrl,
    headers: {
      accept: 'application/json',
      authorization: `Basic ${pair}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  };
  const response = await send(call, request, { ok: [], what: 'Trying the secret', repeatable: true });
  const code = errorCodeOf(parseJson(response.text));
  const isRefusal = response.status >= 400 && response.status < 500 && response.status !== 429;
  if (isRefusal && (code === 'invalid_client' || code === 'invalid_grant')) return code;
  throw undecided(response, signInUrl, code);
}

function undecided(response: HttpResponse, signInUrl: string, code: string | undefined): ConnectorError {
  const { origin, pathname } = new URL(signInUrl);
  const said = code === undefined ? bodyKind(response) : code;
  const sentence = `${origin}${pathname} answered ${response.status} (${said}), which does not say whether the secret is right. It is tried again later.`;
  return new ConnectorError(sentence, 'later', retryAfter(response));
}
