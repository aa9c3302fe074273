import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireApprovalsKept } from '#core/policies/approvals-kept.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** Takes a credential from its policy: it rotates only when somebody asks for it. */
export const unassignPolicy = useCase(
  {
    name: 'unassign-policy',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ actor, db }, { credentialId }) => {
    await db.prisma.$transaction(async (tx) => {
      const credential = await tx.credential.findUnique({
        where: { id: credentialId, archivedAt: null },
        include: { assignment: { include: { policy: true } } },
      });
      if (credential === null) {
        throw notFound('credential');
      }
      const { assignment, name } = credential;
      if (assignment === null) {
        throw new Problem(409, 'no_policy', `${name} has no policy. Nothing was changed.`);
      }
      requireApprovalsKept(actor, assignment.policy, 0);
      await tx.policyAssignment.deleteMany({ where: { credentialId } });
      await record(tx, {
        action: 'policy.unassigned',
        actor: auditActor(actor),
        credentialId,
        credential: name,
        policy: assignment.policy.name,
      });
    });
  },
);
