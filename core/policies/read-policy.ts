import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { rulesOfRow } from '#core/schedule/rules.ts';
import { notFound } from '#lib/problem.ts';

/** One policy, with the version that a change of it can be made on the ground of. */
export const readPolicy = read(
  {
    name: 'read-policy',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({ policyId: z.uuid() }),
  },
  async ({ db }, { policyId }) => {
    const row = await db.prisma.policy.findUnique({ where: { id: policyId, archivedAt: null } });
    if (row === null) {
      throw notFound('policy');
    }
    const { id, name, version, intervalSeconds, cron, timeZone, graceSeconds, approvals } = row;
    return {
      id,
      name,
      version,
      intervalSeconds,
      cron,
      timeZone,
      graceSeconds,
      approvals,
      rules: rulesOfRow(row),
    };
  },
);
