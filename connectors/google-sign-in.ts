import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, errorCodeOf, exchange, parseJson, send } from '#connectors/exchange.ts';
import type { HttpRequest, HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const keyFile = z.object({
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
  private_key_id: z.string().optional(),
  token_uri: z.url().optional(),
  project_id: z.string().optional(),
});

/** How a connector signs in to Google Cloud. */
export const googleFields = {
  serviceAccountKey: secretText()
    .refine(
      (text) => keyFile.safeParse(parseJson(text.expose())).success,
      'must be a key file of a service account, in JSON',
    )
    .meta({ title: 'Key of the service account', description: 'The whole JSON file that Google gave you.' }),
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://oauth2.googleapis.com/token')
    .meta({
      title: 'Token endpoint',
      description: 'Google’s own, unless you go through a proxy.',
      rare: true,
    }),
};

interface GoogleConfig {
  readonly serviceAccountKey: Plaintext;
  readonly tokenUrl: string;
}

export type GoogleCall = Pick<Call<GoogleConfig, unknown>, 'config' | 'http' | 'remember'>;

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const tokenAnswer = z.object({
  access_token: z
    .string()
    .min(1)
    .transform((token) => new Plaintext(token)),
  expires_in: z.number().positive(),
});
const failure = z.object({ error: z.object({ status: z.string().regex(/^[A-Z_]{1,40}$/) }) });

/** A request of a Google API, with an access token for the service account that is stored. */
export async function googleRequest(
  call: GoogleCall,
  method: HttpRequest['method'],
  baseUrl: string,
  path: string,
  body?: object,
): Promise<HttpRequest> {
  const token = await call.remember('access token', () => signIn(call));
  return {
    method,
    url: addressOf(baseUrl, path),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.expose()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

/** The canonical status of a refusal (google.rpc.Code), such as `FAILED_PRECONDITION`. */
export function googleStatus(response: HttpResponse): string | undefined {
  const answer = failure.safeParse(parseJson(response.text));
  return answer.success ? answer.data.error.status : undefined;
}

/** The project that a service account belongs to. */
export function projectOf(serviceAccountKey: Plaintext): string {
  const { project_id: project } = keyFile.parse(parseJson(serviceAccountKey.expose()));
  if (project !== undefined) return project;
  throw new ConnectorError(
    'The stored key file names no project. Enter the file as Google gave it.',
    'never',
  );
}

const permitted = z.object({ permissions: z.array(z.string()).default([]) });

/** Throws a sentence that names every permission which the service account lacks on a resource. */
export async function mustBePermitted(
  call: GoogleCall,
  baseUrl: string,
  resource: string,
  permissions: readonly string[],
): Promise<void> {
  const path = `/v1/${resource}:testIamPermissions`;
  const request = await googleRequest(call, 'POST', baseUrl, path, { permissions });
  const what = 'Asking what the service account may do';
  const expectation = { ok: [200], schema: permitted, what, repeatable: true };
  const granted = (await exchange(call, request, expectation)).permissions;
  const missing = permissions.filter((one) => !granted.includes(one));
  if (missing.length === 0) return;
  const list = missing.map((one) => `\`${one}\``).join(', ');
  const sentence = `The service account lacks ${list} on ${resource}, or there is no such resource. Grant it a role with these permissions.`;
  throw new ConnectorError(sentence, 'never', { because: 'permission' });
}

/** RFC 7523: an assertion signed with the key of the service account is exchanged for an access token. */
async function signIn(call: GoogleCall): Promise<{ value: Plaintext; seconds: number }> {
  const key = keyFile.parse(parseJson(call.config.serviceAccountKey.expose()));
  const { tokenUrl } = call.config;
  const form = new URLSearchParams({
    grant_type: JWT_BEARER,
    assertion: await assertionOf(key, tokenUrl),
  });
  const request: HttpRequest = {
    method: 'POST',
    url: tokenUrl,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  };
  const what = 'Signing in as the service account';
  const expectation = { ok: [200], schema: tokenAnswer, what, repeatable: true };
  const response = await send(call, request, expectation);
  // A key that was deleted or disabled is answered with 400 and `invalid_grant`.
  const code = errorCodeOf(parseJson(response.text));
  if (code === 'invalid_grant' || code === 'invalid_client') {
    const sentence = `${new URL(tokenUrl).host} refuses the stored key of the service account (${code}). Nothing was changed; enter a key that is enabled, and check the clock of this machine.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  const { access_token: value, expires_in: seconds } = accept(request, response, expectation);
  return { value, seconds };
}

async function assertionOf(key: z.output<typeof keyFile>, tokenUrl: string): Promise<string> {
  const signer = await importPKCS8(key.private_key, 'RS256').catch(() => {
    const sentence =
      'The private key in the stored key file cannot be read. Enter the file as Google gave it.';
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  });
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(key.private_key_id && { kid: key.private_key_id }) })
    .setIssuer(key.client_email)
    .setAudience(key.token_uri ?? tokenUrl)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(signer);
}
