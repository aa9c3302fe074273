import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  policyId: z.uuid(),
  /** How many credentials were told to lose it. */
  credentials: z.int().min(0),
});

/**
 * Takes a policy away for good, from all credentials that have it: they rotate only when somebody asks. Refused where it has
 * others than those that were told.
 */
export const archivePolicy = useCase(
  { name: 'archive-policy', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { policyId: id, credentials: told }) => {
    await db.prisma.$transaction(async (tx) => {
      // Nobody gives it to a credential meanwhile.
      await tx.$queryRaw`select 1 from policies where id = ${id}::uuid for update`;
      const policy = await tx.policy.findUnique({
        where: { id, archivedAt: null },
        include: {
          assignments: {
            where: { credential: { archivedAt: null } },
            include: { credential: { select: { name: true } } },
          },
        },
      });
      if (policy === null) {
        throw notFound('policy');
      }
      const { assignments, name } = policy;
      if (assignments.length !== told) {
        throw new Problem(
          409,
          'others_now',
          `${assignments.length} credentials have the policy ${name} now, and ${told} had it when you looked. Look again, then decide. Nothing was changed.`,
        );
      }
      await tx.policyAssignment.deleteMany({ where: { policyId: id } });
      await tx.$executeRaw`
        update policies set archived_at = rekey_now(), enabled = false where id = ${id}::uuid`;
      for (const { credentialId, credential } of assignments) {
        await record(tx, {
          action: 'policy.unassigned',
          actor: auditActor(actor),
          credentialId,
          credential: credential.name,
          policy: name,
        });
      }
      await record(tx, {
        action: 'policy.archived',
        actor: auditActor(actor),
        id,
        name,
        credentials: assignments.length,
      });
    });
  },
);
