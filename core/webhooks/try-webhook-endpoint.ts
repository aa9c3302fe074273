import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { postMessage } from '#core/webhooks/post-message.ts';
import { newId } from '#lib/new-id.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ endpointId: z.uuid() });

const LIMIT_MS = 10_000;

/** Sends one signed message of the type `webhook_endpoint.test` at once, also to an endpoint that is switched off. */
export const tryWebhookEndpoint = useCase(
  { name: 'try-webhook-endpoint', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { endpointId }) => {
    const endpoint = await db.prisma.webhookEndpoint.findUnique({
      where: { id: endpointId },
      select: { id: true, name: true, url: true },
    });
    if (endpoint === null) {
      throw notFound('webhook endpoint');
    }
    const message = {
      id: `msg_${newId()}`,
      type: 'webhook_endpoint.test',
      timestamp: new Date().toISOString(),
      data: { id: endpointId, name: endpoint.name, by: actor.name },
    };
    const attempt = await postMessage(endpoint, message, AbortSignal.timeout(LIMIT_MS));
    return attempt.ok
      ? { ok: true, message: `${endpoint.name} took a test message.` }
      : { ok: false, message: attempt.error.replace(/ It is sent again\.$/, '') };
  },
);
