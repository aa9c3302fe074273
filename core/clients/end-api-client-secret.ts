import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { lockClient, requireUnmanaged } from '#core/clients/client-input.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ clientId: z.uuid(), secretId: z.uuid() });

/**
 * Ends one secret at once. A client is never left with secrets that all end by themselves, or with none: the last one
 * that lasts goes only when the client is revoked, or rotated.
 */
export const endApiClientSecret = useCase(
  { name: 'end-api-client-secret', may: ['admin'], stepUp: true, scope: 'everything', input },
  ({ actor, db }, { clientId, secretId }) =>
    db.prisma.$transaction(async (tx) => {
      const client = await lockClient(tx, clientId);
      requireUnmanaged(client);
      const live = await tx.$queryRaw<{ id: string; hint: string; lasts: boolean }[]>`
        select id, hint, expires_at is null as lasts from api_client_secrets
         where client_id = ${clientId}::uuid and revoked_at is null
           and (expires_at is null or expires_at > rekey_now())`;
      const secret = live.find(({ id }) => id === secretId);
      if (secret === undefined) {
        throw notFound('secret that works');
      }
      if (!live.some(({ id, lasts }) => lasts && id !== secretId)) {
        throw new Problem(
          409,
          'last_secret',
          `…${secret.hint} is the last secret of ${client.name} that does not end by itself. Rotate it, or revoke the client; nothing was changed.`,
        );
      }
      await tx.$executeRaw`
        update api_client_secrets set revoked_at = rekey_now() where id = ${secretId}::uuid`;
      const about = { id: clientId, name: client.name, hint: secret.hint };
      await record(tx, { action: 'api_client.secret_ended', actor: auditActor(actor), ...about });
    }),
);
