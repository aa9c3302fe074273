import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import type { Level } from '#core/outside/levels.ts';
import { rulesOfRow } from '#core/schedule/rules.ts';

/** Every policy, to choose from. */
export const listPolicies = read(
  {
    name: 'list-policies',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: pageInput,
  },
  async ({ actor, db }, page) => {
    const rows = await db.prisma.policy.findMany({
      where: { archivedAt: null, ...afterName(page) },
      orderBy: { name: 'asc' },
      ...atMost(page),
      include: {
        _count: {
          select: { assignments: { where: { credential: { archivedAt: null, ...credentialsOf(actor) } } } },
        },
      },
    });
    return rows.map(({ id, name, intervalSeconds, cron, timeZone, graceSeconds, _count, ...row }) => ({
      id,
      name,
      intervalSeconds,
      cron,
      timeZone,
      graceSeconds,
      graceAfterUseSeconds: row.graceAfterUseSeconds,
      approvals: row.approvals,
      minSpacingSeconds: row.minSpacingSeconds,
      maxAgeSeconds: row.maxAgeSeconds,
      ageBringsForward: row.ageBringsForward,
      renewBeforeSeconds: row.renewBeforeSeconds,
      needs: row.needs as Level | null,
      retryAttempts: row.retryAttempts,
      retrySeconds: row.retrySeconds,
      notifierIds: row.notifierIds,
      rules: rulesOfRow(row),
      enabled: row.enabled,
      credentials: _count.assignments,
    }));
  },
);

export type PolicyRow = Awaited<ReturnType<typeof listPolicies>>[number];
