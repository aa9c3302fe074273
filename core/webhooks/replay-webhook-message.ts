import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint, requireEnabled } from '#core/webhooks/endpoint-input.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ endpointId: z.uuid(), messageId: z.uuid() });

const detached = () =>
  new Problem(
    409,
    'detached',
    'The event of this message was detached from the audit log, so there is nothing to send again. Nothing was changed.',
  );

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
         where id = ${messageId}::uuid and endpoint_id = ${id}::uuid
           and exists (select from audit_events e where e.id = event_id) returning webhook_id`;
      if (message === undefined) {
        const known = await tx.webhookMessage.count({ where: { id: messageId, endpointId: id } });
        throw known === 0 ? notFound('message') : detached();
      }
      const about = { id, name: endpoint.name, webhookId: message.webhook_id };
      await record(tx, { action: 'webhook_endpoint.replayed', actor: auditActor(actor), ...about });
    }),
);
