import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockClient, requireUnmanaged } from '#core/clients/client-input.ts';
import { newClientSecret } from '#lib/client-secret.ts';
import { Problem } from '#lib/problem.ts';

const MOST_LIVE = 5;

const overlapSeconds = { now: 0, '1h': 3600, '24h': 86_400, '7d': 7 * 86_400 };

const input = z.object({
  clientId: z.uuid(),
  /** How long the secrets before go on working. */
  overlap: z.enum(['now', '1h', '24h', '7d']),
  /** Without an overlap nothing can be reverted, so the client's name is typed. */
  typedName: z.string().optional(),
});

/**
 * Gives an API client another secret, answered here and never again. The ones before end after the overlap; one that
 * was to end sooner keeps its time. With `now` they are refused from the next request on.
 */
export const rotateApiClientSecret = useCase(
  { name: 'rotate-api-client-secret', may: ['admin'], stepUp: true, scope: 'everything', input },
  ({ actor, db }, { clientId, overlap, typedName }) =>
    db.prisma.$transaction(async (tx) => {
      const client = await lockClient(tx, clientId);
      const { name } = client;
      requireUnmanaged(client);
      if (client.has_keys) {
        const message = `${name} signs in with a key of its own and has no secret. Give it another public key instead; nothing was changed.`;
        throw new Problem(409, 'no_secret', message);
      }
      if (overlap === 'now' && typedName?.trim() !== name) {
        const message = `To end the secret of ${name} at once, type its name. Nothing was changed.`;
        throw new Problem(400, 'name_not_typed', message, {}, { typedName: `Type ${name} here.` });
      }
      const seconds = overlapSeconds[overlap];
      const ended = await tx.$queryRaw<{ live: number; ends: Date }[]>`
        with ended as (
          update api_client_secrets
             set expires_at = least(expires_at, rekey_now() + make_interval(secs => ${seconds})),
                 revoked_at = case when ${seconds} = 0 then rekey_now() end
           where client_id = ${clientId}::uuid and revoked_at is null
             and (expires_at is null or expires_at > rekey_now())
          returning 1)
        select count(*)::int as live, rekey_now() + make_interval(secs => ${seconds}) as ends from ended`;
      const { live, ends } = ended[0] ?? { live: 0, ends: new Date() };
      if (seconds > 0 && live >= MOST_LIVE) {
        const message = `${name} has ${live} secrets that work. End one first; nothing was changed.`;
        throw new Problem(409, 'slots_full', message);
      }
      const { secret, hash, hint } = newClientSecret();
      await tx.apiClientSecret.create({ data: { clientId, hash, hint, madeBy: auditActor(actor) } });
      const previousEndsAt = ends.toISOString();
      const about = { id: clientId, name, previousEndsAt };
      await record(tx, { action: 'api_client.secret_issued', actor: auditActor(actor), ...about });
      return { secret, previousEndsAt };
    }),
);
