import type { NextRequest } from 'next/server';
import { postFromPage } from '#app/_doors/post-from-page.ts';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';

/** Makes a webhook endpoint. A route and not an action, because its secret is shown once and must be in no page's payload. */
export function POST(request: NextRequest) {
  return postFromPage(request, async (actor, wish) => {
    const { id, secret } = await createWebhookEndpoint(actor, wish);
    return { id, secret: secret.expose() };
  });
}
