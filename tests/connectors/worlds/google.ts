import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { Answer, Asked } from './json-api.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A key file as Google gives it. Its key is made for this run. */
export const serviceAccountKey = JSON.stringify({
  type: 'service_account',
  project_id: 'acme',
  private_key_id: 'key-1',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  client_email: 'rekey@acme.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
});

export const accessToken = 'ya29.fake-access-token';

/** The token endpoint of Google: an access token for an assertion that is signed and timely. */
export function googleToken({ text }: Asked): Answer {
  const form = new URLSearchParams(text);
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
    return { status: 400, body: { error: 'unsupported_grant_type' } };
  }
  const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const signed = Buffer.from(`${head}.${claims}`);
  const key = createPublicKey(privateKey);
  const { iss, aud, scope, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const isRight =
    verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url')) &&
    iss === 'rekey@acme.iam.gserviceaccount.com' &&
    aud === 'https://oauth2.googleapis.com/token' &&
    scope === 'https://www.googleapis.com/auth/cloud-platform' &&
    exp > Date.now() / 1000;
  if (!isRight) {
    return { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
  }
  return { status: 200, body: { access_token: accessToken, expires_in: 3599, token_type: 'Bearer' } };
}

/** A refusal as Google's APIs give it (google.rpc.Status). */
export function googleFailure(code: number, status: string, message: string, headers = {}): Answer {
  return { status: code, body: { error: { code, message, status } }, headers };
}
