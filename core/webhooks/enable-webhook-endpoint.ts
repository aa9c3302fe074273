import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint } from '#core/webhooks/endpoint-input.ts';

const input = z.object({ endpointId: z.uuid() });

/** Switches an endpoint on. It is sent the events from now on; those of the time in which it was off can be replayed. */
export const enableWebhookEndpoint = useCase(
  { name: 'enable-webhook-endpoint', may: ['admin'], stepUp: false, scope: 'everything', input },
  ({ actor, db }, { endpointId: id }) =>
    db.prisma.$transaction(async (tx) => {
      const { name, enabled } = await lockEndpoint(tx, id);
      if (enabled) {
        return;
      }
      await tx.$executeRaw`
        update webhook_endpoints
           set enabled = true, failures = 0, failing_since = null, error = null, next_at = rekey_now(),
               replay_since = null, replay_through = null,
               position = coalesce((select max(seq) from audit_leaves), 0)
         where id = ${id}::uuid`;
      await record(tx, { action: 'webhook_endpoint.enabled', actor: auditActor(actor), id, name });
    }),
);
