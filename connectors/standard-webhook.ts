import { secretText } from '#connectors/contract.ts';
import type { HttpRequest } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';
import { signature, signingKey } from '#lib/standard-webhook.ts';

/* Signed messages as Standard Webhooks 1.0 has them. */

/** The config field for the secret that both sides sign with. */
export const signingSecret = secretText()
  .refine(isSigningSecret, 'must be whsec_ followed by 24 to 64 bytes in base64')
  .meta({ title: 'Signing secret', description: 'whsec_ and base64, as Standard Webhooks has it.' });

/** A message of a type, signed. The same `id` for every sending of the same message lets receivers drop it. */
export function signedRequest(
  config: { readonly url: string; readonly signingSecret: Plaintext },
  id: string,
  type: string,
  data: object,
): HttpRequest {
  const now = new Date();
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
  return {
    method: 'POST',
    url: config.url,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature(config.signingSecret, `${id}.${timestamp}.${body}`)}`,
    },
    body,
  };
}

function isSigningSecret(secret: Plaintext): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret.expose())) return false;
  const { length } = signingKey(secret);
  return length >= 24 && length <= 64;
}
