import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { refuseInUse } from '#core/access/in-use.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ issuerId: z.uuid() });

/**
 * Takes an issuer that has no credentials away for good: nothing asks it any more, the secrets in its config are erased here, and its
 * name is free. Refused with a `Problem` 409 that names some of its credentials where it has any.
 */
export const archiveIssuer = useCase(
  { name: 'archive-issuer', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { issuerId: id }) => {
    await db.prisma.$transaction(async (tx) => {
      // No credential is imported there meanwhile.
      await tx.$queryRaw`select 1 from issuers where id = ${id}::uuid for update`;
      const row = await tx.issuer.findUnique({ where: { id, archivedAt: null } });
      if (row === null) {
        throw notFound('issuer');
      }
      const { name, kind } = row;
      const credentials = await tx.credential.findMany({
        where: { issuerId: id, archivedAt: null },
        select: { name: true },
        orderBy: { name: 'asc' },
      });
      refuseInUse(
        credentials.map((one) => one.name),
        (names) => `${name} issues ${names}. Nothing was changed. Archive what it issues first.`,
      );
      await tx.$executeRaw`
        update issuers
           set archived_at = rekey_now(), sealed = null, health = 'unknown', failures = 0, probe_at = null, paused_at = null
         where id = ${id}::uuid`;
      await record(tx, { action: 'issuer.archived', actor: auditActor(actor), id, name, kind });
    });
  },
);
