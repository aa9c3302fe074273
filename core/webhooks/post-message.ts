import { outside } from '#core/outside/guarded-http.ts';
import { readSecrets } from '#core/webhooks/read-secrets.ts';
import { HttpError } from '#lib/http.ts';
import { secondsFrom } from '#lib/retry-after.ts';
import { signature } from '#lib/standard-webhook.ts';

/** What is sent, as Standard Webhooks has it: what happened, when, and what there is to say of it. */
export interface Message {
  /** The `webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What came of one attempt. `status` is null where there was no answer. */
export type Attempt =
  | { readonly ok: true; readonly status: number }
  | {
      readonly ok: false;
      readonly status: number | null;
      /** A sentence that is safe to show. */
      readonly error: string;
      readonly retryAfterSeconds: number;
    };

function refusal(host: string, status: number): string {
  const answered = `${host} answered ${status}`;
  if (status >= 300 && status < 400) {
    return `${answered}, a redirect, which is not followed. Enter the final address.`;
  }
  if (status === 401 || status === 403) {
    return `${answered}. Check that the receiver has the signing secret that is in use.`;
  }
  return status === 410 ? `${answered}: it says that it is gone.` : `${answered}. It is sent again.`;
}

/**
 * Posts a message once, signed with every secret that is in use. Ten seconds for everything; redirects are not followed, the
 * address passes the guard again when it is connected to, and nothing of the answer but its status is kept.
 */
export async function postMessage(
  { id: endpointId, url }: { readonly id: string; readonly url: string },
  { id, ...content }: Message,
  signal: AbortSignal,
): Promise<Attempt> {
  const secrets = await readSecrets(endpointId);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = JSON.stringify(content);
  const signed = secrets.map((secret) => `v1,${signature(secret, `${id}.${timestamp}.${body}`)}`);
  try {
    const { status, headers } = await outside()
      .http.withSignal(signal)
      .request({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Rekey-Webhooks',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': signed.join(' '),
        },
        body,
      });
    if (status >= 200 && status < 300) {
      return { ok: true, status };
    }
    const retryAfterSeconds = secondsFrom(headers['retry-after'], Date.now()) ?? 0;
    return { ok: false, status, error: refusal(new URL(url).host, status), retryAfterSeconds };
  } catch (error) {
    if (error instanceof HttpError) {
      return { ok: false, status: null, error: error.message, retryAfterSeconds: 0 };
    }
    throw error;
  }
}
