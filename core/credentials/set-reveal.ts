import { type Actor, auditActor } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import type { Database } from '#lib/db.ts';
import { notFound } from '#lib/problem.ts';

/** Says whether values of a credential may be shown. Where it stands so already nothing is changed or recorded. */
export async function setReveal(db: Database, actor: Actor, id: string, allowed: boolean): Promise<void> {
  await db.prisma.$transaction(async (tx) => {
    const row = await tx.credential.findUnique({ where: { id, archivedAt: null } });
    if (row === null) {
      throw notFound('credential');
    }
    const { count } = await tx.credential.updateMany({
      where: { id, revealAllowed: !allowed },
      data: { revealAllowed: allowed },
    });
    if (count === 1) {
      await record(tx, {
        action: allowed ? 'reveal.allowed' : 'reveal.forbidden',
        actor: auditActor(actor),
        credentialId: id,
        credential: row.name,
      });
    }
  });
}
