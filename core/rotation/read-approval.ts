import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { standOfApprovals } from '#core/rotation/approvals.ts';
import { blastRadius } from '#core/rotation/blast-radius.ts';
import { makePlan } from '#core/rotation/plan.ts';
import { notFound } from '#lib/problem.ts';

const requester = z.object({ name: z.string() });

/** What an approver reads before they decide: the same plan as the requester, and who has decided already. */
export const readApproval = read(
  {
    name: 'read-approval',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor, db }, { rotationId }) => {
    const row = await db.prisma.rotation.findUnique({
      where: { id: rotationId },
      include: { approvals: { orderBy: { at: 'asc' } } },
    });
    if (row === null) {
      throw notFound('rotation');
    }
    const { credentialId, graceSeconds, graceAfterUseSeconds, reason, ticket } = row;
    const requestedBy = requester.parse(row.requestedBy);
    const plan = await makePlan(db.pool, {
      credentialId,
      graceSeconds,
      graceAfterUseSeconds,
      requester: requestedBy.name,
    });
    return {
      rotationId,
      plan,
      radius: await blastRadius(db, plan),
      requestedBy: requestedBy.name,
      requestedAt: row.createdAt.toISOString(),
      reason,
      ticket,
      waits: row.outcome === null && row.hold === 'approval_pending',
      ...(await standOfApprovals(db, actor, row)),
    };
  },
);

export type ApprovalView = Awaited<ReturnType<typeof readApproval>>;
