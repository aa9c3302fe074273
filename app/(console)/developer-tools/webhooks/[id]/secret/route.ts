import type { NextRequest } from 'next/server';
import { postFromPage } from '#app/_doors/post-from-page.ts';
import { rollWebhookSecret } from '#core/webhooks/roll-webhook-secret.ts';

/** Rolls the signing secret of a webhook endpoint and shows the new one, this once. */
export async function POST(
  request: NextRequest,
  context: RouteContext<'/developer-tools/webhooks/[id]/secret'>,
) {
  const { id: endpointId } = await context.params;
  return postFromPage(request, async (actor, wish: { overlap?: unknown }) => {
    const overlap = wish?.overlap as Parameters<typeof rollWebhookSecret>[1]['overlap'];
    const { secret } = await rollWebhookSecret(actor, { endpointId, overlap });
    return { secret: secret.expose() };
  });
}
