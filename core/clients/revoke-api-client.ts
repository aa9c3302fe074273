import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockClient } from '#core/clients/client-input.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  clientId: z.uuid(),
  /** It cannot be undone, so the client's name is typed. */
  typedName: z.string(),
  reason: z.string().trim().max(500).optional(),
});

/** Ends an API client for good: its secrets and the access tokens that are out are refused from the next request on. */
export const revokeApiClient = useCase(
  { name: 'revoke-api-client', may: ['admin'], stepUp: true, scope: 'everything', input },
  ({ actor, db }, { clientId, typedName, reason }) =>
    db.prisma.$transaction(async (tx) => {
      const { name } = await lockClient(tx, clientId);
      if (typedName.trim() !== name) {
        const message = `To revoke ${name}, type its name. Nothing was changed.`;
        throw new Problem(400, 'name_not_typed', message, {}, { typedName: `Type ${name} here.` });
      }
      await tx.$executeRaw`update api_clients set revoked_at = rekey_now() where id = ${clientId}::uuid`;
      await tx.$executeRaw`
        update api_client_secrets set revoked_at = rekey_now()
         where client_id = ${clientId}::uuid and revoked_at is null`;
      const why = reason === undefined || reason === '' ? {} : { reason };
      const about = { id: clientId, name, ...why };
      await record(tx, { action: 'api_client.revoked', actor: auditActor(actor), ...about });
    }),
);
