import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint } from '#core/webhooks/endpoint-input.ts';
import { storeSecret } from '#core/webhooks/store-secret.ts';
import { Problem } from '#lib/problem.ts';

const MOST_LIVE = 5;

const overlapSeconds = { now: 0, '1h': 3600, '24h': 86_400, '7d': 7 * 86_400 };

const input = z.object({
  endpointId: z.uuid(),
  /** How long the secrets before go on signing beside the new one. */
  overlap: z.enum(['now', '1h', '24h', '7d']),
});

/**
 * Gives an endpoint another signing secret, answered here and never again. Until the overlap is over, each message carries a
 * signature with every secret, so that a receiver verifies with the one it has. A secret that was to end sooner keeps its time.
 */
export const rollWebhookSecret = useCase(
  { name: 'roll-webhook-secret', may: ['admin'], stepUp: true, scope: 'everything', input },
  ({ actor, db }, { endpointId: id, overlap }) =>
    db.prisma.$transaction(async (tx) => {
      const { name } = await lockEndpoint(tx, id);
      const seconds = overlapSeconds[overlap];
      await tx.$executeRaw`
        delete from webhook_secrets where endpoint_id = ${id}::uuid and ends_at <= rekey_now()`;
      const ended = await tx.$queryRaw<{ live: number; ends: Date }[]>`
        with ended as (
          update webhook_secrets
             set ends_at = least(ends_at, rekey_now() + make_interval(secs => ${seconds}))
           where endpoint_id = ${id}::uuid
          returning 1)
        select count(*)::int as live, rekey_now() + make_interval(secs => ${seconds}) as ends from ended`;
      const { live, ends } = ended[0] ?? { live: 0, ends: new Date() };
      if (seconds > 0 && live >= MOST_LIVE) {
        const sentence = `${live} secrets of ${name} sign already. Wait until one ends, or end them all now with a roll without overlap; nothing was changed.`;
        throw new Problem(409, 'slots_full', sentence);
      }
      const secret = await storeSecret(tx, id);
      const previousEndsAt = ends.toISOString();
      const about = { id, name, previousEndsAt };
      await record(tx, { action: 'webhook_endpoint.secret_rolled', actor: auditActor(actor), ...about });
      return { secret, previousEndsAt };
    }),
);
