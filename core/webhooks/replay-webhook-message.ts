import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint, requireEnabled } from '#core/webhooks/endpoint-input.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ endpointId: z.uuid(), messageId: z.uuid() });

/** Has one message sent again at once, with the same `webhook-id`, from its first attempt on. */
export const replayWebhookMessage = useCase(
  { name: 'replay-webhook-message', may: ['admin'], stepUp: false, scope: 'everything', input },
  ({ actor, db }, { endpointId: id, messageId }) =>
    db.prisma.$transaction(async (tx) => {
      const endpoint = await lockEndpoint(tx, id);
      requireEnabled(endpoint);
      const [message] = await tx.$queryRaw<{ webhook_id: string }[]>`
        update webhook_messages
           set attempts = 0, replays = replays + 1, next_at = date_trunc('milliseconds', rekey_now()),
               sent_at = null, status = null, error = null
         where id = ${messageId}::uuid and endpoint_id = ${id}::uuid returning webhook_id`;
      if (message === undefined) {
        throw notFound('message');
      }
      const about = { id, name: endpoint.name, webhookId: message.webhook_id };
      await record(tx, { action: 'webhook_endpoint.replayed', actor: auditActor(actor), ...about });
    }),
);
