import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ findingId: z.uuid(), reason });

/**
 * Leaves a finding as it is, with a reason. Nothing outside is touched. It is told of again when the comparison finds
 * something else in the same place.
 */
export const ignoreFinding = useCase(
  { name: 'ignore-finding', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { findingId: id, reason: why }) => {
    const ignoredAt = await databaseTime();
    await db.prisma.$transaction(async (tx) => {
      const row = await tx.finding.findUnique({
        where: { id, credential: { archivedAt: null } },
        include: { credential: true },
      });
      if (row === null) {
        throw notFound('finding');
      }
      const { count } = await tx.finding.updateMany({
        where: { id, clearedAt: null, ignoredAt: null },
        data: { ignoredAt, ignoredBy: actor.name, ignoredBecause: why },
      });
      if (count === 0) {
        throw new Problem(
          409,
          'finding_closed',
          'Somebody has dealt with this finding already. Reload the page to see how it stands; nothing was changed.',
        );
      }
      await record(tx, {
        action: 'drift.ignored',
        credentialId: row.credentialId,
        credential: row.credential.name,
        detail: row.detail,
        actor: auditActor(actor),
        reason: why,
      });
    });
  },
);
