import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { rulesOfRow } from '#core/schedule/rules.ts';

/** Every policy, to choose from. */
export const listPolicies = read(
  {
    name: 'list-policies',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async ({ db }) => {
    const rows = await db.prisma.policy.findMany({
      where: { archivedAt: null },
      orderBy: { name: 'asc' },
      include: { _count: { select: { assignments: true } } },
    });
    return rows.map(({ id, name, intervalSeconds, cron, timeZone, graceSeconds, _count, ...row }) => ({
      id,
      name,
      intervalSeconds,
      cron,
      timeZone,
      graceSeconds,
      approvals: row.approvals,
      rules: rulesOfRow(row),
      credentials: _count.assignments,
    }));
  },
);

export type PolicyRow = Awaited<ReturnType<typeof listPolicies>>[number];
