import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint } from '#core/webhooks/endpoint-input.ts';
import { switchOff } from '#core/webhooks/switch-off.ts';

const input = z.object({ endpointId: z.uuid() });

/** Switches an endpoint off. What waits for it is not sent, and the events until it is switched on are passed over. */
export const disableWebhookEndpoint = useCase(
  { name: 'disable-webhook-endpoint', may: ['admin'], stepUp: false, scope: 'everything', input },
  ({ actor, db }, { endpointId: id }) =>
    db.prisma.$transaction(async (tx) => {
      const { name, enabled } = await lockEndpoint(tx, id);
      if (enabled) {
        await switchOff(tx, id, null);
        await record(tx, { action: 'webhook_endpoint.disabled', actor: auditActor(actor), id, name });
      }
    }),
);
