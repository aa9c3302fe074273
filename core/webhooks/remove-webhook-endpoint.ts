import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint } from '#core/webhooks/endpoint-input.ts';

const input = z.object({ endpointId: z.uuid() });

/** Takes an endpoint away, with its secrets and its messages. The audit log keeps the events. */
export const removeWebhookEndpoint = useCase(
  { name: 'remove-webhook-endpoint', may: ['admin'], stepUp: false, scope: 'everything', input },
  ({ actor, db }, { endpointId: id }) =>
    db.prisma.$transaction(async (tx) => {
      const { name } = await lockEndpoint(tx, id);
      await tx.webhookEndpoint.delete({ where: { id } });
      await record(tx, { action: 'webhook_endpoint.removed', actor: auditActor(actor), id, name });
    }),
);
