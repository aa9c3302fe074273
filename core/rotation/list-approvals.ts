import { z } from 'zod';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

const requester = z.object({ name: z.string() });

const input = z.object({ environment: z.string().max(200).optional() });

/** The rotations that wait for approvals, in one environment or in all; the oldest first. */
export const listApprovals = read(
  {
    name: 'list-approvals',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { environment }) => {
    const rows = await db.prisma.rotation.findMany({
      where: {
        outcome: null,
        hold: 'approval_pending',
        AND: [
          { credential: credentialsOf(actor) },
          ...(environment === undefined ? [] : [{ credential: { environment } }]),
        ],
      },
      orderBy: { createdAt: 'asc' },
      take: 200,
      include: { credential: true, approvals: true },
    });
    return rows.map((row) => ({
      rotationId: row.id,
      credential: row.credential.name,
      environment: row.credential.environment,
      requestedBy: requester.parse(row.requestedBy).name,
      requestedAt: row.createdAt.toISOString(),
      given: row.approvals.length,
      needed: row.approvalsNeeded,
      until: row.deadline?.toISOString() ?? null,
    }));
  },
);

export type ApprovalRow = Awaited<ReturnType<typeof listApprovals>>[number];
