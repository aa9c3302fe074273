import { RequestFailed } from '#demo/consumer/request-failed.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const TIMEOUT_MS = 5000;

export interface SignIn {
  readonly clientId: string;
  readonly clientSecret: Plaintext;
}

/**
 * Asks for a token (RFC 6749 section 4.4, client_secret_basic) and calls the API with it. Throws
 * `RequestFailed`; a refused token request carries the server's own error code, for example
 * `invalid_client`. `signal` ends a request early.
 */
export async function callApi(
  tokenUrl: string,
  apiUrl: string,
  signIn: SignIn,
  signal: AbortSignal,
): Promise<void> {
  const response = await exchange('token', tokenUrl, {
    method: 'POST',
    headers: { authorization: basic(signIn), 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
    signal,
  });
  const answer = await readJson(response);
  if (!response.ok) throw new RequestFailed(errorCode(answer) ?? `token_http_${response.status}`);
  const token = textField(answer, 'access_token');
  if (token === null) throw new RequestFailed('token_answer_unreadable');
  const called = await exchange('api', apiUrl, { headers: { authorization: `Bearer ${token}` }, signal });
  await called.body?.cancel();
  if (!called.ok) throw new RequestFailed(`api_http_${called.status}`);
}

async function exchange(
  name: 'token' | 'api',
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  try {
    const signal = AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    return await fetch(url, { ...init, redirect: 'manual', signal });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new RequestFailed(late ? `${name}_timeout` : `${name}_unreachable`);
  }
}

function basic({ clientId, clientSecret }: SignIn): string {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret.expose())}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function textField(answer: unknown, name: string): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const value = new Map<string, unknown>(Object.entries(answer)).get(name);
  return typeof value === 'string' ? value : null;
}

function errorCode(answer: unknown): string | null {
  const code = textField(answer, 'error');
  return code !== null && /^[a-z_]{1,40}$/.test(code) ? code : null;
}
